"""How long the desk's pages take, and what they ask of the database, with few submissions and with many."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import ExitStack
from urllib.parse import quote

from webapp.database import snapshot
from webapp.forms.rules import find_form
from webapp.submissions import listing
from webapp.submissions.listing import Order

from ..desk import Desk
from ..running import Server
from ..visitor import in_process
from . import load
from .folders import application
from .load import Sample
from .plan import Plan
from .schools import EMAIL, INBOX, SLUG, School, signed_in
from .statements import counted
from .tables import Row

FAR = 1000  # the number of a page that is far from the first
SEARCHES = {
    "a rare word": "hedgehog",
    "a common word": "fever",
    "two common words": "fever monday",
    "two Chinese characters": "小明",
    "an e-mail address": "ann.lee@example.org",
}

ABOUT = """\
Pages of the desk on a school's submissions in SQLite, over one connection to serve.py with an owner signed
in, in turn on all sizes: the first page of the form that six in ten are of, a page far from it, the same by
name, searches within it. `statements` of one request are counted in the application. Aim: p50 under 50 ms
at a million, and as many statements as with few."""


def measure(schools: Sequence[School], plan: Plan) -> list[Row]:
    """A row for each page, with the figures of each school."""
    paths = [_paths(school) for school in schools]
    counts = [_count(school, own) for school, own in zip(schools, paths, strict=True)]
    with ExitStack() as stack:
        servers = [stack.enter_context(Server(data=school.data)) for school in schools]
        clients = [_Client(server) for server in servers]
        rows = []
        for name in paths[0]:
            samples = _time(clients, [own[name] for own in paths], plan)
            row: Row = {"page": name}
            for school, count, sample in zip(schools, counts, samples, strict=True):
                row[f"statements at {school.submissions:,}"] = count[name]
                row[f"p50 ms at {school.submissions:,}"] = 1000 * sample.percentile(50)
                row[f"p99 ms at {school.submissions:,}"] = 1000 * sample.percentile(99)
            rows.append(row)
    return rows


def _paths(school: School) -> dict[str, str]:
    """Where the pages are, by their names."""
    with application(school.data) as app, app.app_context(), snapshot() as session:
        form = find_form(session, SLUG)
        assert form is not None
        newest = listing.submissions(session, form.id).rows[0].reference
        far = {}
        for order in (Order.NEWEST, Order.NAME):
            cursor = ""
            for _ in range(FAR - 1):
                page = listing.submissions(session, form.id, order, cursor)
                cursor = page.after or cursor  # the last page, where there are fewer
            far[order] = f"{INBOX}?order={order.value}&at={cursor}"
    return {
        "all forms": "/desk",
        "first page": INBOX,
        f"page {FAR:,}": far[Order.NEWEST],
        "first page by name": f"{INBOX}?order={Order.NAME.value}",
        f"page {FAR:,} by name": far[Order.NAME],
        **{f"search for {name}": f"{INBOX}?q={quote(word)}" for name, word in SEARCHES.items()},
        "search everywhere": f"/desk?q={quote(SEARCHES['two Chinese characters'])}",
        "one submission": f"{INBOX}/submissions/{newest}",
    }


def _count(school: School, paths: dict[str, str]) -> dict[str, int]:
    """How many statements each page takes, once what is new is seen and what is read once is read."""
    found = {}
    with application(school.data) as app:
        desk = Desk(in_process(app))
        desk.sign_in(EMAIL)
        for name, path in paths.items():
            desk.open(path)
            with counted(app) as count:
                page = desk.open(path)
            assert page.status == 200, page.text
            found[name] = len(count.statements)
    return found


class _Client:
    """Somebody who is signed in at a server."""

    def __init__(self, server: Server) -> None:
        self._port = server.port
        self._headers = {"Cookie": signed_in(server)}

    def open(self, path: str, seconds: float) -> Sample:
        """The same page again and again for so long."""
        request = load.request("GET", path, headers=self._headers)
        return load.run(
            self._port, itertools.repeat(request), connections=1, status=200, seconds=seconds
        )


def _time(clients: Sequence[_Client], paths: Sequence[str], plan: Plan) -> list[Sample]:
    pairs = list(zip(clients, paths, strict=True))
    for client, path in pairs:
        client.open(path, plan.seconds / 10)
    samples: dict[int, list[Sample]] = {at: [] for at in range(len(pairs))}
    for number in range(plan.rounds):
        turns = list(enumerate(pairs))
        for at, (client, path) in turns if number % 2 else reversed(turns):
            samples[at].append(client.open(path, plan.seconds))
    return [load.joined(own) for own in samples.values()]
