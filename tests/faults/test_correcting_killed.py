"""A process killed at every numbered step of a correction: it is wholly there or not at all, and what was
handed in first is there in both cases."""

from __future__ import annotations

import http.client
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from webapp.failpoints import EXIT_CODE

from ..forms_in_toml import HOMEWORK
from ..running import Server
from ..visitor import Page, Visitor, over_http

PATH = "/f/homework-3"
CORRECTABLE = HOMEWORK.replace('state = "open"', 'state = "open"\ncorrections = "until_closed"')
FIRST = [("essay", "one.pdf", b"%PDF-1 one"), ("essay", "two.pdf", b"%PDF-1 two")]
NEW = [("essay", "three.pdf", b"%PDF-1 three" * 1000)]

BEFORE = ["receive: kept", "correct: not committed"]
AFTER = ["correct: committed", "place: renamed", "place: not committed", "place: committed"]


@pytest.fixture
def handed_in(tmp_path: Path) -> tuple[Path, str]:
    """A data folder with a submission, and the path of its receipt."""
    data, form = tmp_path / "data", tmp_path / "form.toml"
    form.write_text(CORRECTABLE, encoding="utf-8")
    Server.command("form", "import", str(form), data=data)
    with Server(data=data) as server:
        visitor = Visitor(over_http(server.url))
        answer = visitor.hand_in(visitor.open(PATH), PATH, {"name": "Ann"}, FIRST)
        assert answer.status == 303, answer.text
    return data, answer.location


def send(visitor: Visitor, page: Page, path: str) -> Page:
    kept = [value for name, value in page.inputs if name == "essay" and value][:1]
    return visitor.hand_in(page, path, {"name": "Anne", "essay": kept}, NEW)


def revision(data: Path) -> int:
    with closing(sqlite3.connect(data / "intray.db")) as connection:
        ((found,),) = connection.execute("SELECT revision FROM submissions").fetchall()
    return int(found)


@pytest.mark.parametrize("failpoint", [*BEFORE, *AFTER])
def test_killed_while_it_is_corrected(handed_in: tuple[Path, str], failpoint: str) -> None:
    data, receipt = handed_in
    path = receipt.replace("?", "/correct?")
    with Server(data=data, environ={"FAILPOINT": failpoint}) as server:
        visitor = Visitor(over_http(server.url))
        page = visitor.open(path)
        with pytest.raises((OSError, http.client.HTTPException)):
            send(visitor, page, path)
        assert server.wait() == EXIT_CODE
    assert revision(data) == (1 if failpoint in BEFORE else 2)
    with Server(data=data) as server:
        visitor = Visitor(over_http(server.url))
        shown = visitor.open(receipt).text
        assert ("three.pdf" in shown) == (failpoint in AFTER)
        again = send(visitor, page, path)
        assert (again.status, again.location) == (303, receipt), again.text
        shown = visitor.open(receipt).text
        assert [name in shown for name in ("one.pdf", "two.pdf", "three.pdf")] == [
            True, False, True,
        ]  # fmt: skip
    assert revision(data) == 2
    lying = {p.name: p.read_bytes() for p in (data / "files").rglob("*.pdf")}
    assert lying == {name: content for _, name, content in (*FIRST, *NEW)}
    assert Server.command("verify", data=data).strip().endswith("0 problems.")
