"""How long a request takes, beside the same kind of request to a bare Flask view on the same server."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ..forms_in_toml import GOOD_ANSWERS
from ..running import Server
from ..visitor import multipart
from . import load
from .folders import disk_seconds
from .load import Sample, joined
from .plan import Plan
from .processes import processor_seconds
from .tables import Row

PATH = "/f/job-application"
BARE_PATH = "/form"
CONNECTIONS = (1, 8)
WARM_UP = 10  # requests before the first round: templates and definitions are read once
FILES = [("papers", "papers.pdf", b"%PDF" + b"x" * 20_476)]
_TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')

ABOUT = """\
Intray's form with nine fields, and a bare Flask view (tests/bench/bare.py) under the same serve.py: opening
the page, and handing it in as multipart/form-data, each time with a fresh token, without a file and with
one of 20 KB. Rounds alternate. p50 and p99 are of all requests, requests per second the median of the
rounds, the ratios to bare Flask the median of the rounds' ratios. cpu is the server's processor time for a
request, which other programs on the computer disturb least. Intray syncs the disk before it answers a
hand-in, bare Flask does not; disk is how long one sync takes. client is how busy the client was, 0 to 1:
near 1 the figures would be the client's."""

Requests = Iterable[bytes]


@dataclass(frozen=True)
class Kind:
    """A kind of request: what it is, what makes `count` of them for Intray at a port, and for bare."""

    name: str
    status: int
    ours: Callable[[int, int], Sequence[bytes]]
    bare: Callable[[], bytes]


def opening() -> Kind:
    """GET of the page with the form."""
    page = load.request("GET", PATH)
    return Kind(
        "open the form",
        200,
        lambda port, count: [page] * count,
        lambda: load.request("GET", BARE_PATH),
    )


def handing_in(name: str, files: Sequence[tuple[str, str, bytes]] = ()) -> Kind:
    """POST of the filled-in form."""
    return Kind(
        name,
        303,
        lambda port, count: [_hand_in(PATH, token, files) for token in _tokens(port, count)],
        lambda: _hand_in(BARE_PATH, "no token", files),
    )


KINDS = (opening(), handing_in("hand in"), handing_in("hand in, 20 KB file", FILES))


def _tokens(port: int, count: int) -> list[str]:
    """Tokens of so many freshly opened pages."""
    pages = load.collect(port, load.request("GET", PATH), count)
    found = [_TOKEN.search(page.body) for page in pages]
    assert all(found), "a page has no token"
    return [match[1].decode() for match in found if match]


def _hand_in(path: str, token: str, files: Sequence[tuple[str, str, bytes]]) -> bytes:
    answers = [
        (name, text)
        for name, given in GOOD_ANSWERS.items()
        for text in ([given] if isinstance(given, str) else given)
    ]
    body, content_type = multipart([("csrf_token", token), *answers], files)
    return load.request("POST", path, body, {"Content-Type": content_type})


def measure(ours: Server, bare: Server, folder: Path, plan: Plan) -> list[Row]:
    """Two rows for each kind of request and number of connections: Intray's and bare Flask's. `folder`
    is on the disk that counts."""
    return [
        row
        for kind in KINDS
        for connections in CONNECTIONS
        for row in _measure(kind, connections, ours, bare, folder, plan)
    ]


def _measure(
    kind: Kind, connections: int, ours: Server, bare: Server, folder: Path, plan: Plan
) -> list[Row]:
    series = {
        "Intray": Series(kind, connections, ours),
        "bare": BareSeries(kind, connections, bare),
    }
    disk = []
    for number in range(plan.rounds):
        pair = list(series.values())
        for one in pair if number % 2 else reversed(pair):
            one.go(plan.seconds)
        disk.append(disk_seconds(folder))
    return [
        {
            "request": kind.name,
            "connections": connections,
            "server": name,
            **_figures(one, series["bare"]),
            "disk ms": 1000 * median(disk),
        }
        for name, one in series.items()
    ]


def _figures(series: Series, bare: Series) -> Row:
    whole = joined(series.samples)
    rounds = list(zip(series.samples, bare.samples, strict=True))
    cpu = series.cpu_seconds_each
    return {
        "p50 ms": 1000 * whole.percentile(50),
        "p99 ms": 1000 * whole.percentile(99),
        "per second": median(sample.per_second for sample in series.samples),
        "cpu ms": None if cpu is None else 1000 * cpu,
        "p50 to bare": median(one.percentile(50) / other.percentile(50) for one, other in rounds),
        "per second to bare": median(one.per_second / other.per_second for one, other in rounds),
        "client": whole.client_share,
    }


class Series:
    """The rounds of one kind of request against Intray."""

    def __init__(self, kind: Kind, connections: int, server: Server) -> None:
        self.samples: list[Sample] = []
        self.cpu_seconds: float | None = 0.0  # of the server, in the rounds
        self._kind = kind
        self._connections = connections
        self._server = server
        self._per_second = self._run(self._supply(WARM_UP + connections), load.SECONDS).per_second

    def go(self, seconds: float) -> None:
        """One round. There are enough requests for it to end by the clock mostly."""
        supply = self._supply(int(1.2 * self._per_second * seconds) + self._connections)
        before = processor_seconds(self._server.process.pid)
        sample = self._run(supply, seconds)
        after = processor_seconds(self._server.process.pid)
        self.samples.append(sample)
        self._per_second = max(self._per_second, sample.per_second)
        if before is None or after is None or self.cpu_seconds is None:
            self.cpu_seconds = None
        else:
            self.cpu_seconds += after - before

    @property
    def cpu_seconds_each(self) -> float | None:
        """The server's processor time for a request."""
        count = sum(len(sample.latencies) for sample in self.samples)
        return None if self.cpu_seconds is None else self.cpu_seconds / count

    def _supply(self, count: int) -> Requests:
        return self._kind.ours(self._server.port, count)

    def _run(self, supply: Requests, seconds: float) -> Sample:
        return load.run(
            self._server.port,
            supply,
            connections=self._connections,
            status=self._kind.status,
            seconds=seconds,
        )


class BareSeries(Series):
    """The same against the bare view, which takes one request as often as one likes."""

    def _supply(self, count: int) -> Requests:
        return itertools.repeat(self._kind.bare(), count)
