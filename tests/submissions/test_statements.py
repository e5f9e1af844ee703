"""What each kind of request asks of the database: a few statements, however many rows there are."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from webapp.extensions import db

from ..bench.rows import add_submissions
from ..bench.statements import Count, counted
from ..conftest import ImportForm
from ..desk import Desk
from ..forms_in_toml import EVERY_KIND, GOOD_ANSWERS
from ..visitor import Page, Visitor

PATH = "/f/job-application"
SLUG = "job-application"
FEW, MANY = 10, 2_000  # submissions
PAPERS = [("papers", "one.pdf", b"x" * 20_000), ("papers", "two.pdf", b"y" * 20_000)]

# The most statements that a request may take, and for those that write the most transactions: on SQLite
# each of these waits for the disk. Raise one for a reason alone.
START_PAGE = 2  # whether Intray is set up, too
OPEN_FORM = 1
RECEIPT = 2
HAND_IN = 8
HAND_IN_FILES = 17
OPEN_CORRECTION = 2
CORRECTION = 16
CORRECTION_FILES = 26
REFUSED = 1
HAND_IN_COMMITS = 1
HAND_IN_FILES_COMMITS = 3  # the files are kept; the submission is accepted; the files are placed


# At the desk, the user who is signed in is the first statement.
OVERVIEW = 2
OVERVIEW_SEARCH = 5  # the last: whether all can be found already
INBOX = 5  # the last marks what was seen, where something new was
INBOX_MARKED_COMMITS = 1
INBOX_BY_NAME = 5  # those without a name are asked for apart
INBOX_SEARCH = 4
NEWS = 4
NO_NEWS = 3
SUBMISSION = 7
VERSIONS = 6
STORED_FILE = 2
DELETE = 21
DELETE_COMMITS = 2  # it is gone; its files are
INBOX_PATH = "/forms/job-application"
DESK = "/desk" + INBOX_PATH


class Requests:
    """Makes the requests, each in the same way every time."""

    def __init__(self, app: Flask, visitor: Visitor, desk: Desk) -> None:
        self._app = app
        self._visitor = visitor
        self._desk = desk

    def start_page(self) -> Count:
        return self._counted(200, lambda: self._visitor.open("/"))

    def open_form(self) -> Count:
        return self._counted(200, lambda: self._visitor.open(PATH))

    def hand_in(self, files: int = 0) -> Count:
        page = self._visitor.open(PATH)
        return self._counted(
            303, lambda: self._visitor.hand_in(page, PATH, GOOD_ANSWERS, PAPERS[:files])
        )

    def refused(self) -> Count:
        page = self._visitor.open(PATH)
        return self._counted(422, lambda: self._visitor.hand_in(page, PATH, {}))

    def receipt(self) -> Count:
        page = self._visitor.open(PATH)
        answer = self._visitor.hand_in(page, PATH, GOOD_ANSWERS, PAPERS)
        return self._counted(200, lambda: self._visitor.open(answer.location))

    def open_correction(self) -> Count:
        path = self._correction()
        return self._counted(200, lambda: self._visitor.open(path))

    def correction(self, files: int = 0) -> Count:
        path = self._correction()
        page, answers = self._visitor.open(path), {"name": "Anne Lee"}
        return self._counted(
            303, lambda: self._visitor.hand_in(page, path, answers, PAPERS[:files])
        )

    def _correction(self) -> str:
        """The path at which a submission that is handed in now can be corrected."""
        answer = self._visitor.hand_in(self._visitor.open(PATH), PATH, GOOD_ANSWERS)
        return answer.location.replace("?", "/correct?")

    def at_desk(self, path: str, status: int = 200) -> Count:
        """The page at the desk, `path` being under /desk, after something new has come."""
        self.hand_in()
        return self._counted(status, lambda: self._desk.open("/desk" + path))

    def no_news(self) -> Count:
        self._desk.open(DESK)
        return self._counted(204, lambda: self._desk.open(f"{DESK}/news?after={2**31 - 1}"))

    def older_page(self) -> Count:
        older = self._link(self._desk.open(DESK), r'rel="next" href="([^"]+)"') or DESK
        return self._counted(200, lambda: self._desk.open(older))

    def submission(self) -> Count:
        path = self._newest(1)
        return self._counted(200, lambda: self._desk.open(path))

    def versions(self) -> Count:
        path = self._newest(1) + "/versions"
        return self._counted(200, lambda: self._desk.open(path))

    def stored_file(self) -> Count:
        file = self._link(self._desk.open(self._newest(1)), r'href="([^"]+/files/[^"]+)"')
        assert file is not None
        return self._counted(200, lambda: self._desk.open(file))

    def delete(self, files: int = 1) -> Count:
        path = self._newest(files) + "/delete"
        page = self._desk.open(path)
        return self._counted(303, lambda: self._desk.submit(page, path))

    def _newest(self, files: int) -> str:
        """The desk's path of a submission that is handed in now."""
        self.hand_in(files)
        path = self._link(self._desk.open(DESK), r'href="([^"]+/submissions/....-....)"')
        assert path is not None
        return path

    def _link(self, page: Page, pattern: str) -> str | None:
        found = re.search(pattern, page.text)
        return found[1].replace("&amp;", "&") if found else None

    def _counted(self, status: int, do: Callable[[], Page]) -> Count:
        with counted(self._app) as count:
            page = do()
        assert page.status == status, page.text
        return count


