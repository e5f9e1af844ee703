"""What it costs to see what the server does: the access log."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, stdev

from ..running import Server
from . import load
from .load import Sample, joined
from .plan import Plan
from .processes import processor_seconds
from .tables import Row

CONNECTIONS = 8
ROUNDS = 2  # for each of the plan's
TURNS = 8  # of each server in a round
A_TURN = 1 / 4  # of the plan's seconds
ABOUT = f"""\
GET /index of Intray without an access log, and with one in either format, on {CONNECTIONS} connections.
One process is faster than another of the same program by some per cent, for as long as it lives: so the
servers are started anew in each round. In a round they take turns, shorter than what else happens on the
computer, and the ratio to none is the median of the turns'; in the table is the mean of the rounds', and
how far that may be off (its standard error)."""
LOGS = {
    "none": (),
    "combined": ("--access-log", "access.log"),
    "json": ("--access-log", "access.log", "--access-log-format", "json"),
}


@dataclass(frozen=True)
class _Figures:
    """Of a server in one round."""

    per_second: float
    to_none: float
    cpu_us: float | None  # for a request
    client: float


class _Side:
    """A server in one round."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.samples: list[Sample] = []
        self.cpu_seconds: float | None = 0.0

    def go(self, seconds: float) -> Sample:
        supply = itertools.repeat(load.request("GET", "/index"))
        return load.run(
            self._server.port, supply, seconds=seconds, connections=CONNECTIONS, status=200
        )

    def take_turn(self, seconds: float) -> None:
        before = processor_seconds(self._server.process.pid)
        self.samples.append(self.go(seconds))
        after = processor_seconds(self._server.process.pid)
        if before is None or after is None or self.cpu_seconds is None:
            self.cpu_seconds = None
        else:
            self.cpu_seconds += after - before

    def figures(self, none: _Side) -> _Figures:
        pairs = zip(self.samples, none.samples, strict=True)
        whole = joined(self.samples)
        return _Figures(
            per_second=median(sample.per_second for sample in self.samples),
            to_none=median(one.per_second / other.per_second for one, other in pairs),
            cpu_us=self.cpu_seconds and 1e6 * self.cpu_seconds / len(whole.latencies),
            client=whole.client_share,
        )


def measure(folder: Path, plan: Plan) -> list[Row]:
    """A row for each log."""
    rounds = [_round(folder, plan) for _ in range(ROUNDS * plan.rounds)]
    return [_row(name, [each[name] for each in rounds]) for name in LOGS]


def _row(name: str, rounds: list[_Figures]) -> Row:
    ratios = [one.to_none for one in rounds]
    return {
        "access log": name,
        "per second": fmean(one.per_second for one in rounds),
        "per second to none": fmean(ratios),
        "+-": stdev(ratios) / len(ratios) ** 0.5,
        "cpu us": fmean(one.cpu_us for one in rounds if one.cpu_us is not None)
        if rounds[0].cpu_us is not None
        else None,
        "client": fmean(one.client for one in rounds),
    }


def _round(folder: Path, plan: Plan) -> dict[str, _Figures]:
    with ExitStack() as stack:
        sides = {
            name: _Side(stack.enter_context(Server(*options, data=folder / name)))
            for name, options in LOGS.items()
        }
        for side in sides.values():
            side.go(plan.seconds)  # until all that is kept is there
        for number in range(TURNS):
            order = list(sides.values())
            for side in order if number % 2 else reversed(order):
                side.take_turn(plan.seconds * A_TURN)
        return {name: side.figures(sides["none"]) for name, side in sides.items()}
