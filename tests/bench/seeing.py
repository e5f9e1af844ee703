"""What it costs to see what the server does: the access log."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from ..running import Server
from . import load
from .load import Sample, joined
from .plan import Plan
from .processes import processor_seconds
from .tables import Row

CONNECTIONS = 8
TURNS = 4  # of each server in a round
ABOUT = f"""\
GET /index of Intray without an access log, and with one in either format, on {CONNECTIONS} connections.
The servers take turns, shorter than what else happens on the computer. Requests per second are the median
of the turns, the ratio to none the median of the turns' ratios; cpu is the server's processor time for a
request, which other programs disturb least."""
LOGS = {
    "none": (),
    "combined": ("--access-log", "access.log"),
    "json": ("--access-log", "access.log", "--access-log-format", "json"),
}


class _Side:
    def __init__(self, server: Server) -> None:
        self._server = server
        self.samples: list[Sample] = []
        self.cpu_seconds: float | None = 0.0
        self.go(0.2)
        self.samples.clear()
        self.cpu_seconds = 0.0

    def go(self, seconds: float) -> None:
        before = processor_seconds(self._server.process.pid)
        supply = itertools.repeat(load.request("GET", "/index"))
        options = {"connections": CONNECTIONS, "status": 200}
        self.samples.append(load.run(self._server.port, supply, seconds=seconds, **options))
        after = processor_seconds(self._server.process.pid)
        if before is None or after is None or self.cpu_seconds is None:
            self.cpu_seconds = None
        else:
            self.cpu_seconds += after - before

    @property
    def cpu_us(self) -> float | None:
        """For a request."""
        if self.cpu_seconds is None:
            return None
        return 1e6 * self.cpu_seconds / len(joined(self.samples).latencies)


def measure(folder: Path, plan: Plan) -> list[Row]:
    """A row for each log."""
    with ExitStack() as stack:
        sides = {
            name: _Side(stack.enter_context(Server(*options, data=folder / name)))
            for name, options in LOGS.items()
        }
        for number in range(plan.rounds * TURNS):
            order = list(sides.values())
            for side in order if number % 2 else reversed(order):
                side.go(plan.seconds / TURNS)
        return [_row(name, side, sides["none"]) for name, side in sides.items()]


def _row(name: str, side: _Side, none: _Side) -> Row:
    pairs = zip(side.samples, none.samples, strict=True)
    return {
        "access log": name,
        "per second": median(sample.per_second for sample in side.samples),
        "per second to none": median(one.per_second / other.per_second for one, other in pairs),
        "cpu us": side.cpu_us,
        "client": joined(side.samples).client_share,
    }
