"""The desk asks for a correction, and sees what was corrected."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from webapp.database import now, snapshot
from webapp.jobs.tables import Job
from webapp.submissions.permits import ASK_JOB
from webapp.submissions.tables import StoredFile, Submission, SubmissionRevision
from webapp.submissions.verifying import verify

from ..conftest import ImportForm, SignInAs
from ..desk import Desk
from ..filling.test_correcting import CORRECTABLE, FIRST, Sender, ids_of
from ..forms_in_toml import HOMEWORK
from ..visitor import Page, Visitor

DESK = "/desk/forms/homework-3"


class Office:
    """The desk with one submission of Ann's in it."""

    def __init__(self, desk: Desk, sender: Sender) -> None:
        self.desk = desk
        self.sender = sender
        reference = sender.receipt.split("/r/")[1].split("?")[0]
        self.reference = reference
        self.path = f"{DESK}/submissions/{reference}"

    def page(self) -> Page:
        return self.desk.open(self.path)

    def ask(self, text: str = "The second page is missing.", until: str = "") -> Page:
        action = f"{self.path}/correction"
        page = self.desk.open(action)
        return self.desk.submit(page, action, {"text": text, "until": until})

    def versions(self) -> Page:
        page = self.desk.open(f"{self.path}/versions")
        assert page.status == 200, page.text
        return page


@pytest.fixture
def office(visitor: Visitor, import_form: ImportForm, desk: Desk) -> Office:
    import_form(HOMEWORK)
    sender = Sender(visitor)
    sender.hand_in({"name": "Ann Lee of Dorchester"})
    return Office(desk, sender)


def correct(office: Office) -> None:
    """Ann corrects her name, keeps one file, takes one away and adds one."""
    page = office.sender.open()
    kept = ids_of(page)[1]
    new = [("essay", "one.pdf", b"%PDF-1 other")]
    answers: dict[str, str | list[str]] = {"name": "Anne Lee of Dorchester", "essay": [kept]}
    assert office.sender.send(page, answers, new).status == 303


def rows(page: Page) -> list[str]:
    """The references that a list shows."""
    return re.findall(r"/submissions/(....-....)\">", page.text)


def test_the_inbox_lists_apart_what_was_corrected_and_what_is_to_be(office: Office) -> None:
    corrected, asked = f"{DESK}?corrected=yes", f"{DESK}?asked=yes"
    page = office.desk.open(DESK)
    assert ("only what was corrected" in page.text, "is to be corrected" in page.text) == (
        False,
    ) * 2
    other = Sender(office.sender.visitor)
    other.hand_in({"name": "Ben Wang"})
    office.ask()
    assert rows(office.desk.open(asked)) == [office.reference]
    assert rows(office.desk.open(corrected)) == []
    assert "Nothing is in this part of the list" in office.desk.open(corrected).text
    links = office.desk.open(DESK).text
    assert f'href="{asked}"' in links
    assert f'href="{corrected}"' not in links
    correct(office)
    assert rows(office.desk.open(asked)) == []
    by_name = office.desk.open(f"{corrected}&order=name")
    assert rows(by_name) == [office.reference]
    assert "order=name-down&amp;corrected=yes" in by_name.text
    office.ask(until="2020-01-01 12:00")
    assert rows(office.desk.open(asked)) == []


def test_asking_opens_it_until_it_is_closed_again(office: Office) -> None:
    assert office.ask().status == 303
    page = office.page()
    assert "Waiting for a correction since" in page.text
    assert "The second page is missing." in page.text
    assert "To be corrected" in office.desk.open(DESK).text
    assert "The second page is missing." in office.sender.visitor.open(office.sender.receipt).text
    correct(office)
    receipt = office.sender.visitor.open(office.sender.receipt).text
    assert "The second page is missing." not in receipt
    assert "/correct?" in receipt
    assert "can still correct it again" in office.page().text
    assert "To be corrected" not in office.desk.open(DESK).text
    action = f"{office.path}/correction/close"
    assert office.desk.submit(office.page(), action).status == 303
    assert "can still correct" not in office.page().text
    assert "cannot be corrected now" in office.sender.visitor.open(office.sender.correct).text
    history = office.page().text
    for words in ("Asked for a correction", "A correction came in", "no correction any more"):
        assert words in history


def test_asking_for_nothing_or_until_yesterday_is_told(office: Office) -> None:
    told = office.ask("  ", "2020-01-01")
    assert told.status == 422
    assert "What is to be corrected must not be empty" in told.text
    assert "Until must be later than now" in told.text
    told = office.ask("Please sign.", "tomorrow")
    assert told.status == 422
    assert "Please sign." in told.text


def test_a_day_ends_it(office: Office, app: Flask) -> None:
    day = (now() + timedelta(days=3)).date().isoformat()
    assert office.ask(until=day).status == 303
    assert "until" in office.sender.visitor.open(office.sender.receipt).text
    with app.app_context(), snapshot() as session:
        until = session.scalars(select(Submission.asked_until)).one()
    assert until is not None
    assert until > now()


