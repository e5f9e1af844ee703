"""How `serve.py` does beside the servers that people would take in its place, with few connections and with
thousands, busy and idle."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from webapp.serving.capacity import most_connections

from ..running import Server
from . import folders, load, processes, servers
from .crowd import Crowd
from .load import Sample, joined
from .plan import Plan
from .requests import PATH
from .servers import BARE, INTRAY, OURS, Application
from .tables import Row

INDEX = "/index"
PAGES = {
    INTRAY: {"Intray, /index": INDEX, "Intray, a form": PATH},
    BARE: {"bare WSGI": INDEX},
}
BESIDE_IDLE = 8  # connections that ask, beside those that do not
WARM_UP = 100  # requests
FINE = "all answered"

ABOUT = """\
The same application under serve.py and under other servers, each with as many processes and 8 threads in
each (stock Waitress has one process): /index and the page of a form of Intray itself, and a WSGI application
that does nothing. Each connection stays open, has one request under way at a time, and each request is
answered; where one is not, the peer's line says why. Rounds go through all servers in turn; where pages are
slow there are fewer. "ours : its" are medians of the rounds' ratios: of requests per second more than 1 is
better for us, of p99 less than 1. cpu is the server's processor time for a request. client is how busy the
client was, 0 to 1: near 1 the figures are the client's."""
IDLE_ABOUT = """\
/index of Intray on 8 connections, beside idle ones which have been answered once and stay open; one process.
Each server runs twice, with idle connections and without, and rounds go through all in turn. "to none" is
requests per second beside the idle ones to those without; KB are memory for each idle connection."""


@dataclass
class Series:
    """What was seen of one server, until it failed."""

    name: str
    server: Server
    samples: list[Sample] = field(default_factory=list)
    cpu_seconds: float = 0.0
    failure: str = ""

    def go(self, path: str, connections: int, seconds: float) -> None:
        """One round."""
        with self.may_fail():
            before = self._cpu_seconds()
            sample = _run(self.server, path, connections, seconds)
            self.cpu_seconds += self._cpu_seconds() - before
            self.samples.append(sample)

    @contextmanager
    def may_fail(self) -> Iterator[None]:
        """A peer that answers wrongly, or not, has failed. Raises LoadError and OSError where we do."""
        try:
            yield
        except (load.LoadError, OSError) as wrong:
            if self.name == OURS:
                wrong.add_note(f"{OURS} printed:\n{self.server.output}")
                raise
            self.failure = " ".join(str(wrong).split())[:100]

    def memory(self) -> int | None:
        """Bytes that are its own."""
        found = processes.memory(self.server.process.pid)
        return None if found is None else found.unique

    def _cpu_seconds(self) -> float:
        return processes.processor_seconds(self.server.process.pid) or 0.0


def measure(folder: Path, plan: Plan) -> list[Row]:
    """A row for each application, number of processes, number of connections, and server."""
    most = most_connections()  # raises the limit of descriptors, also for the servers
    rows = []
    for number in plan.processes:
        for application, pages in PAGES.items():
            with _running(application, number, folder / f"{application.module}-{number}") as there:
                for what, path in pages.items():
                    for connections in filter(most.__ge__, plan.connections):
                        row: Row = {"what": what, "processes": number, "connections": connections}
                        found = _go(there, path, connections, plan)
                        rows += [{**row, **_figures(one, found[0])} for one in found]
    return rows


def measure_idle(folder: Path, plan: Plan) -> list[Row]:
    """A row for each number of idle connections, and server."""
    most = most_connections() - BESIDE_IDLE
    with ExitStack() as stack:
        alone = stack.enter_context(_running(INTRAY, 1, folder / "alone"))
        beside = stack.enter_context(_running(INTRAY, 1, folder / "beside"))
        return [
            row for idle in plan.idle if idle <= most for row in _beside(idle, alone, beside, plan)
        ]


@contextmanager
def _running(application: Application, number: int, folder: Path) -> Iterator[Mapping[str, Server]]:
    """All servers with the application, each with a data folder of its own."""
    folders.make(folder / "made", 1)
    with ExitStack() as stack:
        there = {}
        for name in servers.names(number):
            data = folder / name
            shutil.copytree(folder / "made", data)
            server = servers.server(name, application, number, data, INDEX)
            there[name] = stack.enter_context(server)
            for path in PAGES[application].values():
                load.collect(server.port, load.request("GET", path), WARM_UP)
        yield there


