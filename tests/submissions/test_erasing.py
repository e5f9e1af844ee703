"""Erasing submissions, and whole forms: all that was theirs goes, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from webapp import preparation
from webapp.database import now, unit_of_work
from webapp.events.tables import Event
from webapp.forms import rules
from webapp.forms.tables import Form, FormVersion
from webapp.jobs import queue
from webapp.jobs.tables import Job
from webapp.storage.base import Storage
from webapp.submissions import erasing, form_erasing
from webapp.submissions.receipts import find_receipt
from webapp.submissions.tables import Erasure, StoredFile, Submission
from webapp.submissions.verifying import verify
from webapp.uploads.tables import Upload

from ..conftest import ImportForm
from ..forms_in_toml import HOMEWORK
from .handing_in import form_count, hand_in, reading

FILES = [("one.pdf", b"%PDF-1 first"), ("two.pdf", b"%PDF-1 second")]


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(HOMEWORK)


@pytest.fixture
def storage(app: Flask) -> Storage:
    found: Storage = app.extensions["intray.storage"]
    return found


@pytest.fixture
def files(app: Flask) -> Path:
    path: Path = app.config["INTRAY"].data / "files"
    return path


def erase(app: Flask, *ids: int) -> int:
    with app.app_context():
        return erasing.erase(app.extensions["intray.storage"], ids, 7)


def left(files: Path) -> list[str]:
    return sorted(path.relative_to(files).as_posix() for path in files.rglob("*"))


def counts(app: Flask) -> dict[str, int]:
    tables = (Submission, StoredFile, Erasure, Upload, Job)
    with reading(app) as session:
        return {t.__tablename__: len(session.scalars(select(t)).all()) for t in tables}


def test_all_of_a_submission_goes_and_nothing_of_another(
    app: Flask, form: Form, files: Path
) -> None:
    kept = hand_in(app, form, {"name": "Bob"}, FILES)
    before, counted = left(files), counts(app)
    gone = hand_in(app, form, {"name": "Ann"}, FILES)
    assert erase(app, gone.submission_id) == 1
    assert left(files) == before
    # The job stays, and will find nothing: others, not committed yet, may rely on it.
    assert counts(app) == {**counted, "jobs": counted["jobs"] + 1}
    assert form_count(app, form) == 1
    with reading(app) as session:
        assert find_receipt(session, gone.reference, gone.receipt_key, now()) is None
        assert find_receipt(session, kept.reference, kept.receipt_key, now()) is not None
        query = select(Event).where(Event.submission_id == gone.submission_id)
        event = session.scalars(query.order_by(Event.id.desc())).first()
        assert event is not None
        assert (event.kind, event.user_id) == ("submission.deleted", 7)
        assert (event.form_id, event.details) == (form.id, {"reference": gone.reference})
    assert erase(app, gone.submission_id) == 0
    assert form_count(app, form) == 1


def test_many_are_erased_at_once(app: Flask, form: Form, files: Path) -> None:
    ids = [hand_in(app, form, {"name": str(n)}, FILES[: n % 3]).submission_id for n in range(12)]
    assert erase(app, *ids[:10], 10**6) == 10
    assert form_count(app, form) == 2
    assert len(left(files)) == 1 + 2 + 3  # the form’s folder, two submissions’, their files


def test_a_file_that_was_not_placed_goes_from_where_it_came_in(
    app: Flask, form: Form, files: Path
) -> None:
    gone = hand_in(app, form, {"name": "Ann"}, FILES, place=False)
    assert len(list((files.parent / "incoming").iterdir())) == 2
    erase(app, gone.submission_id)
    assert list((files.parent / "incoming").iterdir()) == []
    with app.app_context():
        app.extensions["intray.jobs"].run_due()  # the job that would have placed them
    assert left(files) == []


def test_a_stranger_at_the_place_of_a_file_that_was_not_placed_stays(
    app: Flask, form: Form, files: Path
) -> None:
    gone = hand_in(app, form, {"name": "Ann"}, FILES[:1], place=False)
    with reading(app) as session:
        key = session.scalars(select(StoredFile.storage_key)).one()
    (files / key).parent.mkdir(parents=True)
    (files / key).write_bytes(b"mine")
    erase(app, gone.submission_id)
    assert (files / key).read_bytes() == b"mine"
    assert list((files.parent / "incoming").iterdir()) == []


def test_what_somebody_has_put_beside_the_files_stays(app: Flask, form: Form, files: Path) -> None:
    gone = hand_in(app, form, {"name": "Ann"}, FILES)
    (folder,) = files.glob("*/*")
    (folder / "notes.txt").write_bytes(b"mine")
    erase(app, gone.submission_id)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_what_cannot_be_removed_now_is_removed_later(
    app: Flask, form: Form, files: Path, storage: Storage
) -> None:
    gone = hand_in(app, form, {"name": "Ann"}, FILES)
    (folder,) = files.glob("*/*")
    (folder / "one.pdf").unlink()
    (folder / "one.pdf").mkdir()  # which `unlink` refuses everywhere
    assert erase(app, gone.submission_id) == 1
    assert counts(app)["erasures"] == 1
    assert form_count(app, form) == 0
    with reading(app) as session:
        assert list(verify(session, storage)) == []
        assert session.scalars(select(Job.kind)).all() == ["sweep", erasing.ERASE_JOB]
    (folder / "one.pdf").rmdir()
    with app.app_context():
        with unit_of_work() as session:
            queue.hurry(session, now(), kind=erasing.ERASE_JOB)
        app.extensions["intray.jobs"].run_due()
    assert counts(app)["erasures"] == 0
    assert not folder.exists()
    with reading(app) as session:
        assert session.scalars(select(Job.kind)).all() == ["sweep"]


@pytest.mark.skipif(sys.platform == "win32", reason="a test of Windows' own would hold the file")
def test_a_link_that_somebody_put_there_is_not_followed(
    app: Flask, form: Form, files: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.pdf"
    elsewhere.write_bytes(b"mine")
    gone = hand_in(app, form, {"name": "Ann"}, FILES[:1])
    (placed,) = files.rglob("*.pdf")
    placed.unlink()
    placed.symlink_to(elsewhere)
    erase(app, gone.submission_id)
    assert elsewhere.read_bytes() == b"mine"
    assert left(files) == ["Homework 3"]


def test_a_form_is_gone_at_once_and_its_submissions_soon(
    app: Flask, form: Form, files: Path, import_form: ImportForm
) -> None:
    other = import_form(HOMEWORK.replace("homework-3", "other").replace("Homework 3", "Other"))
    kept = hand_in(app, other, {"name": "Bob"}, FILES)
    before = left(files)
    gone = [hand_in(app, form, {"name": str(n)}, FILES) for n in range(3)]
    with app.app_context(), unit_of_work() as session:
        form_erasing.erase_form(session, form.id, 7, now())
    with reading(app) as session:
        assert rules.find_form(session, "homework-3") is None
        assert rules.find_published(session, "homework-3") is None
        assert [f.slug for f in rules.all_forms(session)] == ["other"]
        assert find_receipt(session, gone[0].reference, gone[0].receipt_key, now()) is None
    again = import_form(HOMEWORK)  # its slug is free
    with app.app_context():
        app.extensions["intray.jobs"].run_due()
    assert [name for name in left(files) if name not in before] == []
    with reading(app) as session:
        assert sorted(session.scalars(select(Form.id))) == [other.id, again.id]
        assert set(session.scalars(select(FormVersion.form_id))) == {other.id, again.id}
        assert session.scalars(select(Submission.id)).all() == [kept.submission_id]
        event = session.scalars(select(Event).where(Event.kind == "form.deleted")).one()
        assert (event.user_id, event.details) == (7, {"slug": "homework-3", "count": 3})


def stick(files: Path, beginning: str) -> None:
    """Makes the first file of that form one that cannot be removed."""
    (path,) = files.glob(f"{beginning}/*/one.pdf")
    path.unlink()
    path.mkdir()  # which `unlink` refuses everywhere


def test_a_file_that_stays_elsewhere_does_not_keep_a_form(
    app: Flask, form: Form, files: Path, import_form: ImportForm
) -> None:
    other = import_form(HOMEWORK.replace("homework-3", "other").replace("Homework 3", "Other"))
    theirs = hand_in(app, other, {"name": "Bob"}, FILES)
    hand_in(app, form, {"name": "Ann"}, FILES)
    stick(files, "Other")
    erase(app, theirs.submission_id)
    with app.app_context():
        with unit_of_work() as session:
            form_erasing.erase_form(session, form.id, 7, now())
        app.extensions["intray.jobs"].run_due()
    with reading(app) as session:
        assert session.scalars(select(Form.id)).all() == [other.id]
    assert not (files / "Homework 3").exists()
    assert counts(app)["erasures"] == 1


def test_a_form_whose_erasing_was_given_up_is_taken_up_again(
    app: Flask, form: Form, files: Path
) -> None:
    hand_in(app, form, {"name": "Ann"}, FILES)
    stick(files, "Homework 3")
    with app.app_context():
        with unit_of_work() as session:
            form_erasing.erase_form(session, form.id, 7, now())
        app.extensions["intray.jobs"].run_due()
        with unit_of_work() as session:
            given_up = update(Job).where(Job.kind == form_erasing.ERASE_FORM_JOB)
            session.execute(given_up.values(failed_at=now()))
        (stuck,) = files.glob("*/*/one.pdf")
        stuck.rmdir()
        preparation.sweep()
        app.extensions["intray.jobs"].run_due()
    with reading(app) as session:
        assert session.scalars(select(Form.id)).all() == []
    assert left(files) == []
