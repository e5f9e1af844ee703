"""The worker: threads that do jobs as they become due."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app

from .. import database
from . import queue
from .queue import Claim, Lane

log = logging.getLogger("intray.jobs")

POLL_SECONDS = 15.0  # other processes add jobs too, and cannot wake this one

MAIN = ""  # the lane of all kinds that have no other

# What does one kind of job: takes its payload; gives when it is due again, or None when it is done.
Handler = Callable[[dict[str, Any]], datetime | None]


class Worker:
    """Does the jobs of one application in one process: those of each lane in a thread of its own.

    What calls other servers waits for them. In the main lane a mail server that is down would hold up the
    placing of files; so such jobs have lanes, and in each of them only what waits for the same.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._handlers: dict[str, Handler] = {}
        self._lanes: dict[str, set[str]] = {}  # the kinds of each lane but the main one
        self._wakes: dict[str, threading.Event] = {}
        self._stopping = False
        self._process: int | None = None
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()

    def handles(self, kind: str, handler: Handler, *, lane: str = MAIN) -> None:
        """From now on, jobs of this kind are done by `handler`, in the thread of that lane."""
        self._handlers[kind] = handler
        if lane != MAIN:
            self._lanes.setdefault(lane, set()).add(kind)

    def start(self) -> None:
        """Starts the threads, unless they run. Threads do not survive a fork: then they start anew."""
        if self._process == os.getpid():
            return
        with self._starting:
            if self._process != os.getpid():
                self._process = os.getpid()
                self._threads = [self._thread(name) for name in (MAIN, *self._lanes)]
                for thread in self._threads:
                    thread.start()

    def stop(self, timeout: float) -> None:
        """Lets the jobs at hand end, and waits for that no longer than `timeout` seconds."""
        self._stopping = True
        self.wake()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))

    def wake(self) -> None:
        """There may be a job that is due now."""
        for event in list(self._wakes.values()):
            event.set()

    def run_forever(self) -> None:
        """Does jobs, those of the main lane in this thread, until `stop` is called or an exception, such
        as Ctrl-C, ends it."""
        self._threads = [self._thread(name) for name in self._lanes]
        for thread in self._threads:
            thread.start()
        self._run(*self._entrance(MAIN))

    def run_due(self, lane: Lane = queue.EVERYTHING) -> int:
        """Does what is due now, and tells how many jobs that was."""
        done = 0
        while not self._stopping and self._run_next(lane):
            done += 1
        return done

    def _thread(self, name: str) -> threading.Thread:
        thread_name = f"jobs: {name}" if name else "jobs"
        return threading.Thread(
            target=self._run, args=self._entrance(name), name=thread_name, daemon=True
        )

    def _entrance(self, name: str) -> tuple[Lane, threading.Event]:
        """What a thread of the lane needs. A fork may have found the old event locked: it is a new one."""
        self._wakes[name] = threading.Event()
        if name in self._lanes:
            return Lane(frozenset(self._lanes[name]), is_all_but=False), self._wakes[name]
        return Lane(frozenset().union(*self._lanes.values())), self._wakes[name]

    def _run_next(self, lane: Lane) -> bool:
        """Does the next job that is due, if there is one. Its context is its own: a database session
        that it leaves broken is not the next job's."""
        with self._app.app_context():
            claim = self._claim(lane)
            if claim is not None:
                self._do(claim)
        return claim is not None

    def _run(self, lane: Lane, wake: threading.Event) -> None:
        while not self._stopping:
            wake.clear()
            try:
                self.run_due(lane)
                seconds = self._seconds_to_wait(lane)
            except Exception:
                log.exception("The job worker met an error and goes on.")
                seconds = POLL_SECONDS
            if not self._stopping:
                wake.wait(seconds)

    def _seconds_to_wait(self, lane: Lane) -> float:
        with self._app.app_context(), database.snapshot() as session:
            due_at = queue.next_due(session, lane)
        if due_at is None:
            return POLL_SECONDS
        return min(max((due_at - database.now()).total_seconds(), 0.05), POLL_SECONDS)

    def _claim(self, lane: Lane) -> Claim | None:
        now = database.now()
        with database.snapshot() as session:
            due_at = queue.next_due(session, lane)
        if due_at is None or due_at > now:
            return None  # without having asked for the write lock
        with database.unit_of_work() as session:
            return queue.claim(session, now, lane)

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
