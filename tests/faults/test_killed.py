"""A process killed at every numbered step of accepting a submission, and of recovering from that.

The failpoint ends the process as a power cut would, as far as a process can tell. After the restart
every receipt has its bytes, nothing half is offered, and nothing under files/ was deleted.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from webapp.failpoints import EXIT_CODE

from ..forms_in_toml import HOMEWORK
from ..running import Server
from ..visitor import Page, Visitor, over_http

PATH = "/f/homework-3"
FILES = [
    ("essay", "one.pdf", b"%PDF-1 first essay"),
    ("essay", "two.pdf", b"%PDF-1 second essay" * 5000),
]

BEFORE_ACCEPTANCE = [
    "receive: written",
    "receive: durable",
    "receive: not committed",
    "receive: kept",
    "accept: not committed",
]
AFTER_ACCEPTANCE = [
    "accept: committed",
    "place: linked",
    "place: renamed",
    "place: not committed",
    "place: committed",
]
IN_RECOVERY = ["place: linked", "place: renamed", "place: not committed", "place: committed"]
IN_SWEEP = ["sweep: placed", "sweep: erased", "sweep: expired", "sweep: strays"]


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder with the form in it, and a file that somebody has put under files/."""
    data = tmp_path / "data"
    form = tmp_path / "form.toml"
    form.write_text(HOMEWORK, encoding="utf-8")
    Server.command("form", "import", str(form), data=data)
    stranger = data / "files" / "Homework 3" / "notes.txt"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"mine")
    yield data
    assert stranger.read_bytes() == b"mine"


def visitor_of(server: Server) -> Visitor:
    return Visitor(over_http(server.url))


def accepted(data: Path) -> list[tuple[str, str]]:
    """Reference and key of each submission in the database."""
    with closing(sqlite3.connect(data / "intray.db")) as connection:
        return connection.execute("SELECT reference, receipt_key FROM submissions").fetchall()


def hand_in_and_be_killed(data: Path, failpoint: str) -> Page:
    """Hands in to a server that dies at the failpoint; gives the page that was handed in."""
    with Server(data=data, environ={"FAILPOINT": failpoint}) as server:
        visitor = visitor_of(server)
        page = visitor.open(PATH)
        with pytest.raises((OSError, http.client.HTTPException)):
            visitor.hand_in(page, PATH, {"name": "Ann"}, FILES)
        assert server.wait() == EXIT_CODE
    return page


def assert_that_all_is_well(data: Path, page: Page) -> None:
    """One submission after the same page was handed in once more, with every byte in its place."""
    with Server(data=data) as server:
        visitor = visitor_of(server)
        before = accepted(data)
        for reference, key in before:
            assert_receipt(visitor.open(f"/r/{reference}?key={key}"))
        again = visitor.hand_in(page, PATH, {"name": "Ann"}, FILES)
        assert again.status == 303, again.text
        assert_receipt(visitor.open(again.location))
    ((reference, key),) = accepted(data)
    assert again.location == f"/r/{reference}?key={key}"
    assert before in ([], [(reference, key)])
    (folder,) = (data / "files" / "Homework 3").glob(f"* {reference} Ann")
    stored = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert stored == {name: content for _, name, content in FILES}
    assert len(list((data / "files").rglob("*.pdf"))) == len(FILES)


def assert_receipt(receipt: Page) -> None:
    assert receipt.status == 200
    for _, name, content in FILES:
        assert name in receipt.text
        assert hashlib.sha256(content).hexdigest() in receipt.text


@pytest.mark.parametrize("failpoint", BEFORE_ACCEPTANCE)
def test_killed_before_acceptance_nothing_is_offered(data: Path, failpoint: str) -> None:
    page = hand_in_and_be_killed(data, failpoint)
    assert accepted(data) == []
    assert list((data / "files").rglob("*.pdf")) == []
    assert_that_all_is_well(data, page)


@pytest.mark.parametrize("failpoint", AFTER_ACCEPTANCE)
def test_killed_after_acceptance_nothing_is_lost(data: Path, failpoint: str) -> None:
    page = hand_in_and_be_killed(data, failpoint)
    assert len(accepted(data)) == 1
    assert_that_all_is_well(data, page)


@pytest.mark.parametrize("failpoint", IN_RECOVERY)
def test_killed_again_while_recovering_nothing_is_lost(data: Path, failpoint: str) -> None:
    page = hand_in_and_be_killed(data, "accept: committed")
    assert start_and_be_killed(data, failpoint) == EXIT_CODE
    assert len(accepted(data)) == 1
    assert_that_all_is_well(data, page)


@pytest.mark.parametrize("failpoint", IN_SWEEP)
def test_killed_while_sweeping_nothing_is_lost(data: Path, failpoint: str) -> None:
    page = hand_in_and_be_killed(data, "receive: kept")
    old = make_old(data)
    assert start_and_be_killed(data, failpoint) == EXIT_CODE
    assert_that_all_is_well(data, page)
    assert [path.name for path in old if path.exists()] == []


def test_what_was_never_handed_in_goes_when_it_is_old(data: Path) -> None:
    hand_in_and_be_killed(data, "receive: durable")  # on disk, and in no row
    young = list((data / "incoming").iterdir())
    assert len(young) == len(FILES)
    with Server(data=data):
        assert all(path.exists() for path in young)
    make_old(data)
    with Server(data=data):
        assert not any(path.exists() for path in young)


def make_old(data: Path) -> list[Path]:
    """Makes all that is on its way in three days old, for the file system and the database."""
    paths = list((data / "incoming").iterdir())
    for path in paths:
        os.utime(path, (time.time() - 3 * 86400,) * 2)
    with closing(sqlite3.connect(data / "intray.db")) as connection:
        connection.execute("UPDATE uploads SET expires_at = '2020-01-01 00:00:00'")
        connection.commit()
    return paths


def start_and_be_killed(data: Path, failpoint: str) -> int:
    """The exit code of a server that dies at the failpoint before it serves."""
    server = Server(data=data, environ={"FAILPOINT": failpoint})
    server.start()
    try:
        return server.wait()
    finally:
        server.kill()