@pytest.fixture
def requests(app: Flask, visitor: Visitor, desk: Desk, import_form: ImportForm) -> Requests:
    """Requests to an application that has made each of them once: what is read once is in memory."""
    import_form(
        EVERY_KIND.replace('state = "open"', 'state = "open"\ncorrections = "until_closed"')
    )
    requests = Requests(app, visitor, desk)
    for request in KINDS.values():
        request(requests)
    return requests


def add_rows(app: Flask, count: int) -> None:
    with app.app_context():
        add_submissions(db.engine, SLUG, count)


KINDS: dict[str, Callable[[Requests], Count]] = {
    "start page": Requests.start_page,
    "form": Requests.open_form,
    "refused": Requests.refused,
    "receipt": Requests.receipt,
    "hand in": Requests.hand_in,
    "hand in a file": lambda requests: requests.hand_in(1),
    "open correction": Requests.open_correction,
    "correction": Requests.correction,
    "correct a file": lambda requests: requests.correction(1),
    "overview": lambda requests: requests.at_desk(""),
    "overview news": lambda requests: requests.at_desk("/news"),
    "overview search": lambda requests: requests.at_desk("?q=ann"),
    "inbox": lambda requests: requests.at_desk(INBOX_PATH),
    "inbox by name": lambda requests: requests.at_desk(INBOX_PATH + "?order=name"),
    "inbox corrected": lambda requests: requests.at_desk(INBOX_PATH + "?corrected=yes"),
    "inbox asked": lambda requests: requests.at_desk(INBOX_PATH + "?asked=yes&order=name"),
    "inbox search": lambda requests: requests.at_desk(INBOX_PATH + "?q=ann"),
    "inbox last": lambda requests: requests.at_desk(INBOX_PATH + "?order=oldest&at=last"),
    "news": lambda requests: requests.at_desk(INBOX_PATH + "/news?after=0"),
    "no news": Requests.no_news,
    "submission": Requests.submission,
    "versions": Requests.versions,
    "stored file": Requests.stored_file,
    "delete": Requests.delete,
}


@pytest.mark.parametrize(
    ("kind", "statements", "commits"),
    [
        ("start page", START_PAGE, 0),
        ("form", OPEN_FORM, 0),
        ("refused", REFUSED, 0),
        ("receipt", RECEIPT, 0),
        ("hand in", HAND_IN, HAND_IN_COMMITS),
        ("hand in a file", HAND_IN_FILES, HAND_IN_FILES_COMMITS),
        ("open correction", OPEN_CORRECTION, 0),
        ("correction", CORRECTION, HAND_IN_COMMITS),
        ("correct a file", CORRECTION_FILES, HAND_IN_FILES_COMMITS),
        ("overview", OVERVIEW, 0),
        ("overview news", OVERVIEW, 0),
        ("overview search", OVERVIEW_SEARCH, 0),
        ("inbox", INBOX, INBOX_MARKED_COMMITS),
        ("inbox by name", INBOX_BY_NAME, 0),
        ("inbox corrected", INBOX - 1, 0),
        ("inbox asked", INBOX_BY_NAME, 0),
        ("inbox search", INBOX_SEARCH, 0),
        ("inbox last", INBOX - 1, 0),
        ("news", NEWS, INBOX_MARKED_COMMITS),
        ("no news", NO_NEWS, 0),
        ("submission", SUBMISSION, 0),
        ("versions", VERSIONS, 0),
        ("stored file", STORED_FILE, 0),
        ("delete", DELETE, DELETE_COMMITS),
    ],
)
def test_a_request_takes_a_few_statements(
    requests: Requests, kind: str, statements: int, commits: int
) -> None:
    count = KINDS[kind](requests)
    assert (len(count.statements), count.commits) <= (statements, commits), str(count)


def test_no_request_holds_a_second_connection(requests: Requests) -> None:
    """Beside a transaction that only reads, SQLite could not take what is written out of its log: while
    people hand in, that would grow for ever. And the pool has one for each thread."""
    counts = {kind: request(requests) for kind, request in KINDS.items()}
    assert {kind: count.connections for kind, count in counts.items()} == dict.fromkeys(KINDS, 1)


def test_as_many_statements_with_few_submissions_as_with_many(
    app: Flask, requests: Requests
) -> None:
    add_rows(app, FEW)
    few = {kind: request(requests).statements for kind, request in KINDS.items()}
    add_rows(app, MANY - FEW)
    many = {kind: request(requests).statements for kind, request in KINDS.items()}
    assert many == few


def test_as_many_statements_with_two_files_as_with_one(requests: Requests) -> None:
    one, two = requests.hand_in(1), requests.hand_in(2)
    assert len(two.statements) == len(one.statements), f"{one}\n\n{two}"
    assert two.commits == one.commits
    one, two = requests.correction(1), requests.correction(2)
    assert len(two.statements) == len(one.statements), f"{one}\n\n{two}"
    one, two = requests.delete(1), requests.delete(2)
    assert len(two.statements) == len(one.statements), f"{one}\n\n{two}"


def test_as_many_statements_with_many_forms_as_with_one(
    requests: Requests, import_form: ImportForm
) -> None:
    one = requests.start_page(), requests.open_form(), requests.at_desk("")
    for number in range(20):
        import_form(EVERY_KIND.replace(SLUG, f"{SLUG}-{number}"))
    requests.start_page()  # reads each definition once
    many = requests.start_page(), requests.open_form(), requests.at_desk("")
    assert [count.statements for count in many] == [count.statements for count in one]
