"""A full disk, a locked or lost database: word of it, and nothing half left behind."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from webapp.database import unit_of_work
from webapp.uploads import rules as uploads

from .conftest import ImportForm
from .forms_in_toml import HOMEWORK
from .visitor import Page, Visitor

PATH = "/f/homework-3"
FILES = [("essay", "a.pdf", b"%PDF-1 bytes")]


@pytest.fixture
def page(visitor: Visitor, import_form: ImportForm) -> Page:
    import_form(HOMEWORK)
    return visitor.open(PATH)


def incoming(app: Flask) -> list[Path]:
    return list((app.config["INTRAY"].data / "incoming").iterdir())


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("database or disk is full", 507),
        ('could not extend file "base/1": No space left on device', 507),
        ("database is locked", 503),
        ("server closed the connection unexpectedly", 503),
    ],
)
def test_a_database_that_fails_is_told_and_leaves_no_file_behind(
    app: Flask,
    visitor: Visitor,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    message: str,
    status: int,
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception(message))

    monkeypatch.setattr(uploads, "keep", fail)
    answer = visitor.hand_in(page, PATH, {"name": "Ann"}, FILES)
    assert answer.status == status
    assert "Nothing was handed in" in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)
    assert incoming(app) == []
    monkeypatch.undo()
    assert visitor.hand_in(page, PATH, {"name": "Ann"}, FILES).status == 303


def test_too_many_open_files_are_told(
    app: Flask, visitor: Visitor, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(app.extensions["intray.storage"], "stage", fail)
    assert visitor.hand_in(page, PATH, {"name": "Ann"}, FILES).status == 503


def test_answers_and_keys_are_not_logged(
    app: Flask, visitor: Visitor, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    """A failing statement would name its parameters: answers, receipt keys, upload ids."""
    with app.app_context(), unit_of_work() as session:
        session.execute(text("DROP TABLE events"))
    answer = visitor.hand_in(page, PATH, {"name": "Very Secret"})
    assert answer.status >= 500
    assert "Very Secret" not in caplog.text
    assert caplog.text != ""


def test_the_database_is_for_its_user_alone(sqlite_app: Flask) -> None:
    data: Path = sqlite_app.config["INTRAY"].data
    for path in data.glob("intray.db*"):
        assert path.stat().st_mode & 0o077 == 0, path
