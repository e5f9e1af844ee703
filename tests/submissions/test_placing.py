"""What happens to an accepted submission's files when something is in the way."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from webapp import preparation
from webapp.database import snapshot, unit_of_work
from webapp.filling import attempt
from webapp.storage.base import StorageError
from webapp.submissions import placing
from webapp.submissions.tables import StoredFile
from webapp.uploads.tables import Upload

from ..conftest import ImportForm
from ..forms_in_toml import HOMEWORK
from ..visitor import Page, Visitor

PATH = "/f/homework-3"
FILES = [("essay", f"{name}.pdf", b"%PDF-1 " + name.encode()) for name in ("one", "two", "three")]


def hand_in(visitor: Visitor, import_form: ImportForm) -> Page:
    import_form(HOMEWORK)
    return visitor.hand_in(visitor.open(PATH), PATH, {"name": "Ann"}, FILES)


def placed_files(app: Flask) -> list[str]:
    return sorted(p.name for p in (app.config["INTRAY"].data / "files").rglob("*.pdf"))


def incoming(app: Flask) -> Path:
    folder: Path = app.config["INTRAY"].data / "incoming"
    return folder


def stored(app: Flask) -> list[StoredFile]:
    with app.app_context(), snapshot() as session:
        return list(session.scalars(select(StoredFile).order_by(StoredFile.id)))


def fail_to_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the request's own placing fail, as a scanner that holds the files would."""

    def refuse(*_: object) -> None:
        raise PermissionError("held by a virus scanner")

    monkeypatch.setattr(attempt, "place_files", refuse)


def test_the_answer_is_the_receipt_whatever_placing_meets(
    app: Flask, visitor: Visitor, import_form: ImportForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(attempt, "place_files", break_off)
    answer = hand_in(visitor, import_form)
    assert answer.status == 303
    assert visitor.open(answer.location).status == 200
    assert placed_files(app) == []
    with app.app_context():
        preparation.sweep()
    assert placed_files(app) == ["one.pdf", "three.pdf", "two.pdf"]


def test_one_lost_file_keeps_no_other_from_its_place(
    app: Flask, visitor: Visitor, import_form: ImportForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_to_place(monkeypatch)
    hand_in(visitor, import_form)
    first = stored(app)[0]
    (incoming(app) / first.upload_id).unlink()
    with app.app_context(), pytest.raises(StorageError):
        placing.place_files(app.extensions["intray.storage"], first.submission_id)
    assert placed_files(app) == ["three.pdf", "two.pdf"]
    assert [file.placed for file in stored(app)] == [False, True, True]


def test_the_only_copy_of_an_accepted_file_is_never_swept(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    """The database says that it is in its place, as after a power cut on another disk it may."""
    hand_in(visitor, import_form)
    file = stored(app)[0]
    assert file.placed
    place = app.config["INTRAY"].data / "files" / file.storage_key
    back = incoming(app) / file.upload_id
    place.rename(back)
    long_ago = time.time() - 3 * 86400
    os.utime(back, (long_ago, long_ago))
    with app.app_context():
        preparation.sweep()
    assert place.read_bytes() == b"%PDF-1 one"
    assert not back.exists()


def test_an_upload_that_cannot_be_removed_does_not_stop_the_sweep(
    app: Flask, visitor: Visitor, import_form: ImportForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_form(HOMEWORK)
    visitor.hand_in(visitor.open(PATH), PATH, {"name": ""}, FILES)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "held by a virus scanner")

    monkeypatch.setattr(app.extensions["intray.storage"], "discard", refuse)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Upload).values(expires_at=Upload.received_at))
    with app.app_context():
        preparation.sweep()
    assert len(list(incoming(app).iterdir())) == len(FILES)
