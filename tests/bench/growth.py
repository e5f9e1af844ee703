"""What a request asks of the database and how long it takes, with few submissions and with many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ..forms_in_toml import GOOD_ANSWERS
from ..running import Server
from ..visitor import Page, Visitor, in_process, over_http
from . import folders, load
from .load import Sample
from .plan import Plan
from .requests import FILES, PATH, Kind, Series, handing_in
from .statements import Count, counted
from .tables import Row

ABOUT = """\
SQLite with few submissions and with many, each with a file and an event. `statements` and `commits` of one
request (BEGIN left out, what is read once a process left out) are counted in the application. p50 is over
one connection to serve.py, in turn on both; the ratio is many to few, the median of the rounds."""


def _open_receipt(visitor: Visitor) -> str:
    """Hands in with a file; the path of its receipt."""
    answer = visitor.hand_in(visitor.open(PATH), PATH, GOOD_ANSWERS, FILES)
    assert answer.status == 303, answer.text
    return answer.location


@dataclass(frozen=True)
class Request:
    """A kind of request: once in the application for counting, and often to a server."""

    name: str
    once: Callable[[Visitor], Callable[[], Page]]  # what is called in the end is counted
    often: Callable[[Visitor], Kind]


def _getting(name: str, path: Callable[[Visitor], str]) -> Request:
    def often(visitor: Visitor) -> Kind:
        asked = load.request("GET", path(visitor))
        return Kind(name, 200, lambda port, count: [asked] * count, lambda: b"")

    def once(visitor: Visitor) -> Callable[[], Page]:
        where = path(visitor)
        return lambda: visitor.open(where)

    return Request(name, once, often)


def _handing_in(name: str, files: Sequence[tuple[str, str, bytes]]) -> Request:
    def once(visitor: Visitor) -> Callable[[], Page]:
        page = visitor.open(PATH)
        return lambda: visitor.hand_in(page, PATH, GOOD_ANSWERS, files)

    return Request(name, once, lambda visitor: handing_in(name, files))


REQUESTS = (
    _getting("start page", lambda visitor: "/"),
    _getting("open the form", lambda visitor: PATH),
    _getting("receipt", _open_receipt),
    _handing_in("hand in", ()),
    _handing_in("hand in, 20 KB file", FILES),
)


def measure(few: Path, many: Path, plan: Plan) -> list[Row]:
    """A row for each kind of request, on two data folders."""
    counts = [_count(data) for data in (few, many)]
    with ExitStack() as stack:
        servers = [stack.enter_context(Server(data=data)) for data in (few, many)]
        return [
            _row(
                request,
                plan,
                [count[request.name] for count in counts],
                _time(request, servers, plan),
            )
            for request in REQUESTS
        ]


def _count(data: Path) -> dict[str, Count]:
    with folders.application(data) as app:
        visitor = Visitor(in_process(app))
        found = {}
        for request in REQUESTS:
            request.once(visitor)()  # reads what is read once
            do = request.once(visitor)
            with counted(app) as found[request.name]:
                do()
    return found


def _time(request: Request, servers: Sequence[Server], plan: Plan) -> list[list[Sample]]:
    series = [Series(request.often(Visitor(over_http(one.url))), 1, one) for one in servers]
    for number in range(plan.rounds):
        for one in series if number % 2 else reversed(series):
            one.go(plan.seconds / 2)
    return [one.samples for one in series]


def _row(
    request: Request, plan: Plan, counts: Sequence[Count], samples: Sequence[list[Sample]]
) -> Row:
    row: Row = {"request": request.name}
    for size, count, seen in zip((plan.few, plan.many), counts, samples, strict=True):
        row[f"statements at {size:,}"] = len(count.statements)
        row[f"commits at {size:,}"] = count.commits
        row[f"p50 ms at {size:,}"] = 1000 * load.joined(seen).percentile(50)
    rounds = zip(*samples, strict=True)
    row["ratio of p50"] = median(b.percentile(50) / a.percentile(50) for a, b in rounds)
    return row
