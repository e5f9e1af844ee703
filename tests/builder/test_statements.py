"""What the builder's requests ask of the database: a few statements on one connection, however many
questions, versions and submissions there are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from webapp.extensions import db

from ..bench.rows import add_submissions
from ..bench.statements import Count, counted
from ..conftest import ImportForm
from ..desk import Desk
from ..forms_in_toml import EVERY_KIND
from ..visitor import Page

TOP = "/desk/forms/job-application"
EDIT = f"{TOP}/edit"
NEW = "/desk/forms/new"


class Requests:
    """Makes the requests, each in the same way every time."""

    def __init__(self, app: Flask, desk: Desk) -> None:
        self._app = app
        self._desk = desk
        self._number = 0

    def opened(self, path: str) -> Count:
        return self._counted(200, lambda: self._desk.open(path))

    def submitted(self, path: str, action: str, status: int, **values: str) -> Count:
        page = self._desk.open(path)
        return self._counted(status, lambda: self._desk.submit(page, action, values))

    def retitled(self) -> Count:
        self._number += 1
        return self.submitted(EDIT, EDIT, 303, title=f"Title {self._number}")

    def moved(self) -> Count:
        page = self._desk.open(EDIT).text
        last = page.rpartition('name="duplicate" value="')[2].partition('"')[0]
        return self.submitted(EDIT, EDIT, 303, up=last)

    def added(self) -> Count:
        path = f"{TOP}/questions/new/email"
        return self.submitted(path, path, 303, label="One more")

    def published(self) -> Count:
        self.retitled()
        return self.submitted(EDIT, f"{TOP}/publish", 303)

    def set(self) -> Count:
        self._number += 1
        path = f"{TOP}/settings"
        return self.submitted(path, path, 303, max_submissions=f"{1_000_000 + self._number}")

    def _counted(self, status: int, do: Callable[[], Page]) -> Count:
        with counted(self._app) as count:
            page = do()
        assert page.status == status, page.text
        return count


# The user who is signed in is the first statement. Each write tells the history.
KINDS: dict[str, tuple[Callable[[Requests], Count], int, int]] = {
    "new": (lambda r: r.opened(NEW), 1, 0),
    "edit": (lambda r: r.opened(EDIT), 2, 0),
    "settings": (lambda r: r.opened(f"{TOP}/settings"), 2, 0),
    "share": (lambda r: r.opened(f"{TOP}/share"), 2, 0),
    "preview": (lambda r: r.opened(f"{TOP}/preview"), 2, 0),
    "QR code": (lambda r: r.opened(f"{TOP}/qr.svg"), 2, 0),
    "file": (lambda r: r.opened(f"{TOP}/form.toml"), 2, 0),
    "delete": (lambda r: r.opened(f"{TOP}/delete"), 3, 0),
    "refused": (lambda r: r.submitted(EDIT, EDIT, 422, title=""), 3, 0),
    "title": (Requests.retitled, 4, 1),
    "move": (Requests.moved, 4, 1),
    "add": (Requests.added, 4, 1),
    "set": (Requests.set, 4, 1),
    "publish": (Requests.published, 6, 1),
    "duplicate": (lambda r: r.submitted(f"{TOP}/settings", f"{TOP}/duplicate", 303), 8, 1),
    "starter": (lambda r: r.submitted(NEW, NEW, 303, starter="event"), 12, 1),
}


@pytest.fixture
def requests(app: Flask, desk: Desk, import_form: ImportForm) -> Requests:
    """Requests to an application that has made each of them once: what is read once is in memory."""
    import_form(EVERY_KIND)
    requests = Requests(app, desk)
    for request, _, _ in KINDS.values():
        request(requests)
    return requests


def all_of(requests: Requests) -> dict[str, Count]:
    return {kind: request(requests) for kind, (request, _, _) in KINDS.items()}


def test_a_request_takes_a_few_statements_on_one_connection(requests: Requests) -> None:
    for kind, count in all_of(requests).items():
        _, statements, commits = KINDS[kind]
        # PostgreSQL is asked for a turn by each who needs one; it answers at once who has it
        asked = [each for each in count.statements if "pg_advisory_xact_lock" not in each]
        assert len(asked) <= statements, f"{kind}: {count}"
        assert count.commits == commits, f"{kind}: {count}"
        assert count.connections == 1, kind


def test_as_many_statements_with_many_submissions_questions_and_versions(
    app: Flask, requests: Requests
) -> None:
    few = {kind: len(count.statements) for kind, count in all_of(requests).items()}
    with app.app_context():
        add_submissions(db.engine, "job-application", 500)
    for _ in range(10):
        requests.added()
        requests.published()
    many = {kind: len(count.statements) for kind, count in all_of(requests).items()}
    assert many == few
