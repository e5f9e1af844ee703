"""Until when somebody with a personal link corrects: their own deadline, and the days for what is late."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from webapp.database import now, snapshot, unit_of_work
from webapp.forms.tables import Form
from webapp.submissions.permits import ask
from webapp.submissions.tables import StoredFile, Submission

from ..conftest import ImportForm
from ..invited.inviting import PERSONAL, change_form, change_person, close_ago, invite
from ..uploads.tus_client import TusClient, metadata
from ..visitor import Visitor, in_process
from .test_correcting import Sender

CORRECTABLE = PERSONAL.replace("access =", 'corrections = "until_closed"\naccess =')
LATE = "they will be marked as late then"


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(CORRECTABLE)


@pytest.fixture
def anna(app: Flask, visitor: Visitor, form: Form) -> Sender:
    """Anna has handed in by her link, in time."""
    sender = Sender(visitor, invite(app, form, "Anna Schmidt")["Anna Schmidt"])
    sender.hand_in({"words": "5"}, [("essay", "one.pdf", b"%PDF-1 one")])
    return sender


def receipt(sender: Sender) -> str:
    return sender.visitor.open(sender.receipt).text


def the_submission(app: Flask) -> Submission:
    with app.app_context(), snapshot() as session:
        return session.scalars(select(Submission)).one()


def test_more_time_is_more_time_for_correcting_too(app: Flask, form: Form, anna: Sender) -> None:
    page = anna.open()
    close_ago(app, form, hours=1)
    assert "/correct?" not in receipt(anna)
    assert anna.send(page, {"words": "6"}).status == 422
    change_person(app, "Anna Schmidt", closes_at=now() + timedelta(days=2))
    assert "You can correct your answers until" in receipt(anna)
    assert LATE not in receipt(anna)
    assert anna.send(anna.open(), {"words": "6"}).status == 303
    change_person(app, "Anna Schmidt", closes_at=now() - timedelta(minutes=1))
    change_form(
        app, form, closes_at=now() + timedelta(days=2)
    )  # theirs counts, also where it is sooner
    assert "/correct?" not in receipt(anna)
    assert the_submission(app).late is False


def test_what_is_corrected_late_is_marked_as_late(app: Flask, form: Form, anna: Sender) -> None:
    close_ago(app, form, hours=1)
    change_form(app, form, late_days=1)
    assert LATE in receipt(anna)
    page = anna.open()
    assert LATE in page.text
    assert anna.send(page, {}).status == 303  # which changes nothing
    assert the_submission(app).late is False
    assert anna.send(anna.open(), {"words": "6"}).status == 303
    assert the_submission(app).late is True
    page = anna.open()
    close_ago(app, form, days=1, minutes=1)
    assert "/correct?" not in receipt(anna)
    assert anna.send(page, {"words": "7"}).status == 422


def test_what_the_desk_asks_for_is_not_late(app: Flask, form: Form, anna: Sender) -> None:
    close_ago(app, form, hours=1)
    change_form(app, form, late_days=1)
    with app.app_context(), unit_of_work() as session:
        ask(session, the_submission(app).id, "More words, please.", None, now(), user_id=None)
    assert LATE not in receipt(anna)
    assert anna.send(anna.open(), {"words": "600"}).status == 303
    assert the_submission(app).late is False


def test_it_stays_the_persons(app: Flask, anna: Sender) -> None:
    more = [("essay", "two.pdf", b"%PDF-1 two")]
    assert anna.send(anna.open(), {"words": "6"}, more).status == 303
    assert the_submission(app).label == "Anna Schmidt"
    with app.app_context(), snapshot() as session:
        keys = list(session.scalars(select(StoredFile.storage_key)))
    assert [" Anna Schmidt" in key for key in keys] == [True, True]


def test_files_are_sent_ahead_as_long_as_it_may_be_corrected(
    app: Flask, import_form: ImportForm, form: Form, anna: Sender
) -> None:
    shown = re.search(r'data-credential="([^"]+)"', anna.open().text)
    assert shown is not None
    client = TusClient(in_process(app))

    def begin(credential: str, slug: str = "homework-3") -> int:
        more = {"field": "essay", "filename": "a.pdf", "credential": credential}
        about = metadata(form=slug, **more)
        sent = {"Upload-Length": "3", "Upload-Metadata": about}
        return client.request("POST", "/uploads", sent).status

    assert begin(shown[1]) == 201
    for wrong in ("r/", shown[1][:-1] + "-", shown[1].replace("r/", "r/x")):
        assert begin(wrong) == 403
    import_form(CORRECTABLE.replace("homework-3", "other"))
    assert begin(shown[1], "other") == 403
    close_ago(app, form, hours=1)
    assert begin(shown[1]) == 403
    change_person(app, "Anna Schmidt", closes_at=now() + timedelta(days=2))
    assert begin(shown[1]) == 201
    change_form(app, form, state="closed")
    assert begin(shown[1]) == 403
    with app.app_context(), unit_of_work() as session:
        ask(session, the_submission(app).id, "One more page, please.", None, now(), user_id=None)
    assert begin(shown[1]) == 201
