"""A process killed at every step of erasing a submission: after the next start it is gone with its files,
and nothing else is."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from webapp.failpoints import EXIT_CODE

from ..running import Server, run
from ..visitor import Page, Visitor, over_http
from .test_killed import FILES, PATH, data

__all__ = ["data"]

TOP = Path(__file__).parents[2]
STEPS = [
    "erase: not committed",
    "erase: marked",
    "erase: file gone",
    "erase: unlinked",
    "erase: not forgotten",
    "erase: forgotten",
]
IN_RECOVERY = STEPS[2:]

ERASING = """
import sys
from webapp import create_app
from webapp.config import load
from webapp.submissions.erasing import erase
app = create_app(load({"data": sys.argv[1]}, {}))
with app.app_context():
    erase(app.extensions["intray.storage"], [int(sys.argv[2])], None)
"""


@pytest.fixture
def receipts(data: Path) -> tuple[Page, Page]:
    """Two submissions are handed in: the first is to go, the second to stay."""
    with Server(data=data) as server:
        visitor = Visitor(over_http(server.url))
        answers = [
            visitor.hand_in(visitor.open(PATH), PATH, {"name": name}, FILES)
            for name in ("Gone", "Stays")
        ]
    return answers[0], answers[1]


def erase_and_be_killed(data: Path, failpoint: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ERASING, str(data), "1"],
        cwd=TOP,
        env={**os.environ, "FAILPOINT": failpoint},
        timeout=120,
        check=False,
    )
    assert done.returncode == EXIT_CODE


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "intray.db")) as connection:
        return connection.execute(query).fetchall()


def assert_that_it_is_gone(data: Path, receipts: tuple[Page, Page]) -> None:
    """After a start, with all that the other one has in its place."""
    gone, stays = receipts
    with Server(data=data) as server:
        visitor = Visitor(over_http(server.url))
        assert visitor.open(gone.location).status == 404
        assert visitor.open(stays.location).status == 200
        assert rows(data, "SELECT count(*) FROM erasures") == [(0,)]
    folders = [path for path in (data / "files" / "Homework 3").iterdir() if path.is_dir()]
    assert [path.name.split()[-1] for path in folders] == ["Stays"]
    assert {path.name: path.read_bytes() for path in folders[0].iterdir()} == {
        name: content for _, name, content in FILES
    }
    assert rows(data, "SELECT submission_count FROM forms") == [(1,)]
    assert rows(data, "SELECT count(*) FROM stored_files") == [(len(FILES),)]
    assert rows(data, "SELECT rowid FROM submission_search") == [(2,)]
    assert rows(data, "SELECT name FROM jobs WHERE name LIKE 'submission.place%'") == []
    told = run("-m", "webapp", "verify", data=data).stdout.splitlines()
    assert told == ["Homework 3/notes.txt: no submission has this file.", "1 problem."]


@pytest.mark.parametrize("failpoint", STEPS[1:])
def test_killed_after_it_was_marked_it_goes_at_the_next_start(
    data: Path, receipts: tuple[Page, Page], failpoint: str
) -> None:
    erase_and_be_killed(data, failpoint)
    assert rows(data, "SELECT id FROM submissions") == [(2,)]
    assert_that_it_is_gone(data, receipts)


def test_killed_before_it_was_marked_nothing_has_happened(
    data: Path, receipts: tuple[Page, Page]
) -> None:
    erase_and_be_killed(data, STEPS[0])
    with Server(data=data) as server:
        visitor = Visitor(over_http(server.url))
        for receipt in receipts:
            assert visitor.open(receipt.location).status == 200
    assert len(list((data / "files").rglob("*.pdf"))) == 2 * len(FILES)


@pytest.mark.parametrize("failpoint", IN_RECOVERY)
def test_killed_again_while_recovering_it_goes_at_the_start_after(
    data: Path, receipts: tuple[Page, Page], failpoint: str
) -> None:
    erase_and_be_killed(data, "erase: marked")
    server = Server(data=data, environ={"FAILPOINT": failpoint})
    server.start()
    try:
        assert server.wait() == EXIT_CODE
    finally:
        server.kill()
    assert_that_it_is_gone(data, receipts)
