"""Correcting what was handed in, by the receipt's link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from webapp.config import Settings
from webapp.database import now, snapshot, unit_of_work
from webapp.forms.tables import Form
from webapp.submissions.permits import ask, close
from webapp.submissions.tables import StoredFile, Submission, SubmissionRevision

from ..conftest import ImportForm
from ..forms_in_toml import EVERY_KIND, GOOD_ANSWERS, HOMEWORK
from ..visitor import Page, Visitor

CORRECTABLE = HOMEWORK.replace('state = "open"', 'state = "open"\ncorrections = "until_closed"')
PATH = "/f/homework-3"
FIRST = [("essay", "one.pdf", b"%PDF-1 one"), ("essay", "two.pdf", b"%PDF-1 two")]


class Sender:
    """Somebody who has handed in, and has the receipt."""

    def __init__(self, visitor: Visitor, path: str = PATH) -> None:
        self.visitor = visitor
        self.path = path
        self.receipt = self.correct = ""

    def hand_in(self, answers: dict[str, str | list[str]], files: object = FIRST) -> None:
        page = self.visitor.open(self.path)
        answer = self.visitor.hand_in(page, self.path, answers, files)  # type: ignore[arg-type]
        assert answer.status == 303, answer.text
        self.receipt = answer.location
        self.correct = self.receipt.replace("?", "/correct?")

    def open(self) -> Page:
        page = self.visitor.open(self.correct)
        assert page.status == 200, page.text
        return page

    def send(self, page: Page, answers: dict[str, str | list[str]], files: object = ()) -> Page:
        return self.visitor.hand_in(page, self.correct, answers, files)  # type: ignore[arg-type]


@pytest.fixture
def sender(visitor: Visitor, import_form: ImportForm) -> Sender:
    """Ann has handed in two files to a form that lets her correct."""
    import_form(CORRECTABLE)
    sender = Sender(visitor)
    sender.hand_in({"name": "Ann"})
    return sender


def ids_of(page: Page, key: str = "essay") -> list[str]:
    """What the page's hidden inputs carry of the files that are there."""
    return [value for name, value in page.inputs if name == key and value]


def set_form(app: Flask, **values: object) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Form).values(values))


def the_submission(app: Flask) -> Submission:
    with app.app_context(), snapshot() as session:
        return session.scalars(select(Submission)).one()


def test_the_receipt_leads_to_the_answers_as_they_were_given(sender: Sender) -> None:
    receipt = sender.visitor.open(sender.receipt)
    assert sender.correct.replace("&", "&amp;") in receipt.text
    page = sender.open()
    assert page.input("name") == "Ann"
    assert len(ids_of(page)) == 2
    assert "one.pdf" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex"


def test_every_kind_comes_back_as_it_was_typed(
    visitor: Visitor, import_form: ImportForm, app: Flask
) -> None:
    import_form(EVERY_KIND.replace('state = "open"', 'state = "open"\ncorrections="until_closed"'))
    sender = Sender(visitor, "/f/job-application")
    sender.hand_in(GOOD_ANSWERS, [("papers", "a.txt", b"a")])
    before = the_submission(app).answers
    answer = sender.send(sender.open(), {"letter": "Because of this."})
    assert answer.status == 303, answer.text
    after = the_submission(app).answers
    changed = {id for id in before if before[id] != after[id]}
    assert len(changed) == 1
    assert before.keys() == after.keys()


def test_a_correction_keeps_what_was_there_before(
    sender: Sender, app: Flask, settings: Settings
) -> None:
    page = sender.open()
    first = ids_of(page)
    new = [
        ("essay", "one.pdf", b"%PDF-1 other"),
        ("essay", "three.pdf", b"%PDF-1 three"),
    ]
    answer = sender.send(page, {"name": "Anne", "essay": [first[1]]}, new)
    assert (answer.status, answer.location) == (303, sender.receipt), answer.text
    receipt = sender.visitor.open(sender.receipt)
    assert "Anne" in receipt.text
    assert "three.pdf" in receipt.text
    assert "Corrected" in receipt.text
    with app.app_context(), snapshot() as session:
        was = session.scalars(select(SubmissionRevision)).one()
        files = session.scalars(select(StoredFile).order_by(StoredFile.id)).all()
    assert list(was.answers.values()) == ["Ann"]
    assert [(f.filename, f.since, f.until) for f in files] == [
        ("one.pdf", 1, 1), ("two.pdf", 1, None), ("one.pdf", 2, None), ("three.pdf", 2, None),
    ]  # fmt: skip
    assert all(f.placed for f in files)
    folders = sorted(path.name for path in (settings.data / "files" / "Homework 3").iterdir())
    assert [re.sub(r"^\S+ \S+ ", "", folder) for folder in folders] == [
        "Ann",
        "Anne (2)",
    ]
    lying = {p.name: p.read_bytes() for p in Path(settings.data, "files").rglob("*.pdf")}
    assert len(list(Path(settings.data, "files").rglob("*.pdf"))) == 4
    assert lying["two.pdf"] == b"%PDF-1 two"
    assert the_submission(app).file_count == 3


def test_the_same_page_twice_is_one_correction(sender: Sender, app: Flask) -> None:
    page = sender.open()
    file = [("essay", "three.pdf", b"%PDF-1 three")]
    for _ in range(2):
        answer = sender.send(page, {"name": "Anne"}, file)
        assert (answer.status, answer.location) == (303, sender.receipt), answer.text
    assert the_submission(app).revision == 2
    with app.app_context(), snapshot() as session:
        assert len(session.scalars(select(StoredFile)).all()) == 3


