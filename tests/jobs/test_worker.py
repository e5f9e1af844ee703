"""The worker, on both databases: it does what is due, and nothing that a job does ends it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text

from webapp.config import Settings
from webapp.database import now, snapshot, unit_of_work
from webapp.extensions import db
from webapp.jobs import queue
from webapp.jobs.commands import work
from webapp.jobs.tables import Job
from webapp.jobs.worker import Worker, every

DEADLINE_SECONDS = 30.0


@pytest.fixture
def worker(app: Flask) -> Iterator[Worker]:
    """A worker with no jobs yet; its thread is stopped at the end."""
    with app.app_context(), unit_of_work() as session:
        session.execute(delete(Job))
    made = Worker(app)
    yield made
    made.stop(DEADLINE_SECONDS)


def add(app: Flask, kind: str, due_in: timedelta = timedelta(0), **payload: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        queue.add(session, kind, now() + due_in, payload)


def jobs(app: Flask) -> list[Job]:
    with app.app_context(), snapshot() as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it has not happened in time"
        time.sleep(0.01)


def test_it_does_what_is_due_and_leaves_the_rest(app: Flask, worker: Worker) -> None:
    done: list[dict[str, Any]] = []
    worker.handles("note", lambda payload: done.append(payload))  # type: ignore[arg-type, return-value]
    for number in range(3):
        add(app, "note", number=number)
    add(app, "note", timedelta(hours=1), number=3)
    assert worker.run_due() == 3
    assert sorted(payload["number"] for payload in done) == [0, 1, 2]
    assert [job.payload["number"] for job in jobs(app)] == [3]
    assert worker.run_due() == 0


def test_a_job_that_fails_stops_neither_the_others_nor_the_worker(
    app: Flask, worker: Worker
) -> None:
    done: list[int] = []

    def handle(payload: dict[str, Any]) -> None:
        if payload["number"] == 0:
            raise ValueError("quotes \x00 what was sent")
        done.append(payload["number"])

    worker.handles("note", handle)
    for number in range(3):
        add(app, "note", number=number)
    assert worker.run_due() == 3
    assert done == [1, 2]
    (failed,) = jobs(app)
    assert failed.error == "ValueError: quotes \\0 what was sent"
    assert (failed.attempts, failed.lease) == (1, None)
    assert failed.due_at > now()


def test_a_job_of_a_kind_that_nobody_does_is_kept_for_who_will(app: Flask, worker: Worker) -> None:
    add(app, "of a newer Intray")
    assert worker.run_due() == 1
    assert jobs(app)[0].error == "KeyError: 'of a newer Intray'"


def test_a_database_session_that_a_job_leaves_broken_is_not_the_next_ones(
    app: Flask, worker: Worker
) -> None:
    done: list[int] = []

    def handle(payload: dict[str, Any]) -> None:
        if payload["number"] == 0:
            db.session.add(Job(kind=None))
            db.session.flush()
        assert db.session.scalar(text("SELECT 1")) == 1
        done.append(payload["number"])

    worker.handles("note", handle)
    for number in range(2):
        add(app, "note", number=number)
    assert worker.run_due() == 2
    assert done == [1]


def test_a_job_may_be_due_again(app: Flask, worker: Worker) -> None:
    times: list[datetime] = []
    worker.handles("tick", every(timedelta(hours=1), lambda: times.append(now())))
    add(app, "tick")
    assert worker.run_due() == 1
    (job,) = jobs(app)
    assert timedelta(minutes=59) < job.due_at - times[0] < timedelta(minutes=61)
    assert (job.attempts, job.lease) == (0, None)


def test_a_job_sees_what_was_committed_with_it(app: Flask, worker: Worker) -> None:
    seen: list[object] = []

    def handle(payload: dict[str, Any]) -> None:
        seen.append(db.session.scalar(select(Job.lease)))
        if payload["again"]:
            add(app, "note", again=False)

    worker.handles("note", handle)
    add(app, "note", again=True)
    assert worker.run_due() == 2
    assert None not in seen


def test_the_thread_does_what_is_added_later(app: Flask, worker: Worker) -> None:
    done = threading.Event()
    worker.handles("note", lambda payload: done.set())
    worker.start()
    worker.start()
    assert [thread.name for thread in threading.enumerate()].count("jobs") == 1
    add(app, "note")
    worker.wake()
    assert done.wait(DEADLINE_SECONDS)
    wait_until(lambda: jobs(app) == [])


def test_what_waits_for_others_has_a_thread_of_its_own(app: Flask, worker: Worker) -> None:
    called, done, may_end = threading.Event(), threading.Event(), threading.Event()

    def call(payload: dict[str, Any]) -> None:
        called.set()
        assert may_end.wait(DEADLINE_SECONDS)

    worker.handles("call", call, lane="calls")
    worker.handles("note", lambda payload: done.set())
    add(app, "call")
    add(app, "call")
    worker.start()
    assert called.wait(DEADLINE_SECONDS)
    add(app, "note")
    worker.wake()
    assert done.wait(DEADLINE_SECONDS)
    may_end.set()
    wait_until(lambda: jobs(app) == [])
    names = [thread.name for thread in threading.enumerate()]
    assert (names.count("jobs"), names.count("jobs: calls")) == (1, 1)
    worker.stop(DEADLINE_SECONDS)
    names = [thread.name for thread in threading.enumerate()]
    assert "jobs: calls" not in names


def test_the_thread_survives_a_failing_job_and_a_failing_database(
    app: Flask, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    worker.handles("bad", lambda payload: 1 // 0)  # type: ignore[arg-type, return-value]
    worker.handles("note", lambda payload: done.set())
    is_down = threading.Event()
    claim = queue.claim

    def claim_or_fail(*given: Any) -> Any:
        if not is_down.is_set():
            is_down.set()
            raise OSError("the database is down")
        return claim(*given)

    monkeypatch.setattr(queue, "claim", claim_or_fail)
    monkeypatch.setattr("webapp.jobs.worker.POLL_SECONDS", 0.05)
    worker.start()
    add(app, "bad")
    worker.wake()
    assert is_down.wait(DEADLINE_SECONDS)
    wait_until(lambda: [job.attempts for job in jobs(app)] == [1])
    add(app, "note")
    worker.wake()
    assert done.wait(DEADLINE_SECONDS)


def test_stopping_lets_the_job_at_hand_end_and_begins_no_other(app: Flask, worker: Worker) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def handle(payload: dict[str, Any]) -> None:
        begun.set()
        assert may_end.wait(DEADLINE_SECONDS)

    worker.handles("note", handle)
    add(app, "note")
    add(app, "note")
    worker.start()
    assert begun.wait(DEADLINE_SECONDS)
    worker.stop(0.01)  # waits no longer than it is told
    may_end.set()
    worker.stop(DEADLINE_SECONDS)
    assert "jobs" not in [thread.name for thread in threading.enumerate()]
    assert len(jobs(app)) == 1


# As `gunicorn --preload` does: it loads the application, and each process that it forks has requests.
FORKING = """
import os, sys, threading
from webapp import create_app
from webapp.config import load
from webapp.config import Settings
from webapp.database import now, unit_of_work
from webapp.jobs import queue

app = create_app(load({"data": sys.argv[1], "database_url": sys.argv[2]}, {}))
children = []
for number in range(2):
    child = os.fork()
    if not child:
        worker = app.extensions["intray.jobs"]
        worker.handles("child's", lambda payload: os._exit(42))
        with app.app_context(), unit_of_work() as session:
            queue.add(session, "child's", now())
        worker.start()
        threading.Event().wait(60)
        os._exit(1)
    children.append(child)
codes = {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children}
sys.exit(max(codes))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_every_forked_process_has_a_thread_of_its_own(settings: Settings) -> None:
    command = [sys.executable, "-c", FORKING, str(settings.data), settings.database_url]
    top = Path(__file__).parents[2]
    assert subprocess.run(command, cwd=top, check=False, timeout=120).returncode == 42


def test_the_command_does_what_is_due_and_ends(app: Flask) -> None:
    with app.app_context():
        worker = app.extensions["intray.jobs"]
        worker.handles("note", lambda payload: None)
        add(app, "note")
        runner = app.test_cli_runner()
        assert runner.invoke(work, ["--once"]).output == "2 jobs done.\n"  # the sweep, too
        assert runner.invoke(work, ["--once"]).output == "0 jobs done.\n"
