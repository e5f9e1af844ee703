"""How fast files come in, beside programs that are made for it; and in how much memory."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ..running import Server
from ..uploads.sending import import_forms
from . import peers, processes, uploadserver
from .peers import Copyparty
from .plan import Plan
from .sending import Sender, Source, sender
from .tables import Row
from .uploading import (
    COMPARED,
    FORM,
    PIECE,
    SMALL,
    Side,
    by_form,
    by_tus,
    of_copyparty,
    of_intray,
    of_uploadserver,
)

ABOUT = """\
Files sent to serve.py and to other programs over loopback, from the system's memory: one large file, and
many of 1 KiB one after the other. Rounds alternate. Intray gets the large file by tus in one PATCH, by tus
in pieces of 16 MiB, each verified by its CRC-32, and as multipart/form-data, as a browser without JavaScript
hands it in; copyparty by PUT and by its multipart POST, uploadserver by its own. Intray has a file on the
disk, by fsync, before it says that it is whole; the others do not. `MB per second` is until the answer to the
last byte, `until verified` until the SHA-256 is known as well (10^6 bytes, medians of the rounds); the ratio,
until verified, is the median of the rounds' ratios to copyparty's PUT; `answered` that until the answer.
cpu is the server's processor time for a gigabyte. `SHA-256 alone` is this program hashing the file, without
a server: the most that can be had until it is verified. Aim: a large file at 1.3 times copyparty's rate."""

MEMORY_ABOUT = """\
The server's memory (resident, 10^6 bytes) before a file comes in by tus in one PATCH, or as
multipart/form-data, and at its highest meanwhile. Aim: at most 30 above, however large the file is."""


@dataclass(frozen=True)
class Sent:
    """What one round took, in seconds."""

    answered: float
    verified: float
    cpu: float | None


def measure(folder: Path, plan: Plan) -> list[Row]:
    """A row for each way to send a large file, and for each to send many small ones."""
    large = Source.make(folder / "large", plan.upload_bytes)
    small = Source.make(folder / "small", SMALL)
    with ExitStack() as stack:
        ours = stack.enter_context(_intray(folder / "data"))
        one, many = of_intray(ours, large, plan.upload_files)
        if peers.copyparty() is None:
            print(peers.HOW_TO)
        else:
            theirs = stack.enter_context(Copyparty(_made(folder / "copyparty")))
            for sides, peer in zip(
                (one, many), of_copyparty(theirs, plan.upload_files), strict=True
            ):
                sides += peer
        if uploadserver.command() is not None:
            other = stack.enter_context(uploadserver.uploadserver(_made(folder / "uploadserver")))
            one += of_uploadserver(other)
        rows = _measure("one file", one, large, large.size, plan)
        rows += _measure("small files", many, small, SMALL * plan.upload_files, plan)
    return rows


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _intray(data: Path) -> Server:
    import_forms(data, FORM)
    return Server(data=data)


def _measure(what: str, sides: Sequence[Side], source: Source, size: int, plan: Plan) -> list[Row]:
    rounds: dict[str, list[Sent]] = {side.name: [] for side in sides}
    for number in range(plan.rounds):
        for side in sides if number % 2 else reversed(sides):
            rounds[side.name].append(_send(side, source))
            _remove_copies(source)
    compared = next((rounds[side.name] for side in sides if side.name == COMPARED), None)
    return [_row(what, side.name, rounds[side.name], compared, size) for side in sides]


def _remove_copies(source: Source) -> None:
    """What the servers have made of the file, or it would take a lot of room in the end."""
    for path in source.path.parent.rglob("*"):
        if path != source.path and path.is_file() and path.stat().st_size == source.size:
            path.unlink()


def _send(side: Side, source: Source) -> Sent:
    before = processes.processor_seconds(side.process_id)
    with sender(side.port) as connection:
        started = time.perf_counter()
        wait = side.send(connection, source)
        answered = time.perf_counter() - started
        wait()
        verified = time.perf_counter() - started
    after = processes.processor_seconds(side.process_id)
    return Sent(answered, verified, None if before is None or after is None else after - before)


def _row(
    what: str, name: str, own: Sequence[Sent], compared: Sequence[Sent] | None, size: int
) -> Row:
    used = [each.cpu for each in own if each.cpu is not None]
    pairs = list(zip(own, compared or own, strict=True))
    return {
        "what": what,
        "how": name,
        "MB": size / 1e6,
        "MB per second": median(size / each.answered for each in own) / 1e6,
        "until verified": median(size / each.verified for each in own) / 1e6,
        "answered": median(theirs.answered / one.answered for one, theirs in pairs),
        "ratio": median(theirs.verified / one.verified for one, theirs in pairs),
        "cpu s per GB": sum(used) / len(used) / size * 1e9 if used else None,
    }


def measure_memory(folder: Path, plan: Plan) -> list[Row]:
    """A row for each size and way."""
    ways: dict[str, Callable[[Sender, Source], Callable[[], None]]] = {
        "tus": by_tus,
        "form": by_form,
    }
    rows = []
    for size in plan.memory_bytes:
        source = Source.hole(folder / "hole", size)
        for how, send in ways.items():
            with _intray(folder / f"memory-{size}-{how}") as server:
                rows.append(_memory(server, how, send, source))
            shutil.rmtree(folder / f"memory-{size}-{how}")
    return rows


def _memory(
    server: Server,
    how: str,
    send: Callable[[Sender, Source], Callable[[], None]],
    source: Source,
) -> Row:
    small = Source.make(source.path.with_name("first"), PIECE)
    with sender(server.port) as connection:
        send(connection, small)()  # what is read and made once
        before = processes.memory(server.process.pid)
        processes.forget_highest_memory(server.process.pid)
        send(connection, source)()
        highest = processes.highest_memory(server.process.pid)
    return {
        "how": how,
        "MB": source.size / 1e6,
        "resident MB before": None if before is None else before.resident / 1e6,
        "highest resident MB": None if highest is None else highest / 1e6,
    }