def test_a_reviewer_sees_it_and_cannot_ask(office: Office, sign_in: SignInAs) -> None:
    office.ask()
    reviewer = sign_in("reviewer")
    page = reviewer.open(office.path)
    assert "Waiting for a correction since" in page.text
    assert "key=" not in page.text
    assert "/correction" not in page.text


def test_the_versions_are_shown_with_what_was_changed(office: Office) -> None:
    office.ask()
    correct(office)
    page = office.versions().text
    assert "<del>" in page
    assert "Ann</del>" in page
    assert "Anne</ins>" in page
    assert " Lee of Dorchester" in page
    assert page.index("Version 2") < page.index("Version 1")
    for words in ("Added: ", "Removed: ", "Kept: "):
        assert words in page


def test_files_of_earlier_versions_are_handed_out(office: Office, app: Flask) -> None:
    office.ask()
    correct(office)
    with app.app_context(), snapshot() as session:
        gone = session.scalars(select(StoredFile).where(StoredFile.until == 1)).one()
    path = f"{office.path}/files/{gone.upload_id}"
    assert path in office.versions().text
    assert path not in office.page().text
    assert office.desk.open(path).body == b"%PDF-1 one"


def test_exports_hold_the_newest_and_when_it_was_corrected(office: Office) -> None:
    def rows() -> list[list[str]]:
        text = office.desk.open(f"{DESK}/submissions.csv").body.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))

    assert not any(heading.startswith("Corrected") for heading in rows()[0])
    office.ask()
    correct(office)
    headings, row = rows()
    told = dict(zip(headings, row, strict=True))
    assert told["Your name"] == "Anne Lee of Dorchester"
    assert told["Your essay"] == "two.pdf; one.pdf"
    assert any(heading.startswith("Corrected") and told[heading] for heading in headings)
    assert told["Folder"].count("files/") == 2


def test_archives_hold_the_newest(office: Office) -> None:
    office.ask()
    correct(office)
    for path in (f"{office.path}/files.zip", f"{DESK}/files.zip"):
        with zipfile.ZipFile(io.BytesIO(office.desk.open(path).body)) as archive:
            held = {name.split("/")[-1]: archive.read(name) for name in archive.namelist()}
        assert held == {"two.pdf": b"%PDF-1 two", "one.pdf": b"%PDF-1 other"}


def test_searches_find_the_newest_words(office: Office) -> None:
    office.ask()
    correct(office)
    assert office.reference in office.desk.open(f"{DESK}?q=anne").text
    page = office.sender.open()
    assert office.sender.send(page, {"name": "Zoe"}).status == 303
    assert office.reference not in office.desk.open(f"{DESK}?q=dorchester").text
    assert office.reference in office.desk.open(f"{DESK}?q=zoe").text


def test_nothing_is_strange_and_erasing_takes_all(office: Office, app: Flask) -> None:
    office.ask()
    correct(office)
    storage = app.extensions["intray.storage"]
    with app.app_context(), snapshot() as session:
        assert list(verify(session, storage)) == []
    delete = f"{office.path}/delete"
    question = office.desk.open(delete)
    assert "3 files" in question.text
    assert office.desk.submit(question, delete).status == 303
    with app.app_context(), snapshot() as session:
        for table in (Submission, SubmissionRevision, StoredFile):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    assert list(storage.stored_keys()) == []


def test_what_others_allow_is_not_asked_for(
    visitor: Visitor, import_form: ImportForm, desk: Desk
) -> None:
    import_form(CORRECTABLE)
    sender = Sender(visitor)
    sender.hand_in({"name": "Ann"}, FIRST)
    office = Office(desk, sender)
    correct(office)
    assert "Corrected" in desk.open(DESK).text
    assert "Waiting for a correction" not in office.page().text


def test_the_sender_is_written_to_by_a_job(office: Office, app: Flask) -> None:
    office.ask()
    with app.app_context(), snapshot() as session:
        job = session.scalars(select(Job).where(Job.kind == ASK_JOB)).one()
    assert job.payload["submission_id"] == 1
    app.extensions["intray.jobs"].run_due()  # no mail server, no address: nothing to do
    with app.app_context(), snapshot() as session:
        assert session.scalars(select(Job).where(Job.kind == ASK_JOB)).all() == []


def test_what_was_drawn_is_shown_with_its_version(
    visitor: Visitor, import_form: ImportForm, desk: Desk
) -> None:
    import_form(HOMEWORK.replace('kind = "files"', 'kind = "signature"').partition("accept")[0])
    page = visitor.open("/f/homework-3")
    answers = {"name": "Ann", "essay.drawn": "10,10 20,20 30,10 40,40 50,50"}
    answer = visitor.hand_in(page, "/f/homework-3", answers)
    assert answer.status == 303, answer.problems or answer.text[:300]
    reference = answer.location[3:12]
    shown = desk.open(f"/desk/forms/homework-3/submissions/{reference}/versions")
    assert shown.status == 200
    assert '<svg class="drawing"' in shown.text
