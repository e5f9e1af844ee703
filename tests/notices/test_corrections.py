"""Telling of corrections, and asking a sender for one by mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from webapp.database import now, snapshot, unit_of_work
from webapp.events.tables import Event
from webapp.forms.tables import Form
from webapp.notices.deliveries import RECEIPTS_A_DAY
from webapp.submissions import permits
from webapp.submissions.tables import Submission

from .conftest import School
from .receivers import Inbox, receiver


@pytest.fixture
def school(school: School) -> School:
    """The same, whose form lets people correct."""
    with school.app.app_context(), unit_of_work() as session:
        session.execute(update(Form).values(corrections="until_closed"))
    return school


def the_submission(school: School) -> Submission:
    with school.app.app_context(), snapshot() as session:
        return session.scalars(select(Submission)).one()


def correct(school: School, **answers: str) -> None:
    one = the_submission(school)
    path = f"/r/{one.reference}/correct?key={one.receipt_key}"
    answer = school.visitor.hand_in(school.visitor.open(path), path, {**answers})
    assert answer.status == 303, answer.text


def ask(school: School, text: str = "Please sign it.") -> None:
    with school.app.app_context(), unit_of_work() as session:
        until = now() + timedelta(days=3)
        permits.ask(session, 1, text, until, now(), user_id=None)


def happened(school: School) -> list[str]:
    with school.app.app_context(), snapshot() as session:
        events = session.scalars(select(Event).where(Event.submission_id == 1).order_by(Event.id))
        return [event.kind for event in events]


def test_a_program_is_told_of_each_correction(school: School) -> None:
    """Also where both wait: each tells of what was handed in then."""
    with receiver() as program:
        school.call(program.url)
        school.hand_in([("papers", "a.pdf", b"x")])
        correct(school, name="Anne Lee")
        school.work()
    told = [call.json for call in program.calls]
    assert [event["type"] for event in told] == ["submission.received", "submission.corrected"]
    submissions = [event["data"]["submission"] for event in told]
    assert [one["revision"] for one in submissions] == [1, 2]
    assert [one["answers"]["name"]["value"] for one in submissions] == ["Ann Lee", "Anne Lee"]
    assert len({one["reference"] for one in submissions}) == 1
    assert len({one["received_at"] for one in submissions}) == 1
    assert [len(one["answers"]["papers"]["files"]) for one in submissions] == [1, 1]


def test_people_and_the_sender_are_told_of_a_correction(school: School, inbox: Inbox) -> None:
    school.tell("head@school.example")
    school.send_receipts()
    school.hand_in()
    school.work()
    correct(school, name="Anne Lee")
    school.work()
    texts = {(mail.recipient, mail.message["Subject"]): mail.text for mail in inbox.mails}
    reference = the_submission(school).reference
    told = texts["head@school.example", f"Job application: {reference} was corrected"]
    assert "Anne Lee" in told
    assert "Corrected: " in told
    assert any("your correction" in mail.text for mail in inbox.mails)
    assert len(inbox.mails) == 4


def test_the_sender_is_asked_by_mail(school: School, inbox: Inbox) -> None:
    reference = school.hand_in()
    ask(school, "Please sign it.\nAnd send page 2.")
    school.work()
    school.work()
    (mail,) = inbox.mails
    assert mail.recipient == "ann@example.org"
    assert mail.message["Subject"] == f"Please correct: Job application ({reference})"
    assert "    Please sign it.\n    And send page 2.\n" in mail.text
    assert "You can correct your answers until" in mail.text
    assert happened(school)[-1] == "submission.correction_mailed"


def test_nobody_is_asked_after_it_was_closed_again(school: School, inbox: Inbox) -> None:
    school.hand_in()
    ask(school)
    with school.app.app_context(), unit_of_work() as session:
        permits.close(session, 1, now(), user_id=None)
    school.work()
    assert inbox.mails == []


def test_one_address_is_written_to_so_often_and_no_more(school: School, inbox: Inbox) -> None:
    school.hand_in()
    for _ in range(RECEIPTS_A_DAY + 2):
        ask(school)
        school.work()
    assert len(inbox.mails) == RECEIPTS_A_DAY
