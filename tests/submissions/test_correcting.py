"""Corrections beside each other, and beside an erasing; and the names of their folders."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from webapp.database import now, snapshot, unit_of_work
from webapp.forms.rules import definition_of, find_version
from webapp.forms.tables import Form
from webapp.ids import public_id
from webapp.storage.base import StorageError
from webapp.storage.names import submission_folder, utf16_units
from webapp.submissions.accepting import Accepted, NotAccepted
from webapp.submissions.correcting import (
    CorrectedAlready,
    Correction,
    NotCorrectable,
    correct,
    find_current_files,
)
from webapp.submissions.erasing import erase
from webapp.submissions.placing import place_files
from webapp.submissions.tables import Erasure, StoredFile, Submission, SubmissionRevision

from ..conftest import ImportForm
from ..forms_in_toml import HOMEWORK
from .handing_in import hand_in, receive

CORRECTABLE = HOMEWORK.replace('state = "open"', 'state = "open"\ncorrections = "until_closed"')


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(CORRECTABLE)


def correction(
    app: Flask, form: Form, first: Accepted, name: str, file: str = "", **values: Any
) -> Correction:
    """A correction begun now, that keeps all files and adds one of that name."""
    with app.app_context():
        with snapshot() as session:
            version = find_version(session, form)
            assert version is not None
            submission = session.get_one(Submission, first.submission_id)
            kept = find_current_files(session, submission.id)
        definition = definition_of(version)
        storage = app.extensions["intray.storage"]
        new = receive(storage, form, definition, [(file, b"%PDF-1 new")] if file else [])
    given: dict[str, Any] = {
        "submission_id": first.submission_id,
        "begun_on": submission.revision,
        "definition": definition,
        "nonce": public_id(),
        "answers": {definition.fields[0].id: name},
        "kept": kept,
        "uploads": new,
        **values,
    }
    return Correction(**given)


def make(app: Flask, asked: Correction) -> Accepted:
    with app.app_context():
        with unit_of_work() as session:
            accepted = correct(session, asked, now())
        place_files(app.extensions["intray.storage"], accepted.submission_id)
    return accepted


def folders(app: Flask) -> list[str]:
    with app.app_context(), snapshot() as session:
        keys = session.scalars(select(StoredFile.storage_key).order_by(StoredFile.id))
        return [key.split("/")[-2].split(" ", 2)[2] for key in keys]


def test_of_two_at_once_one_is_told(app: Flask, form: Form) -> None:
    first = hand_in(app, form, {"name": "Ann"}, [("one.pdf", b"%PDF-1 one")])
    both = [correction(app, form, first, name, f"{name}.pdf") for name in ("Anne", "Anna")]

    def attempt(asked: Correction) -> bool:
        try:
            make(app, asked)
        except CorrectedAlready:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, both)) == [False, True]
    with app.app_context(), snapshot() as session:
        assert session.scalars(select(Submission.revision)).one() == 2
        assert session.scalar(select(func.count(SubmissionRevision.id))) == 1


def test_the_same_at_once_is_one_correction(app: Flask, form: Form) -> None:
    first = hand_in(app, form, {"name": "Ann"})
    asked = correction(app, form, first, "Anne", "new.pdf")
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: make(app, asked), range(4)))
    assert sorted(one.is_repetition for one in told) == [False, True, True, True]


def test_beside_an_erasing_no_file_is_left_behind(app: Flask, form: Form) -> None:
    """Whichever comes first."""
    storage = app.extensions["intray.storage"]
    for number in range(6):
        first = hand_in(app, form, {"name": "Ann"}, [("one.pdf", b"%PDF-1 one")])
        asked = correction(app, form, first, "Anne", f"{number}.pdf")

        def do_correct(asked: Correction = asked) -> None:
            # the latter where it is erased between its acceptance and its file's placing
            with contextlib.suppress(NotAccepted, StorageError):
                make(app, asked)

        def do_erase(first: Accepted = first) -> None:
            with app.app_context():
                erase(storage, [first.submission_id], None)

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(do_correct), pool.submit(do_erase)]:
                done.result()
    with app.app_context(), snapshot() as session:
        for table in (Submission, SubmissionRevision, StoredFile, Erasure):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    assert list(storage.stored_keys()) == []


def test_what_is_gone_or_closed_is_not_corrected(app: Flask, form: Form) -> None:
    first = hand_in(app, form, {"name": "Ann"})
    asked = correction(app, form, first, "Anne")
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Form).values(state="closed"))
    with pytest.raises(NotCorrectable):
        make(app, asked)
    with app.app_context():
        erase(app.extensions["intray.storage"], [first.submission_id], None)
    with pytest.raises(NotCorrectable):
        make(app, asked)


def test_each_correction_has_a_folder_of_its_own(app: Flask, form: Form) -> None:
    first = hand_in(app, form, {"name": "Ann (2)"}, [("one.pdf", b"%PDF-1 one")])
    for name in ("ann", "Ann", "Ann"):
        with app.app_context(), unit_of_work() as session:
            session.execute(update(StoredFile).values(until=1))  # room for more
        make(app, correction(app, form, first, name, "one.pdf"))
    found = folders(app)
    assert found == ["Ann (2)", "ann (3)", "Ann (4)", "Ann (5)"]


def test_a_corrections_folder_is_no_longer_than_others() -> None:
    for name in ("Ann", "A" * 100, "李" * 100, ""):
        folder = submission_folder("2026-11-22", "K7Q4-MXD2", name, 12)
        assert folder.endswith(" (12)")
        assert utf16_units(folder) <= 60
