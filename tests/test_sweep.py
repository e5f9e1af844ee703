"""The sweep does what was left undone and removes what nobody needs, never what was accepted."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from webapp.database import snapshot, unit_of_work
from webapp.jobs.tables import Job
from webapp.preparation import STRAY_AFTER_SECONDS, SWEEP_JOB, prepare, sweep
from webapp.submissions.tables import StoredFile
from webapp.uploads.rules import KEPT_FOR
from webapp.uploads.tables import Upload

from .conftest import ImportForm
from .forms_in_toml import HOMEWORK
from .visitor import Visitor

PATH = "/f/homework-3"
CONTENT = b"%PDF-1 an essay"


@pytest.fixture
def data(app: Flask, import_form: ImportForm) -> Path:
    """The data folder of an application with a form."""
    import_form(HOMEWORK)
    folder: Path = app.config["INTRAY"].data
    return folder


def hand_in(visitor: Visitor, name: str = "Ann") -> None:
    page = visitor.open(PATH)
    answer = visitor.hand_in(page, PATH, {"name": name}, [("essay", "essay.pdf", CONTENT)])
    assert answer.status == (303 if name else 422)


def unplace(app: Flask, data: Path) -> tuple[Path, Path]:
    """Makes it as it is when the server dies between accepting and placing. Gives where the file is
    and where it belongs."""
    with app.app_context(), unit_of_work() as session:
        file = session.scalars(select(StoredFile)).one()
        file.placed = False
        incoming, place = data / "incoming" / file.upload_id, data / "files" / file.storage_key
    place.rename(incoming)
    place.parent.rmdir()
    return incoming, place


def age(path: Path, seconds: float = STRAY_AFTER_SECONDS + 60) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def run_sweep(app: Flask) -> None:
    with app.app_context():
        sweep()


def incoming(data: Path) -> set[str]:
    return {path.name for path in (data / "incoming").iterdir()}


def is_placed(app: Flask) -> bool:
    with app.app_context(), snapshot() as session:
        return session.scalars(select(StoredFile.placed)).one()


def test_what_was_accepted_and_not_placed_is_placed_at_the_next_start(
    app: Flask, data: Path, visitor: Visitor
) -> None:
    hand_in(visitor)
    here, place = unplace(app, data)
    age(here)  # however long the server was down
    prepare(app)
    assert place.read_bytes() == CONTENT
    assert not here.exists()
    assert is_placed(app)


def test_what_cannot_be_placed_is_kept_and_tried_again(
    app: Flask, data: Path, visitor: Visitor
) -> None:
    hand_in(visitor)
    here, place = unplace(app, data)
    place.parent.mkdir()
    place.write_bytes(b"a stranger's")
    age(here)
    run_sweep(app)
    assert here.read_bytes() == CONTENT
    assert place.read_bytes() == b"a stranger's"
    assert not is_placed(app)
    place.unlink()
    run_sweep(app)
    assert place.read_bytes() == CONTENT
    assert is_placed(app)


def test_a_submission_whose_file_is_gone_does_not_stop_the_others(
    app: Flask, data: Path, visitor: Visitor
) -> None:
    hand_in(visitor)
    lost, _ = unplace(app, data)
    lost.unlink()
    hand_in(visitor, "Ben")
    with app.app_context(), unit_of_work() as session:
        session.execute(update(StoredFile).values(placed=False))
    prepare(app)
    with app.app_context(), snapshot() as session:
        assert session.scalars(select(StoredFile.placed).order_by(StoredFile.id)).all() == [
            False,
            True,
        ]


def test_uploads_that_nobody_hands_in_expire(app: Flask, data: Path, visitor: Visitor) -> None:
    hand_in(visitor, name="")
    hand_in(visitor, name="")
    with app.app_context(), unit_of_work() as session:
        expired, waiting = session.scalars(select(Upload).order_by(Upload.id))
        assert expired.expires_at - expired.received_at == KEPT_FOR
        expired.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    for upload in (expired, waiting):
        age(data / "incoming" / upload.public_id, KEPT_FOR.total_seconds())
    run_sweep(app)
    assert incoming(data) == {waiting.public_id}
    with app.app_context(), snapshot() as session:
        assert session.scalars(select(Upload.public_id)).all() == [waiting.public_id]


def test_strays_go_when_they_are_a_day_old(app: Flask, data: Path, visitor: Visitor) -> None:
    hand_in(visitor, name="")  # waits: known, and its row keeps it
    (known,) = incoming(data)
    age(data / "incoming" / known)
    for name in ("old stray", "young stray"):
        (data / "incoming" / name).write_bytes(b"half a fi")
    age(data / "incoming" / "old stray")
    age(data / "incoming" / "young stray", STRAY_AFTER_SECONDS - 60)
    run_sweep(app)
    assert incoming(data) == {known, "young stray"}


def test_nothing_under_files_is_ever_touched(app: Flask, data: Path, visitor: Visitor) -> None:
    hand_in(visitor)
    for name in ("stranger.txt", "Homework 3/desktop.ini", "Another form/2020-01-01 X/old.pdf"):
        path = data / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"kept")
    (data / "files" / "empty folder").mkdir()
    everything = sorted((data / "files").rglob("*"))
    for path in everything:
        age(path, 10 * 365 * 24 * 3600)
    before = [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in everything]
    run_sweep(app)
    prepare(app)
    after = sorted((data / "files").rglob("*"))
    assert [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in after] == before


def test_old_sessions_go(app: Flask, data: Path, visitor: Visitor) -> None:
    visitor.post_form("/language", {"language": "zh"})
    (old,) = (data / "sessions").glob("*.json")
    age(old, 400 * 24 * 3600)
    run_sweep(app)
    assert not old.exists()


def test_the_sweep_is_a_job_that_is_always_there(app: Flask, data: Path) -> None:
    stray = data / "incoming" / "stray"
    stray.write_bytes(b"")
    age(stray)
    worker = app.extensions["intray.jobs"]
    assert worker.run_due() == 1
    assert not stray.exists()
    assert worker.run_due() == 0
    for _ in range(2):
        prepare(app)
    with app.app_context(), snapshot() as session:
        due_at = session.scalars(select(Job.due_at).where(Job.kind == SWEEP_JOB)).one()
        assert session.scalar(select(func.count()).select_from(Job)) == 1
    assert timedelta(minutes=50) < due_at - datetime.now(UTC) < timedelta(minutes=70)


def test_what_a_killed_export_has_left_is_removed(app: Flask, data: Path) -> None:
    """It holds answers. One that may still run stays."""
    left, running = data / "incoming" / "export-left", data / "incoming" / "export-now"
    for folder in (left, running):
        folder.mkdir()
        (folder / "rows").write_text("Ann Lee")
    yesterday = time.time() - 25 * 3600
    os.utime(left, (yesterday, yesterday))
    with app.app_context():
        sweep()
    assert not left.exists()
    assert running.exists()
