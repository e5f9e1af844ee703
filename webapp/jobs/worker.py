"""The worker: one thread that does jobs as they become due."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app

from .. import database
from . import queue
from .queue import Claim

log = logging.getLogger("intray.jobs")

POLL_SECONDS = 15.0  # other processes add jobs too, and cannot wake this one

# What does one kind of job: takes its payload; gives when it is due again, or None when it is done.
Handler = Callable[[dict[str, Any]], datetime | None]


class Worker:
    """Does the jobs of one application, in one thread of one process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._handlers: dict[str, Handler] = {}
        self._wake = threading.Event()
        self._stopping = False
        self._process: int | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def handles(self, kind: str, handler: Handler) -> None:
        """From now on, jobs of this kind are done by `handler`."""
        self._handlers[kind] = handler

    def start(self) -> None:
        """Starts the thread, unless it runs. Threads do not survive a fork: then it starts anew."""
        if self._process == os.getpid():
            return
        with self._starting:
            if self._process != os.getpid():
                self._process = os.getpid()
                self._wake = threading.Event()  # a fork may have found the old one locked
                self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
                self._thread.start()

    def stop(self, timeout: float) -> None:
        """Lets the job at hand end, and waits for that no longer than `timeout` seconds."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def wake(self) -> None:
        """There may be a job that is due now."""
        self._wake.set()

    def run_forever(self) -> None:
        """Does jobs in this thread until `stop` is called or an exception, such as Ctrl-C, ends it."""
        self._run()

    def run_due(self) -> int:
        """Does what is due now, and tells how many jobs that was."""
        done = 0
        while not self._stopping and self._run_next():
            done += 1
        return done

    def _run_next(self) -> bool:
        """Does the next job that is due, if there is one. Its context is its own: a database session
        that it leaves broken is not the next job's."""
        with self._app.app_context():
            claim = self._claim()
            if claim is not None:
                self._do(claim)
        return claim is not None

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self.run_due()
                seconds = self._seconds_to_wait()
            except Exception:
                log.exception("The job worker met an error and goes on.")
                seconds = POLL_SECONDS
            self._wake.wait(seconds)

    def _seconds_to_wait(self) -> float:
        with self._app.app_context(), database.snapshot() as session:
            due_at = queue.next_due(session)
        if due_at is None:
            return POLL_SECONDS
        return min(max((due_at - database.now()).total_seconds(), 0.05), POLL_SECONDS)

    def _claim(self) -> Claim | None:
        now = database.now()
        with database.snapshot() as session:
            due_at = queue.next_due(session)
        if due_at is None or due_at > now:
            return None  # without having asked for the write lock
        with database.unit_of_work() as session:
            return queue.claim(session, now)

    def _do(self, claim: Claim) -> None:
        try:
            due_again = self._handlers[claim.kind](claim.payload)
        except Exception as error:
            log.exception("Job %s (%s) failed, attempt %d.", claim.id, claim.kind, claim.attempts)
            with database.unit_of_work() as session:
                queue.fail(session, claim, database.now(), f"{type(error).__name__}: {error}")
            return
        with database.unit_of_work() as session:
            if due_again is None:
                queue.finish(session, claim)
            else:
                queue.postpone(session, claim, due_again)


def current_worker() -> Worker:
    """The worker of the application at hand."""
    worker: Worker = current_app.extensions["intray.jobs"]
    return worker


def every(interval: timedelta, do: Callable[[], object]) -> Handler:
    """A handler for a job that is due again `interval` after each time."""

    def handler(payload: dict[str, Any]) -> datetime:
        do()
        return database.now() + interval

    return handler