def test_a_page_that_changes_nothing_makes_no_revision(sender: Sender, app: Flask) -> None:
    assert sender.send(sender.open(), {}).status == 303
    assert the_submission(app).revision == 1
    assert "Corrected" not in sender.visitor.open(sender.receipt).text


def test_the_second_of_two_tabs_is_told_and_loses_nothing(sender: Sender, app: Flask) -> None:
    here, there = sender.open(), sender.open()
    assert sender.send(here, {"name": "Anne"}).status == 303
    told = sender.send(there, {"name": "Anna"}, [("essay", "late.pdf", b"%PDF-1 late")])
    assert told.status == 422
    assert "after you had opened this page" in " ".join(told.problems)
    assert told.input("name") == "Anna"
    assert len(ids_of(told)) == 3
    assert the_submission(app).revision == 2
    assert sender.send(told, {}).status == 303
    assert list(the_submission(app).answers.values()) == ["Anna"]
    assert the_submission(app).revision == 3


def test_the_same_page_with_other_content_asks(sender: Sender, app: Flask) -> None:
    page = sender.open()
    assert sender.send(page, {"name": "Anne"}).status == 303
    told = sender.send(page, {"name": "Anna"})
    assert told.status == 422
    assert told.input("name") == "Anna"
    assert sender.send(told, {}).status == 303
    assert the_submission(app).revision == 3


def test_the_first_page_again_after_a_correction_is_still_a_repetition(
    visitor: Visitor, import_form: ImportForm, app: Flask
) -> None:
    import_form(CORRECTABLE)
    page = visitor.open(PATH)
    sender = Sender(visitor)
    sender.receipt = visitor.hand_in(page, PATH, {"name": "Ann"}, FIRST).location
    sender.correct = sender.receipt.replace("?", "/correct?")
    sender.send(sender.open(), {"name": "Anne"})
    assert visitor.hand_in(page, PATH, {"name": "Ann"}, FIRST).location == sender.receipt


def test_a_file_is_removed_from_the_page_and_stays_with_what_was(
    sender: Sender, app: Flask
) -> None:
    page = sender.open()
    gone = ids_of(page)[0].removeprefix("upload:")
    page = sender.send(page, {"remove-upload": gone})
    assert page.status == 200
    assert len(ids_of(page)) == 1
    assert sender.send(page, {}).status == 303
    assert "one.pdf" not in sender.visitor.open(sender.receipt).text
    sender.visitor.post_form(f"/uploads/{gone}", {}, X_HTTP_Method_Override="DELETE")
    with app.app_context(), snapshot() as session:
        file = session.scalars(select(StoredFile).where(StoredFile.upload_id == gone)).one()
        with app.extensions["intray.storage"].open(file.upload_id, file.storage_key) as stream:
            assert stream.read() == b"%PDF-1 one"


def test_nobody_names_the_files_of_others(sender: Sender, app: Flask) -> None:
    other = Sender(sender.visitor)
    other.hand_in({"name": "Bob"}, [("essay", "secret.pdf", b"%PDF-1 secret")])
    theirs = ids_of(other.open())
    answer = sender.send(sender.open(), {"essay": theirs})
    assert answer.status == 422
    assert "secret.pdf" not in answer.text


def test_neither_another_key_nor_another_page_s_token_corrects(sender: Sender, app: Flask) -> None:
    wrong = sender.correct[:-4] + "AAAA"
    assert sender.visitor.open(wrong).status == 404
    assert sender.visitor.hand_in(sender.open(), wrong, {"name": "Eve"}).status == 404
    form = sender.visitor.open(PATH)
    answer = sender.send(form, {"name": "Eve"})
    assert answer.status == 422
    assert "could not be recognised" in answer.text
    assert the_submission(app).revision == 1


def test_what_the_form_does_not_allow_is_not_offered(
    visitor: Visitor, import_form: ImportForm, app: Flask
) -> None:
    import_form(HOMEWORK)
    sender = Sender(visitor)
    sender.hand_in({"name": "Ann"})
    assert "/correct?" not in visitor.open(sender.receipt).text
    refused = visitor.open(sender.correct)
    assert "cannot be corrected now" in refused.text
    assert not refused.inputs


def test_what_was_typed_is_kept_where_the_form_closes_meanwhile(sender: Sender, app: Flask) -> None:
    page = sender.open()
    set_form(app, state="closed")
    answer = sender.send(page, {"name": "Anne"}, [("essay", "3.pdf", b"%PDF-1 3")])
    assert answer.status == 422
    assert "cannot be corrected now" in answer.text
    assert answer.input("name") == "Anne"
    assert len(ids_of(answer)) == 3
    assert the_submission(app).revision == 1


def test_the_desk_lets_one_correct_after_the_form_is_closed(sender: Sender, app: Flask) -> None:
    set_form(app, state="closed")
    id = the_submission(app).id
    with app.app_context(), unit_of_work() as session:
        ask(session, id, "The second page is missing.", None, now(), user_id=None)
    assert "The second page is missing." in sender.visitor.open(sender.receipt).text
    page = sender.open()
    assert "The second page is missing." in page.text
    with app.app_context(), unit_of_work() as session:
        close(session, id, now(), user_id=None)
    assert sender.send(page, {"name": "Anne"}).status == 422
    with app.app_context(), unit_of_work() as session:
        ask(session, id, "", now(), now(), user_id=None)  # until now
    assert "cannot be corrected now" in sender.visitor.open(sender.correct).text


def test_the_version_that_was_answered_is_corrected(
    sender: Sender, app: Flask, import_form: ImportForm
) -> None:
    import_form(CORRECTABLE.replace('"name"', '"who"'))
    page = sender.open()
    assert page.input("name") == "Ann"
    assert sender.send(page, {"name": "Anne"}).status == 303
    assert list(the_submission(app).answers.values()) == ["Anne"]