def _go(there: Mapping[str, Server], path: str, connections: int, plan: Plan) -> list[Series]:
    found = [Series(name, server) for name, server in there.items()]
    _rounds(found, plan, lambda one: one.go(path, connections, plan.seconds))
    return found


def _rounds(found: Sequence[Series], plan: Plan, go: Callable[[Series], None]) -> None:
    ends_at = time.monotonic() + plan.cell_seconds
    for number in range(plan.rounds):
        for one in found if number % 2 else reversed(found):
            if not one.failure:
                go(one)
        if time.monotonic() >= ends_at:
            return


def _run(server: Server, path: str, connections: int, seconds: float) -> Sample:
    requests = itertools.repeat(load.request("GET", path))
    return load.run(server.port, requests, connections=connections, status=200, seconds=seconds)


def _figures(series: Series, ours: Series) -> Row:
    names = [
        *("per second", "p50 ms", "p99 ms", "cpu ms"),
        *("per second, ours : its", "p99, ours : its", "client"),
    ]
    figures: Sequence[float | None] = (None,) * len(names)
    if series.samples:
        whole = joined(series.samples)
        figures = (
            median(sample.per_second for sample in series.samples),
            1000 * whole.percentile(50),
            1000 * whole.percentile(99),
            1000 * series.cpu_seconds / len(whole.latencies),
            *_ratios(series, ours),
            whole.client_share,
        )
    return {
        "server": series.name,
        **dict(zip(names, figures, strict=True)),
        "rounds": len(series.samples),
        "seen": series.failure or FINE,
    }


def _ratios(series: Series, ours: Series) -> tuple[float, float]:
    rounds = list(zip(ours.samples, series.samples, strict=False))  # until it failed
    return (
        median(own.per_second / its.per_second for own, its in rounds),
        median(own.percentile(99) / its.percentile(99) for own, its in rounds),
    )


# --- idle connections


def _beside(
    idle: int, alone: Mapping[str, Server], beside: Mapping[str, Server], plan: Plan
) -> list[Row]:
    without = [Series(name, server) for name, server in alone.items()]
    loaded = [Series(name, server) for name, server in beside.items()]
    with ExitStack() as stack:
        crowds: dict[str, Crowd] = {}
        # Those last that close who has been idle for a minute or two, as stock Waitress takes as long to
        # let so many in.
        hurried_last = [*loaded[1:], loaded[0]]
        taken = {one.name: _gather(one, idle, crowds, stack) for one in hurried_last}
        both = [one for pair in zip(without, loaded, strict=True) for one in pair]
        _rounds(both, plan, lambda one: one.go(INDEX, BESIDE_IDLE, plan.seconds))
        for one in loaded:
            if not one.failure:
                _look_for_lost(one, crowds[one.name])
    return [
        {"idle": idle, **_idle_figures(one, none, loaded[0]), "KB each": taken[one.name]}
        for one, none in zip(loaded, without, strict=True)
    ]


def _gather(series: Series, idle: int, crowds: dict[str, Crowd], stack: ExitStack) -> float | None:
    """Has idle connections made; gives the memory that each takes, in units of 1,000 bytes."""
    before = series.memory()
    with series.may_fail():
        crowds[series.name] = stack.enter_context(Crowd(series.server.port, INDEX, idle))
    after = series.memory()
    if series.failure or before is None or after is None:
        return None
    return max(0, after - before) / idle / 1000


def _look_for_lost(series: Series, crowd: Crowd) -> None:
    with series.may_fail():
        lost = crowd.lost()
        if lost:
            raise load.LoadError(f"{lost} idle connections were closed")


def _idle_figures(series: Series, without: Series, ours: Series) -> Row:
    row = _figures(series, ours)
    seen = row.pop("seen")
    pairs = list(zip(series.samples, without.samples, strict=False))
    row["to none"] = (
        median(own.per_second / its.per_second for own, its in pairs) if pairs else None
    )
    return {**row, "seen": seen}
