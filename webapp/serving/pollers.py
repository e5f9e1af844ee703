"""What tells which connections are ready, at a cost that depends on those alone: epoll and kqueue.

A connection is watched for one event at a time ("one-shot"): after it nobody hears of it until it is
armed anew. So the thread that has answered a request can arm its connection by itself, without the
loop's thread being woken up for that.
"""

from __future__ import annotations

import select
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol

READ, WRITE, GONE = (
    1,
    4,
    24,
)  # POLLIN, POLLOUT, POLLERR | POLLHUP of poll(2)
MOST_EVENTS = 256  # that are told at a time: new connections are taken in between


class Poller(Protocol):
    """`arm` may be called by any thread; the rest by the loop's."""

    def add(self, descriptor: int) -> None:
        """Watches it for something to read, for good."""

    def arm(self, descriptor: int, events: int) -> None:
        """Watches it for the next of these events. Raises OSError where it is not open."""

    def remove(self, descriptor: int) -> None:
        """Watches it no more; does nothing where it is not watched."""

    def wait(self, seconds: float) -> list[tuple[int, int]]:
        """The descriptors that are ready, with their events; none after so long."""

    def close(self) -> None: ...


if sys.platform == "linux":

    class Epoll:
        """Linux (epoll(7))."""

        def __init__(self) -> None:
            self._epoll = select.epoll()

        def add(self, descriptor: int) -> None:
            self._epoll.register(descriptor, select.EPOLLIN)

        def arm(self, descriptor: int, events: int) -> None:
            try:
                self._epoll.modify(descriptor, events | select.EPOLLONESHOT)
            except FileNotFoundError:
                self._epoll.register(descriptor, events | select.EPOLLONESHOT)

        def remove(self, descriptor: int) -> None:
            with suppress(OSError):
                self._epoll.unregister(descriptor)

        def wait(self, seconds: float) -> list[tuple[int, int]]:
            return self._epoll.poll(seconds, MOST_EVENTS)

        def close(self) -> None:
            self._epoll.close()


if sys.platform == "linux" or sys.platform == "win32":
    pass
else:

    class Kqueue:
        """macOS and the BSDs (kqueue(2)). Each direction is a filter of its own, which is gone once it has
        told. Of two that are armed together one may stay: it is forgotten when the connection is armed
        anew, and before what was told is handed on, so that nobody hears of it twice."""

        def __init__(self) -> None:
            self._kqueue = select.kqueue()

        def add(self, descriptor: int) -> None:
            self._change(descriptor, select.KQ_FILTER_READ, select.KQ_EV_ADD)

        def arm(self, descriptor: int, events: int) -> None:
            for bit, which in _FILTERS:
                if events & bit:
                    self._change(descriptor, which, select.KQ_EV_ADD | select.KQ_EV_ONESHOT)
                else:
                    self._forget(descriptor, which)

        def remove(self, descriptor: int) -> None:
            for _, which in _FILTERS:
                self._forget(descriptor, which)

        def wait(self, seconds: float) -> list[tuple[int, int]]:
            told = self._kqueue.control(None, MOST_EVENTS, seconds)
            for event in told:
                if event.flags & select.KQ_EV_ONESHOT:
                    for _, which in _FILTERS:
                        if which != event.filter:
                            self._forget(event.ident, which)
            return joined((event.ident, _events_of(event)) for event in told)

        def close(self) -> None:
            self._kqueue.close()

        def _forget(self, descriptor: int, which: int) -> None:
            with suppress(OSError):  # there is none, or it was closed, which has removed it
                self._change(descriptor, which, select.KQ_EV_DELETE)

        def _change(self, descriptor: int, which: int, flags: int) -> None:
            self._kqueue.control([select.kevent(descriptor, which, flags)], 0)

    _FILTERS = ((READ, select.KQ_FILTER_READ), (WRITE, select.KQ_FILTER_WRITE))

    def _events_of(event: select.kevent) -> int:
        """The end of what a client sends is there to be read, as with epoll; one that is broken (its
        reading side is gone, or there is an error) is found so by whoever writes."""
        return READ if event.filter == select.KQ_FILTER_READ else WRITE


def joined(told: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Each descriptor once, with all of its events."""
    ready: dict[int, int] = {}
    for descriptor, events in told:
        ready[descriptor] = ready.get(descriptor, 0) | events
    return list(ready.items())


def poller() -> Poller | None:
    """The best that this system has; None where there is only select()."""
    if sys.platform == "linux":
        return Epoll()
    elif sys.platform == "win32":
        return None
    else:
        return Kqueue()
