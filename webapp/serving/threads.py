"""The threads that answer requests, and wait for them: what Waitress calls a task dispatcher.

In Waitress one thread waits for what clients send, and wakes another for each request. In Python the two
then fight for the interpreter, and that costs more than all else a server does. Here whichever thread has
nothing to answer takes the loop's next turn itself, and answers what that brings ("leader/followers",
Schmidt and others, 2000). The others sleep for as long as requests are answered quickly: the main thread
looks, and wakes one more where nothing has gone on for a moment.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread, current_thread
from typing import Any

from .loop import Loop
from .telling import Telling

log = logging.getLogger("intray.serving")

MOST_SECONDS = 10.0  # that a request may have to wait for a thread; then new ones are refused
MOST_HELD = 200  # threads that wait for clients who take their answers slowly
LOOK_SECONDS = 0.005  # in which something must have gone on, lest another thread be woken
IDLE_SHARE = 0.1  # of the time of answers, in which nothing ran: above it, others are woken
SPAN_SECONDS = 0.05  # of answers, by which that is judged
TURN_SECONDS = 0.02  # that requests which wait are answered before the loop has its turn
ATTENTION_SECONDS = 1.0  # without a request, after which the main thread looks no more


class Threads:
    """So many of them; and one more for each that is held by a slow client, so that these can never
    take all."""

    def __init__(self, count: int, telling: Telling, loop: Loop) -> None:
        self._count = count
        self._telling = telling
        self._queue: deque[Any] = deque()
        self._queued_at: deque[float] = deque()  # of those in the queue, in the same order
        self._all: set[Thread] = set()
        self._busy: set[Thread] = set()
        self._held = 0
        self._lock = Lock()
        self._loop = loop
        self._is_led = False  # somebody is at the loop
        self._led_at = 0.0
        self._asleep: list[Lock] = []  # each thread's own; the last to fall asleep is woken first
        self._steps = 0  # changes while anything goes on
        self._answering = self._idle = 0.0  # seconds, of the last answers
        self._failure: BaseException | None = None  # of the loop
        self._attention = _shut()
        self._is_attentive = True
        self._is_stopping = False

    @property
    def depth(self) -> int:
        """How many requests wait for a thread."""
        return len(self._queued_at)

    @property
    def busy(self) -> int:
        """How many threads are at a request."""
        return len(self._busy)

    def add_task(self, task: Any) -> None:
        """By a thread that has something to do, and then takes it itself unless another is faster."""
        self._queued_at.append(time.monotonic())
        self._queue.append(task)

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
        self._hand_on()
        try:
            yield may_wait
        finally:
            if may_wait:
                with self._lock:
                    self._held -= 1

    # --- the main thread

    def run(self) -> None:
        """Returns when the loop is over, and nobody is at it. Raises what ended it otherwise."""
        self._loop.begin(self._look)
        try:
            with self._lock:
                for _ in range(self._count):
                    self._start()
            self._watch()
        finally:
            self._is_stopping = True
            self._take()

    def _watch(self) -> None:
        quiet = 0
        while not self._loop.is_over and self._failure is None:
            before = self._steps
            self._attention.acquire(timeout=LOOK_SECONDS)
            if self._steps != before:
                quiet = 0
            elif self._is_led and not self._queue:
                quiet += 1
                if quiet * LOOK_SECONDS > ATTENTION_SECONDS:
                    self._doze()
                    quiet = 0
            elif not self._wake_one() and self._lead():
                self._hand_on()  # who was at something that takes its time may have come back
        if self._failure is not None:
            raise self._failure

    def _take(self) -> None:
        """For good."""
        ends_at = time.monotonic() + ATTENTION_SECONDS
        while self._failure is None and not self._may_lead() and time.monotonic() < ends_at:
            self._loop.interrupt()
            time.sleep(0.001)

    def _doze(self) -> None:
        self._is_attentive = False
        if self._is_led:
            self._attention.acquire(timeout=ATTENTION_SECONDS)
        self._is_attentive = True

    def _look(self) -> None:
        """Has the main thread look again. It takes no lock, as it is called by signal handlers."""
        _open(self._attention)

    # --- the others

    def _start(self) -> None:
        thread = Thread(target=self._run, name=f"waitress-{len(self._all)}", daemon=True)
        self._all.add(thread)
        thread.start()

    def _run(self) -> None:
        own, bell = current_thread(), _shut()
        while not self._is_stopping:
            if self._queue and self._loop_is_due():
                self._lead()
            try:
                task = self._queue.popleft()
            except IndexError:
                if not self._lead():
                    self._sleep(bell)
                continue
            self._queued_at.popleft()
            self._answer(own, task)
            if not self._queue and self._is_one_too_many(own):
                self._hand_on()
                return
        with self._lock:
            self._all.discard(own)

    def _loop_is_due(self) -> bool:
        """Whether the loop is to have one before what waits is answered."""
        return self._loop.is_crowded or time.monotonic() - self._led_at > TURN_SECONDS

    def _answer(self, own: Thread, task: Any) -> None:
        self._steps += 1
        if self._idle > self._answering * IDLE_SHARE:
            self._hand_on()
        if not self._is_attentive:
            self._look()
        self._busy.add(own)
        began, ran = time.perf_counter(), time.process_time()
        try:
            task.service()
        except BaseException:
            log.exception("A request could not be answered.")
        taken = time.perf_counter() - began
        self._judge(taken, taken - (time.process_time() - ran))
        self._busy.discard(own)
        self._steps += 1

    def _judge(self, seconds: float, idle: float) -> None:
        """How long an answer took, and for how much of that no thread of this process ran."""
        if self._answering > SPAN_SECONDS:
            self._answering /= 2
            self._idle /= 2
        self._answering += seconds
        self._idle = max(0.0, self._idle + idle)

    def _may_lead(self) -> bool:
        with self._lock:
            may, self._is_led = not self._is_led, True
        return may

    def _lead(self) -> bool:
        """Takes a turn of the loop, unless another thread is at it. It waits for nothing while a request
        does: whoever was at it until now may have left with one that nobody else is awake for."""
        if self._is_led or not self._may_lead():
            return False
        try:
            self._loop.step(waits=not self._queue)
        except BaseException as wrong:
            self._failure = wrong  # and nobody leads it again
            self._look()
            return True
        self._led_at = time.monotonic()
        self._is_led = False
        if self._loop.is_over:
            self._look()
        return True

    def _sleep(self, bell: Lock) -> None:
        with self._lock:
            if self._queue or self._is_stopping or not self._is_led:
                return
            self._asleep.append(bell)
        bell.acquire()

    def _hand_on(self) -> None:
        """Wakes another thread, where nobody is at the loop."""
        if not self._is_led:
            self._wake_one()

    def _wake_one(self) -> bool:
        with self._lock:
            if not self._asleep:
                return False
            _open(self._asleep.pop())
        return True

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
        with suppress(IndexError):
            while cancel_pending:
                self._queue.popleft().cancel()
        while self._wake_one():
            pass
        ends_at = time.monotonic() + timeout
        for thread in threads:
            thread.join(max(0.0, ends_at - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)


def _shut() -> Lock:
    bell = Lock()
    bell.acquire()
    return bell


def _open(bell: Lock) -> None:
    with suppress(RuntimeError):  # it is open
        bell.release()
