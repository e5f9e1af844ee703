"""However long clients come and go: the server needs no more memory, descriptors and threads for it."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..bench import folders, processes
from ..running import Server, poll
from .soaking import Churn

PAGE = f"/f/{folders.SLUG}"
CLIENTS = 8
FEW_MORE = 3  # descriptors, as the database's pool may grow by a connection, and threads
LOOKS = 10  # lines that tell how it goes
WARMED_UP = 600  # clients, after which as many are connected at a time as ever will be
MOST_SECONDS = 90.0  # for them to have come, on a machine that is busy


@dataclass(frozen=True)
class Use:
    """What the server has while nobody is connected."""

    memory: int  # bytes
    descriptors: int
    threads: int

    @classmethod
    def of(cls, server: Server) -> Use:
        number = server.process.pid
        memory = processes.memory(number)
        descriptors, threads = processes.descriptors(number), processes.threads(number)
        assert memory is not None
        assert descriptors is not None
        assert threads is not None
        return cls(memory.unique, descriptors, threads)

    def __str__(self) -> str:
        megabytes = self.memory / 1e6
        return f"{megabytes:.1f} MB, {self.descriptors} descriptors, {self.threads} threads"


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell what a process uses")
@pytest.mark.parametrize(
    ("warm_up", "seconds", "growth"),
    [
        pytest.param(3.0, 5.0, 8e6, id="short"),
        pytest.param(
            60.0, 600.0, 8e6, id="long", marks=[pytest.mark.slow, pytest.mark.timeout(900)]
        ),
    ],
)
def test_nothing_grows(tmp_path: Path, warm_up: float, seconds: float, growth: float) -> None:
    """`growth` is in bytes."""
    folders.make(tmp_path, 1)
    with Server(data=tmp_path) as server:
        churn = Churn(server.port, PAGE)
        sockets = processes.sockets(server.process.pid) or 0
        _go_on(churn, server, warm_up, WARMED_UP)
        before = _when_quiet(server, sockets)
        _go_on(churn, server, seconds)
        after = _when_quiet(server, sockets)
        print(f"before: {before}\nafter: {after}\n{dict(churn.done)}")
        assert "Traceback" not in server.output, server.output
    assert set(churn.done) == churn.names
    assert after.descriptors <= before.descriptors + FEW_MORE, (before, after)
    assert after.threads <= before.threads + FEW_MORE, (before, after)
    assert after.memory - before.memory < growth, (before, after)
    assert not list((tmp_path / "incoming").iterdir())


def _go_on(churn: Churn, server: Server, seconds: float, clients: int = 0) -> None:
    """For so long, and until so many have come."""
    with churn.running(CLIENTS):
        last = time.monotonic() + MOST_SECONDS
        for _ in range(LOOKS):
            ends_at = time.monotonic() + seconds / LOOKS
            while time.monotonic() < ends_at and not churn.errors:
                time.sleep(0.05)
            print(f"{Use.of(server)}; {churn.done.total()} clients", flush=True)
        while churn.done.total() < clients and time.monotonic() < last and not churn.errors:
            time.sleep(0.05)


def _when_quiet(server: Server, sockets: int) -> Use:
    """What it has once it has noticed that all are gone."""
    number = server.process.pid
    poll(
        lambda: (processes.sockets(number) or 0) <= sockets,
        f"no more than {sockets} sockets; now {processes.sockets(number)}",
    )
    return Use.of(server)
