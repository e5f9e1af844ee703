"""Telling of submissions with whole processes: a server, workers beside each other, one that is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from webapp.config import Settings
from webapp.database import now, unit_of_work
from webapp.failpoints import EXIT_CODE
from webapp.jobs.tables import Job

from ..conftest import import_text
from ..forms_in_toml import EVERY_KIND
from ..running import TOP, Server, environment, poll, run
from ..visitor import Visitor, over_http
from .conftest import School
from .receivers import Answer, Call, Inbox, mail_server, receiver


def environ_of(school: School) -> dict[str, str]:
    settings: Settings = school.app.config["INTRAY"]
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    return {"INTRAY_DATABASE_URL": url} if url else {}


def work_and_be_killed(school: School, failpoint: str) -> int:
    settings: Settings = school.app.config["INTRAY"]
    environ = {**environ_of(school), "FAILPOINT": failpoint}
    return run("-m", "webapp", "work", "--once", data=settings.data, environ=environ).returncode


def states(school: School) -> list[str]:
    return sorted(delivery.state for delivery in school.deliveries())


def let_leases_run_out(school: School) -> None:
    with school.app.app_context(), unit_of_work() as session:
        past = now() - timedelta(seconds=1)
        session.execute(update(Job).where(Job.lease.is_not(None)).values(leased_until=past))


@pytest.mark.parametrize(
    ("failpoint", "times"),
    [("announce: not committed", 1), ("announce: committed", 1), ("deliver: begun", 1),
     ("deliver: sent", 2)],
)  # fmt: skip
def test_what_a_killed_process_was_at_is_done_again_under_the_same_id(
    school: School, failpoint: str, times: int
) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port, receiver() as program:
        school.mail_by(port)
        school.call(program.url)
        school.hand_in()
        assert work_and_be_killed(school, failpoint) == EXIT_CODE
        let_leases_run_out(school)
        school.work_until_settled()
        assert len(program.calls) == times
        assert {call.id for call in program.calls} == {school.delivery().public_id}
        assert len({call.body for call in program.calls}) == 1
        assert school.delivery().state == "delivered"
        assert school.jobs() == []


def test_a_mail_that_was_sent_when_the_process_was_killed_comes_again_as_the_same(
    school: School, inbox: Inbox
) -> None:
    school.tell("head@school.example")
    school.hand_in()
    assert work_and_be_killed(school, "deliver: sent") == EXIT_CODE
    let_leases_run_out(school)
    school.work_until_settled()
    assert len(inbox.mails) == 2
    assert len({mail.message["Message-ID"] for mail in inbox.mails}) == 1


def test_two_workers_at_once_deliver_nothing_twice(school: School) -> None:
    settings: Settings = school.app.config["INTRAY"]
    with receiver(lambda call, number: time.sleep(0.02) or 204) as program:  # type: ignore[func-returns-value]
        school.call(program.url)
        references = [school.hand_in() for _ in range(20)]
        command = [sys.executable, "-m", "webapp", "work", "--once"]
        environ = environment(settings.data, environ_of(school))
        workers = [
            subprocess.Popen(command, cwd=TOP, env=environ, stdout=subprocess.DEVNULL)
            for _ in range(2)
        ]
        assert [worker.wait(120) for worker in workers] == [0, 0]
        school.work_until_settled()
    told = [call.json["data"]["submission"]["reference"] for call in program.calls]
    assert sorted(told) == sorted(references)


def test_from_the_hand_in_to_the_mail_through_a_real_server(sqlite_app: Flask) -> None:
    school = School(
        sqlite_app, Visitor(over_http("http://127.0.0.1")), import_text(sqlite_app, EVERY_KIND)
    )
    settings: Settings = sqlite_app.config["INTRAY"]

    def hangs(call: Call, number: int) -> Answer:
        time.sleep(0.5)
        return 204

    inbox = Inbox()
    with mail_server(inbox) as port, receiver(hangs) as program:
        school.mail_by(port)
        school.tell("head@school.example")
        school.call(program.url)
        with Server("--threads", "1", data=settings.data) as server:
            school.visitor = Visitor(over_http(server.url))
            references = {school.hand_in() for _ in range(4)}
            poll(lambda: len(inbox.mails) == 4, "four mails")
            poll(lambda: len(program.taken) == 4, "four calls")
            links = {line.split(" ")[-1] for mail in inbox.mails
                     for line in mail.text.split("\n") if "/desk/" in line}  # fmt: skip
            form = f"{server.url}/desk/forms/job-application/submissions/"
            assert links == {form + reference for reference in references}
    school.work_until_settled()
    assert {delivery.attempts for delivery in school.deliveries()} == {1}


def test_while_a_mail_server_hangs_programs_are_told_at_once(sqlite_app: Flask) -> None:
    import socket

    school = School(
        sqlite_app, Visitor(over_http("http://127.0.0.1")), import_text(sqlite_app, EVERY_KIND)
    )
    settings: Settings = sqlite_app.config["INTRAY"]
    with socket.create_server(("127.0.0.1", 0)) as silent, receiver() as program:
        school.mail_by(silent.getsockname()[1])
        school.tell("head@school.example")
        school.call(program.url)
        with Server(data=settings.data) as server:
            school.visitor = Visitor(over_http(server.url))
            school.hand_in()
            poll(lambda: len(program.taken) == 1, "a call")
            school.hand_in([("papers", "one.pdf", b"x")])
            poll(lambda: len(program.taken) == 2, "a second call while the mail waits")
            poll(lambda: states(school) == ["delivered"] * 2 + ["waiting"] * 2, "both are noted")
            server.kill()
