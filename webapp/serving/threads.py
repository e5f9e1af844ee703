"""The threads that answer requests: what Waitress calls a task dispatcher."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread, current_thread
from typing import Any

from .telling import Telling

log = logging.getLogger("intray.serving")

MOST_SECONDS = 10.0  # that a request may have to wait for a thread; then new ones are refused
MOST_HELD = 200  # threads that wait for clients who take their answers slowly


class Threads:
    """So many of them; and one more for each that is held by a slow client, so that these can never
    take all."""

    def __init__(self, count: int, telling: Telling) -> None:
        self._count = count
        self._telling = telling
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._queued_at: deque[float] = deque()  # of those in the queue, in the same order
        self._all: set[Thread] = set()
        self._busy: set[Thread] = set()
        self._held = 0
        self._lock = Lock()
        self._is_stopping = False
        for _ in range(count):
            self._start()

    @property
    def depth(self) -> int:
        """How many requests wait for a thread."""
        return len(self._queued_at)

    @property
    def busy(self) -> int:
        """How many threads are at a request."""
        return len(self._busy)

    def add_task(self, task: Any) -> None:
        self._queued_at.append(time.monotonic())
        self._queue.put(task)

    def is_overloaded(self) -> bool:
        """Whether a new request would have to wait too long; said in the log, once a minute at most."""
        try:
            waited = time.monotonic() - self._queued_at[0]
        except IndexError:
            return False
        if waited <= MOST_SECONDS:
            return False
        text = f"{self.depth} requests wait for a thread: new ones are answered 503."
        self._telling.warn("overload", text)
        return True

    @contextmanager
    def held(self) -> Iterator[bool]:
        """While this thread waits for its client; gives whether it may. Another one takes its place."""
        with self._lock:
            may_wait = self._held < MOST_HELD
            if may_wait:
                self._held += 1
                if len(self._all) - self._held < self._count and not self._is_stopping:
                    self._start()
        try:
            yield may_wait
        finally:
            if may_wait:
                with self._lock:
                    self._held -= 1

    def _start(self) -> None:
        thread = Thread(target=self._run, name=f"waitress-{len(self._all)}", daemon=True)
        self._all.add(thread)
        thread.start()

    def _run(self) -> None:
        own = current_thread()
        while (task := self._queue.get()) is not None:
            self._queued_at.popleft()
            self._busy.add(own)
            try:
                task.service()
            except BaseException:
                log.exception("A request could not be answered.")
            self._busy.discard(own)
            if self._is_one_too_many(own):
                return
        with self._lock:
            self._all.discard(own)

    def _is_one_too_many(self, own: Thread) -> bool:
        if len(self._all) <= self._count:
            return False
        with self._lock:
            if len(self._all) - self._held <= self._count:
                return False
            self._all.discard(own)
            return True

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5.0) -> bool:
        """Ends the threads once they are idle; tells whether all have ended within `timeout` seconds.
        What has not begun then is not done."""
        with self._lock:
            self._is_stopping = True
            threads = list(self._all)
        with suppress(Empty):
            while cancel_pending:
                self._queue.get_nowait().cancel()
        for _ in threads:
            self._queue.put(None)
        ends_at = time.monotonic() + timeout
        for thread in threads:
            thread.join(max(0.0, ends_at - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)
