"""What tells which connections are ready, at a cost that depends on those alone: epoll and kqueue.

A connection is watched for one event at a time ("one-shot"): after it nobody hears of it until it is
armed anew. So the thread that has answered a request can arm its connection by itself, without the
loop's thread being woken up for that.
"""

from __future__ import annotations

import select
import sys
from contextlib import suppress
from typing import Protocol

READ, WRITE, GONE = (
    1,
    4,
    24,
)  # POLLIN, POLLOUT, POLLERR | POLLHUP of poll(2)


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
            return self._epoll.poll(seconds)

        def close(self) -> None:
            self._epoll.close()


if sys.platform == "linux" or sys.platform == "win32":
    pass
else:

    class Kqueue:
        """macOS and the BSDs (kqueue(2)). Each direction is a filter of its own; one that is armed and no
        longer wanted may tell once too often, which non-blocking sockets can stand."""

        def __init__(self) -> None:
            self._kqueue = select.kqueue()

        def add(self, descriptor: int) -> None:
            self._change(descriptor, select.KQ_FILTER_READ, select.KQ_EV_ADD)

        def arm(self, descriptor: int, events: int) -> None:
            once = select.KQ_EV_ADD | select.KQ_EV_ONESHOT
            if events & READ:
                self._change(descriptor, select.KQ_FILTER_READ, once)
            if events & WRITE:
                self._change(descriptor, select.KQ_FILTER_WRITE, once)

        def remove(self, descriptor: int) -> None:
            for which in (select.KQ_FILTER_READ, select.KQ_FILTER_WRITE):
                with suppress(OSError):
                    self._change(descriptor, which, select.KQ_EV_DELETE)

        def _change(self, descriptor: int, which: int, flags: int) -> None:
            self._kqueue.control([select.kevent(descriptor, which, flags)], 0)

        def wait(self, seconds: float) -> list[tuple[int, int]]:
            ready: dict[int, int] = {}
            for event in self._kqueue.control(None, 1024, seconds):
                bit = READ if event.filter == select.KQ_FILTER_READ else WRITE
                ready[event.ident] = ready.get(event.ident, 0) | bit
            return list(ready.items())

        def close(self) -> None:
            self._kqueue.close()


def poller() -> Poller | None:
    """The best that this system has; None where there is only select()."""
    if sys.platform == "linux":
        return Epoll()
    elif sys.platform == "win32":
        return None
    else:
        return Kqueue()
