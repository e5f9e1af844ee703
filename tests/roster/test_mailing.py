"""Mailing the links, and reminding those who are missing, by a real SMTP server."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from webapp.database import now, snapshot, unit_of_work
from webapp.forms.tables import Form
from webapp.invited.tables import InvitedPerson
from webapp.jobs.tables import Job
from webapp.notices.delivering import GIVE_UP_AFTER
from webapp.notices.senders import MAIL_SETTING
from webapp.notices.smtp import MailServer
from webapp.notices.tables import RestingTarget
from webapp.settings import rules as settings

from ..conftest import ImportForm
from ..desk import Desk
from ..invited.inviting import PERSONAL, change_person, invite
from ..notices.receivers import Inbox, mail_server
from ..running import free_port
from ..visitor import Page, Visitor

MAIL = "/desk/forms/homework-3/people/mail"
CLASS = "Anna, anna@example.org\nBen, ben@example.org\nEve"


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(PERSONAL)


def mail_by(app: Flask, port: int) -> None:
    server = MailServer(
        host="127.0.0.1", port=port, security="none", address="office@school.example"
    )
    with app.app_context(), unit_of_work() as session:
        settings.put(session, MAIL_SETTING, server.write())


def send(desk: Desk, kind: str, language: str = "en") -> Page:
    return desk.submit(desk.open(MAIL), MAIL, {"kind": kind, "language": language})


def work(app: Flask) -> None:
    app.extensions["intray.jobs"].run_due()


def states(app: Flask) -> dict[str, str]:
    with app.app_context(), snapshot() as session:
        people = session.scalars(select(InvitedPerson).order_by(InvitedPerson.id))
        return {person.name: person.mail_state for person in people}


def let_a_day_pass(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(update(InvitedPerson).values(mail_at=now() - timedelta(days=1, minutes=1)))


def test_each_gets_their_own_link_and_only_the_missing_a_reminder(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    paths = invite(app, form, CLASS)
    inbox = Inbox()
    with mail_server(inbox) as port:
        mail_by(app, port)
        page = desk.open(MAIL)
        assert "2 mails would leave" in page.text
        assert "1 person has no e-mail address" in page.text
        assert send(desk, "link").status == 303
        work(app)
        texts = {mail.recipient: mail.text for mail in inbox.mails}
        assert texts.keys() == {"anna@example.org", "ben@example.org"}
        assert f"http://127.0.0.1:8080{paths['Anna']}" in texts["anna@example.org"]
        assert paths["Ben"] not in texts["anna@example.org"]
        assert "less than a day ago" in desk.open(MAIL).text  # nobody twice in a day
        visitor.hand_in(visitor.open(paths["Anna"]), paths["Anna"], {"words": "5"})
        let_a_day_pass(app)
        send(desk, "reminder", "zh")
        work(app)
    assert len(inbox.mails) == 3
    assert inbox.mails[-1].recipient == "ben@example.org"
    assert inbox.mails[-1].message["Subject"] == "提醒：Homework 3"
    assert states(app) == {"Anna": "sent", "Ben": "sent", "Eve": ""}


OWN = "Dear parents,\n\nplease send the <b>signed</b> page.\r\nBcc: eve@example.org"


def test_staff_add_a_message_of_their_own_and_see_the_mail_first(
    app: Flask, desk: Desk, form: Form
) -> None:
    invite(app, form, CLASS)
    inbox = Inbox()
    with mail_server(inbox) as port:
        mail_by(app, port)
        given = {"kind": "link", "language": "zh", "message-link": OWN}
        shown = desk.submit(desk.open(MAIL), MAIL, {**given, "preview": "1"})
        assert shown.status == 200
        assert "What Anna would read" in shown.text
        assert "Dear parents,\n\nplease send the &lt;b&gt;signed&lt;/b&gt; page." in shown.text
        assert "请填写" in shown.text  # what is around it, in the language of the mail
        assert '<option value="zh" selected' in shown.text
        work(app)
        assert inbox.mails == []
        kept = re.search(r'<textarea[^>]* name="message-link"[^>]*>\n?([^<]*)', shown.text)
        assert kept is not None
        assert "Dear parents," in kept[1]
        assert desk.submit(desk.open(MAIL), MAIL, given).status == 303
        work(app)
        texts = {mail.recipient: mail.text.replace("\r\n", "\n") for mail in inbox.mails}
        assert texts.keys() == {"anna@example.org", "ben@example.org"}
        for text in texts.values():
            assert f"\n\n{OWN}\n\n".replace("\r\n", "\n") in text
            assert "/p/" in text
            assert "请填写" in text
        assert inbox.mails[0].message["Bcc"] is None


def test_a_message_that_is_too_long_is_told_and_stays(app: Flask, desk: Desk, form: Form) -> None:
    invite(app, form, CLASS)
    mail_by(app, free_port())
    given = {"kind": "reminder", "language": "en", "message-reminder": "x" * 1001}
    refused = desk.submit(desk.open(MAIL), MAIL, given)
    assert refused.status == 422
    assert refused.problems == ["Your message must have 1000 characters or fewer"]
    assert 'href="#f-message-reminder"' in refused.text
    assert "x" * 1001 in refused.text
    assert set(states(app).values()) == {""}
    blank = {**given, "message-reminder": " \u200b\n "}
    assert desk.submit(desk.open(MAIL), MAIL, blank).status == 303
    assert desk.submit(refused, MAIL, {"kind": "other"}).status == 400


def test_whoever_hands_in_meanwhile_is_not_written_to(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    paths = invite(app, form, CLASS)
    inbox = Inbox()
    with mail_server(inbox) as port:
        mail_by(app, port)
        send(desk, "link")
        visitor.hand_in(visitor.open(paths["Anna"]), paths["Anna"], {"words": "5"})
        change_person(app, "Ben", is_closed=True)
        work(app)
    assert inbox.mails == []
    assert states(app) == {"Anna": "", "Ben": "", "Eve": ""}


def test_a_server_that_is_away_is_tried_again_and_given_up_after_days(
    app: Flask, desk: Desk, form: Form
) -> None:
    invite(app, form, CLASS)
    mail_by(app, free_port())
    send(desk, "link")
    work(app)
    assert set(states(app).values()) == {"waiting", ""}
    with app.app_context(), unit_of_work() as session:
        past = now() - timedelta(seconds=1)
        session.execute(update(InvitedPerson).values(mail_at=now() - GIVE_UP_AFTER * 2))
        session.execute(update(RestingTarget).values(until=past))
        session.execute(update(Job).where(Job.kind == "roster.mail").values(due_at=past))
    for _ in range(2):
        work(app)
        with app.app_context(), unit_of_work() as session:
            session.execute(update(RestingTarget).values(until=past))
            session.execute(update(Job).where(Job.kind == "roster.mail").values(due_at=past))
    assert states(app) == {"Anna": "failed", "Ben": "failed", "Eve": ""}
    assert "the mail could not be delivered" in desk.open("/desk/forms/homework-3/people").text


def test_without_a_mail_server_nothing_is_asked_for(app: Flask, desk: Desk, form: Form) -> None:
    invite(app, form, CLASS)
    page = desk.open(MAIL)
    assert "No mail server is set up yet" in page.text
    token = desk.open("/account").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert desk.post_form(MAIL, {"csrf_token": token, "kind": "link"}).status == 303
    assert states(app) == {"Anna": "", "Ben": "", "Eve": ""}
