"""Several processes that serve on the same listening sockets: one that watches, and its workers.

    watching  ── "drain", or the end of the pipe: whoever watches is gone ──→  worker
              ←── "ready", or one sentence: why it cannot start ──────────────

A worker is starting, then ready, then draining, then gone. The first one starts alone, so that what
stops it is said once, and so that it has prepared what the others share. One that is gone before it was
asked to drain is replaced: at once, and ever later where it keeps happening.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection
from socket import socket
from typing import Any

from . import signals, sockets
from .errors import CannotServe
from .figures import Watched
from .notifying import Manager
from .turning_away import turn_away
from .worker import DRAIN, READY, Pipe, Work, run_worker

log = logging.getLogger("intray.serving")

LOOK_SECONDS = 0.2  # Windows tells of Ctrl-C only between two waits
MOST_AWAITED = 60  # Windows waits for 63 things at most; it looks at the others later
GRACE_SECONDS = 10.0  # beyond the time to stop: for jobs, and for what else ends with a process
STEADY_SECONDS = 30.0  # one that was ready so long has not failed at starting
MOST_AT_ONCE = 64  # workers, those that leave included
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds until one that keeps dying is replaced


def watch(
    work: Work,
    given: Any,
    listeners: list[socket],
    count: int,
    *,
    stop_seconds: float,
    manager: Manager,
    is_to_reload: Callable[[], bool] = bool,
    is_last: bool = True,
) -> None:
    """Has `count` workers do `work(given, place)`, until SIGTERM, Ctrl-C or Ctrl-Break; what is in flight
    then has `stop_seconds`, and a second signal ends everything at once. `manager` is told of it all.
    They are replaced one after another on SIGHUP, and once `is_to_reload`, which is asked all the time.
    `is_last` where nobody goes on with these sockets.

    To be called in a process's main thread. Raises CannotServe where the first worker cannot start.
    """
    for listener in listeners:
        # To hand a socket to a process, multiprocessing copies it on Windows, timeout included; and whether
        # it blocks is a matter of all its copies. So a worker that is running would block in accept().
        listener.setblocking(False)
    watching = _Watching(
        work, given, listeners, count, stop_seconds, manager, is_to_reload, is_last
    )
    stop, anew = signals.STOP, signals.RELOAD
    with signals.told_of(stop, watching.ask), signals.told_of(anew, watching.reload):
        try:
            watching.run()
        finally:
            watching.end()


class _Worker:
    def __init__(self, number: int, slot: int, start: Callable[[Pipe], Any]) -> None:
        self.number = number
        self.slot = slot
        self.is_ready = False
        self.is_leaving = False  # another one has its place
        self.is_open = True
        self.reason = ""
        self.pipe, theirs = multiprocessing.get_context("spawn").Pipe()
        self.process = start(theirs)
        theirs.close()
        self.started_at = time.monotonic()

    def hear(self) -> None:
        """All that it has said until now. On Windows it is poll() that fails at the end of a pipe."""
        try:
            while self.is_open and self.pipe.poll():
                kind, self.reason = self.pipe.recv()
                self.is_ready = self.is_ready or kind == READY
        except (EOFError, OSError):
            self.is_open = False

    def drain(self) -> None:
        with suppress(OSError):  # it may have just ended
            self.pipe.send(DRAIN)

    def close(self) -> None:
        self.pipe.close()
        self.process.join()


class _Watching:
    def __init__(
        self,
        work: Work,
        given: Any,
        listeners: list[socket],
        count: int,
        stop_seconds: float,
        manager: Manager,
        is_to_reload: Callable[[], bool],
        is_last: bool,
    ) -> None:
        self._is_last = is_last
        self._is_asked_to_reload = is_to_reload
        self._work = (work, given, listeners, count, stop_seconds)
        self._listeners = listeners
        self._figures = Watched()
        self._count = count
        self._stop_seconds = stop_seconds
        self._manager = manager
        self._workers: list[_Worker] = []
        self._due = {1: 0.0}  # the numbers that have no worker, and when they get one
        self._failures = dict.fromkeys(range(1, count + 1), 0)
        self._is_first = True  # until one was ready
        self._asked = 0
        self._is_to_reload = False
        self._to_renew: list[int] = []  # numbers whose workers are to be replaced by new ones
        self._newcomer: _Worker | None = None  # which is not ready yet

    def ask(self) -> None:
        self._asked += 1

    def reload(self) -> None:
        self._is_to_reload = True

    def run(self) -> None:
        while not self._asked:
            for number in [n for n, due in self._due.items() if due <= time.monotonic()]:
                del self._due[number]
                self._start(number)
            for worker in self._look():
                self._replace(worker)
            self._is_to_reload = self._is_asked_to_reload() or self._is_to_reload
            self._renew()
        self._drain()

    def _renew(self) -> None:
        """One after another, so that there are always as many as before who are ready."""
        if self._is_to_reload and not self._is_first:
            self._is_to_reload = False
            self._manager.reloading()
            self._to_renew = list(range(1, self._count + 1))
        if self._newcomer is None and self._to_renew and len(self._workers) < MOST_AT_ONCE:
            self._newcomer = self._start(self._to_renew.pop(0))
        elif self._newcomer is not None and self._newcomer.is_ready:
            for worker in self._workers:
                if worker.number == self._newcomer.number and worker is not self._newcomer:
                    worker.is_leaving = True
                    worker.drain()
            self._newcomer = None
            if not self._to_renew:
                self._manager.ready()

    def end(self) -> None:
        for worker in self._workers:
            worker.process.kill()
            worker.close()

    def _drain(self) -> None:
        self._manager.stopping()
        if self._is_last:  # before the first worker looks who is at the door, for the last time
            for listener in self._listeners:
                turn_away(listener)
        for worker in self._workers:
            worker.drain()
        sockets.close(self._listeners)  # else the system would go on taking connections for them
        ends_at = time.monotonic() + self._stop_seconds + GRACE_SECONDS
        while self._workers and self._asked == 1 and time.monotonic() < ends_at:
            self._look()
        if self._workers:
            log.warning("Ended before all was finished: %d of the processes.", len(self._workers))

    def _look(self) -> list[_Worker]:
        """Waits a moment for news, and gives the workers that are gone."""
        pipes = [one.pipe for one in self._workers if one.is_open]
        ends = [one.process.sentinel for one in self._workers]
        with suppress(InterruptedError):  # Windows tells of Ctrl-C like this
            connection.wait([*pipes, *ends][:MOST_AWAITED], LOOK_SECONDS)
        gone = [one for one in self._workers if one.process.exitcode is not None]
        for worker in self._workers:
            worker.hear()
        if self._is_first and any(one.is_ready for one in self._workers):
            self._is_first = False
            self._manager.ready()
            self._due.update(dict.fromkeys(range(2, self._count + 1), 0.0))
        for worker in gone:
            worker.close()
            self._workers.remove(worker)
            self._figures.free_slot(worker.slot)
        return gone

    def _replace(self, worker: _Worker) -> None:
        code = worker.process.exitcode
        if self._is_first:
            raise CannotServe(
                worker.reason
                or f"The first process ended before it could serve, with exit code {code}."
            )
        if worker.is_leaving:
            return
        if worker is self._newcomer:
            self._newcomer, self._to_renew = None, []
            reason = worker.reason or f"exit code {code}"
            trouble = f"A new process cannot start ({reason}): those that run go on."
            log.warning("%s", trouble)
            self._manager.ready(trouble)
            return
        lived = time.monotonic() - worker.started_at
        if worker.is_ready and lived > STEADY_SECONDS:
            self._failures[worker.number] = 0
        failures = self._failures[worker.number]
        pause = min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE) if failures else 0.0
        self._failures[worker.number] = min(failures + 1, 10)
        self._due[worker.number] = time.monotonic() + pause
        self._figures.count_restart()
        when = f"in {pause:g} s" if pause else "at once"
        reason = worker.reason or f"exit code {code}"
        log.warning("Process %d has ended (%s): replaced %s.", worker.number, reason, when)

    def _start(self, number: int) -> _Worker:
        slot = self._figures.take_slot()
        worker = _Worker(number, slot, self._starter(number, slot))
        self._workers.append(worker)
        return worker

    def _starter(self, number: int, slot: int) -> Callable[[Pipe], Any]:
        def start(pipe: Pipe) -> Any:
            counting = (self._figures.board, slot)
            process = multiprocessing.get_context("spawn").Process(
                target=run_worker, args=(*self._work, number, self._is_first, pipe, counting)
            )
            with signals.held_back():
                process.start()
            return process

        return start
