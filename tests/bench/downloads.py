"""How fast files leave: a part of a large one, and ZIPs, beside copyparty."""

from __future__ import annotations

import http.client
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from urllib.parse import quote

from ..conftest import import_text
from ..desk import Desk, add_user
from ..forms_in_toml import HOMEWORK
from ..running import Server
from ..submissions.handing_in import hand_in
from ..visitor import over_http
from . import peers, processes
from .folders import application
from .peers import Copyparty
from .plan import Plan
from .tables import Row

EMAIL = "owner@example.org"
FORMS = "large", "small"  # by their slugs and titles
LARGE = 4  # files of a submission
EACH = 20  # small files of a submission
SMALL = 1024  # bytes
CHUNK = 2**20

ABOUT = """\
Intray (serve.py) and copyparty give out the same files, which the system has in memory, over loopback to a
client that keeps nothing; rounds alternate. A part of a large file is all but its first byte. The ZIPs are of
a submission with four large files, and of a form with many of 1 KiB; copyparty's are those of `?zip` on the
same folders. MB are 10^6 bytes; the figures are the median of the rounds, the ratio that of the rounds'
ratios. cpu is the server's processor time for a gigabyte, memory its highest so far."""


@dataclass(frozen=True)
class Fetched:
    """One download."""

    size: int  # bytes
    seconds: float
    cpu_seconds: float | None

    @property
    def per_second(self) -> float:
        """10^6 bytes."""
        return self.size / self.seconds / 1e6


@dataclass(frozen=True)
class Side:
    """A server, and how it is asked."""

    name: str
    port: int
    process_id: int
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Kind:
    """What is fetched: from Intray, and from copyparty."""

    name: str
    ours: str
    theirs: str
    is_part: bool = False

    def fetch(self, side: Side) -> Fetched:
        path = self.ours if side.name == "Intray" else self.theirs
        part = {"Range": "bytes=1-"} if self.is_part else {}
        before = processes.processor_seconds(side.process_id)
        started = time.perf_counter()
        size = _fetch(side.port, path, {**side.headers, **part})
        seconds = time.perf_counter() - started
        after = processes.processor_seconds(side.process_id)
        used = None if before is None or after is None else after - before
        return Fetched(size, seconds, used)


def _fetch(port: int, path: str, headers: Mapping[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    buffer, size = bytearray(CHUNK), 0
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        assert answer.status in (200, 206), answer.read()
        while count := answer.readinto(buffer):
            size += count
    finally:
        connection.close()
    return size


def measure(data: Path, plan: Plan) -> list[Row]:
    """Two rows for each kind of download, or one where copyparty is not there."""
    kinds = _fill(data, plan)
    with ExitStack() as stack:
        server = stack.enter_context(Server(data=data))
        desk = Desk(over_http(server.url))
        assert desk.sign_in(EMAIL).status == 303
        kinds[0] = _of_first_file(kinds[0], desk)
        sides = [Side("Intray", server.port, server.process.pid, {"Cookie": desk.cookie})]
        if peers.copyparty() is None:
            print(peers.HOW_TO)
        else:
            peer = stack.enter_context(Copyparty(data / "files"))
            sides.append(Side("copyparty", peer.port, peer.process_id, {}))
        return [row for kind in kinds for row in _measure(kind, sides, plan)]


def _of_first_file(kind: Kind, desk: Desk) -> Kind:
    found = re.search(r'href="([^"]+/files/[^"]+)" download', desk.open(kind.ours).text)
    assert found is not None
    return replace(kind, ours=found[1])


def _measure(kind: Kind, sides: Sequence[Side], plan: Plan) -> Iterator[Row]:
    rounds: dict[str, list[Fetched]] = {side.name: [] for side in sides}
    for side in sides:
        kind.fetch(side)  # so that the files are in memory
    for number in range(plan.rounds):
        for side in sides if number % 2 else reversed(sides):
            rounds[side.name].append(kind.fetch(side))
    for side in sides:
        row = _row(kind, side, rounds[side.name])
        if len(sides) > 1:
            pairs = zip(rounds[side.name], rounds[sides[-1].name], strict=True)
            row["to copyparty"] = median(one.per_second / other.per_second for one, other in pairs)
        yield row


def _row(kind: Kind, side: Side, own: Sequence[Fetched]) -> Row:
    size = own[0].size
    used = [each.cpu_seconds for each in own if each.cpu_seconds is not None]
    highest = processes.highest_memory(side.process_id)
    return {
        "download": kind.name,
        "server": side.name,
        "MB": size / 1e6,
        "MB per second": median(each.per_second for each in own),
        "cpu s per GB": sum(used) / len(used) / size * 1e9 if used else None,
        "highest resident MB": None if highest is None else highest / 1e6,
    }


def _fill(data: Path, plan: Plan) -> list[Kind]:
    """A form with a submission of large files, and one with many small ones."""
    with application(data) as app:
        add_user(app, "owner", EMAIL)
        forms = [import_text(app, _form(slug)) for slug in FORMS]
        large = [(f"{number}.bin", b"") for number in range(LARGE)]
        one = hand_in(app, forms[0], {"name": "Ann"}, large)
        small = [(f"{number}.bin", os.urandom(SMALL)) for number in range(EACH)]
        for _ in range(plan.small_files // EACH):
            hand_in(app, forms[1], {"name": "Ann"}, small)
    files = sorted((data / "files" / "large").rglob("*.bin"))
    for file in files:
        _make_large(file, plan.large_bytes)
    inbox = f"/desk/forms/large/submissions/{one.reference}"
    theirs = "/" + quote(files[0].parent.relative_to(data / "files").as_posix())
    return [
        Kind("part of a file", inbox, f"{theirs}/{files[0].name}", is_part=True),
        Kind("ZIP, large files", f"{inbox}/files.zip", f"{theirs}/?zip"),
        Kind("ZIP, small files", "/desk/forms/small/files.zip", "/small/?zip"),
    ]


def _form(slug: str) -> str:
    text = HOMEWORK.replace("homework-3", slug).replace("Homework 3", slug)
    return text.replace('accept = [".pdf", ".docx"]\n', "").replace(
        "max_files = 3", "max_files = 99"
    )


def _make_large(file: Path, size: int) -> None:
    piece = os.urandom(CHUNK)
    with file.open("wb") as opened:
        for _ in range(0, size, CHUNK):
            opened.write(piece)
