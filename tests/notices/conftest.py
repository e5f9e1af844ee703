"""What tests of notices share: a form whose submissions are told, and the means to tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from webapp.database import now, snapshot, unit_of_work
from webapp.forms.tables import Form
from webapp.jobs import queue
from webapp.jobs.tables import Job
from webapp.notices import delivering as deliver
from webapp.notices import rules
from webapp.notices.configs import Config, Kind, MailConfig, ReceiptConfig, WebhookConfig
from webapp.notices.deliveries import mail_again
from webapp.notices.senders import MAIL_SETTING
from webapp.notices.smtp import MailServer
from webapp.notices.tables import Delivery, Notice, RestingTarget
from webapp.notices.webhook import new_secret
from webapp.settings import rules as settings

from ..conftest import ImportForm
from ..forms_in_toml import EVERY_KIND, GOOD_ANSWERS
from ..visitor import Files, Visitor
from .receivers import Inbox, mail_server

PATH = "/f/job-application"
SLUG = "job-application"
SENDER = "office@school.example"


class School:
    """An Intray with one form, somebody who hands it in, and a worker that runs when a test says so."""

    def __init__(self, app: Flask, visitor: Visitor, form: Form) -> None:
        self.app = app
        self.visitor = visitor
        self.form = form

    def mail_by(self, port: int, **values: Any) -> None:
        """Sets the mail server."""
        given = {"host": "127.0.0.1", "security": "none", "address": SENDER, "name": "Office"}
        server = MailServer(port=port, **{**given, **values})
        with self.app.app_context(), unit_of_work() as session:
            settings.put(session, MAIL_SETTING, server.write())
            mail_again(session, now())

    def add(self, kind: Kind, config: Config) -> str:
        """A new notice; gives its public id."""
        with self.app.app_context(), unit_of_work() as session:
            return rules.add_notice(session, self.form.id, kind, config, now()).public_id

    def tell(self, *addresses: str, **values: Any) -> str:
        return self.add(Kind.MAIL, MailConfig(addresses=addresses, **values))

    def send_receipts(self, **values: Any) -> str:
        return self.add(Kind.RECEIPT, ReceiptConfig(field_id=self.field_id("email"), **values))

    def call(self, url: str) -> str:
        return self.add(Kind.WEBHOOK, WebhookConfig(url=url, secret=new_secret()))

    def field_id(self, key: str) -> str:
        with self.app.app_context(), snapshot() as session:
            at_hand = rules.form_at_hand(session, SLUG)
        assert at_hand is not None
        field = at_hand.definition.field(key)
        assert field is not None
        return field.id

    def secret(self, notice_id: str) -> str:
        return str(self.notice(notice_id).config["secret"])

    def hand_in(self, files: Files = (), **answers: str) -> str:
        """Hands the form in; gives the reference."""
        page = self.visitor.open(PATH)
        answer = self.visitor.hand_in(page, PATH, {**GOOD_ANSWERS, **answers}, files)
        assert answer.status == 303, answer.text
        return answer.location.split("/r/")[1].split("?")[0]

    def work(self) -> None:
        """Does the jobs that are due."""
        self.app.extensions["intray.jobs"].run_due()

    def work_until_settled(self) -> None:
        """Does jobs, as if their waits were over at once, until no delivery waits."""
        for _ in range(200):
            self.work()
            if all(delivery.state != "waiting" for delivery in self.deliveries()):
                return
            self.let_time_pass()
        raise AssertionError(f"still waiting: {[vars(d) for d in self.deliveries()]}")

    def let_time_pass(self) -> None:
        """What waits to be tried again is due, and servers have rested."""
        with self.app.app_context(), unit_of_work() as session:
            past = now() - timedelta(seconds=1)
            session.execute(update(Job).where(Job.kind.like("notice.%")).values(due_at=past))
            session.execute(update(RestingTarget).values(until=past))

    def let_rests_end(self) -> None:
        """Time passes until the longest rest is over: jobs that were due before are due now, in order."""
        with self.app.app_context(), unit_of_work() as session:
            shift = deliver.LONGEST_REST
            for job in session.scalars(select(Job).where(Job.kind.like("notice.%"))):
                job.due_at -= shift
            for rest in session.scalars(select(RestingTarget)):
                rest.until -= shift

    def deliveries(self) -> list[Delivery]:
        with self.app.app_context(), snapshot() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    def delivery(self) -> Delivery:
        """The only one."""
        (delivery,) = self.deliveries()
        return delivery

    def notice(self, public_id: str) -> Notice:
        with self.app.app_context(), snapshot() as session:
            return session.scalars(select(Notice).where(Notice.public_id == public_id)).one()

    def jobs(self) -> list[Job]:
        with self.app.app_context(), snapshot() as session:
            return list(session.scalars(select(Job).where(Job.kind.like("notice.%"))))


@pytest.fixture
def school(app: Flask, visitor: Visitor, import_form: ImportForm) -> School:
    return School(app, visitor, import_form(EVERY_KIND))


@pytest.fixture
def inbox(school: School) -> Iterator[Inbox]:
    """A mail server that the school has set."""
    made = Inbox()
    with mail_server(made) as port:
        school.mail_by(port)
        yield made


@pytest.fixture
def few_attempts(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets how often a job is tried."""

    def do(attempts: int) -> None:
        monkeypatch.setattr(queue, "ATTEMPTS", attempts)

    return do
