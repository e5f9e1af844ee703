"""The event loop, in place of Waitress's, which asks every open connection on every turn.

Waitress keeps what it waits for in a dict, by descriptor; here that dict is the loop. Where there is
nothing better than select(), on Windows, Waitress's own turn goes on, with the same beat beside it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import get_ident
from typing import Any

from .pollers import READ, WRITE, Poller, poller
from .stopping import Stopping
from .telling import Telling

BEAT_SECONDS = 1.0  # between two looks at deadlines
LAST_BEAT_SECONDS = 0.1  # the same, when the server is to stop
BODIES_A_TURN = 4  # pieces of request bodies that are taken in before others have their turn
QUIET_SECONDS = 0.5  # after which a connection may be closed under its client when the server stops


class Loop(dict[int, Any]):
    """What one server waits for, by descriptor; what listens no more stays under a negative number.

    Threads take turns at it: "the loop's thread" is whichever is at it.
    """

    def __init__(self, stopping: Stopping, limit: int, telling: Telling) -> None:
        """`limit` is how many connections there may be at once."""
        super().__init__()
        self.limit = limit
        self.thread = 0  # the one that is at it
        self.is_over = False  # it was asked to stop, and has finished what was in flight
        self.is_waiting = False
        self.is_crowded = False  # more ask to be let in than were
        self.is_draining = False  # no new connections; each answer closes its own
        self.at_each_beat: list[Callable[[], None]] = [telling.catch_up]
        self._stopping = stopping
        self._telling = telling
        self._next_beat = 0.0
        self._ends_at = float("inf")
        self._is_resting = False
        self._has_told_of_limit = False

    # --- what Waitress's servers ask of it, in the loop's thread

    @property
    def servers(self) -> list[Any]:
        """All that ever listened."""
        return [each for each in list(self.values()) if hasattr(each, "active_channels")]

    @property
    def connections(self) -> list[Any]:
        return [
            channel for server in self.servers for channel in list(server.active_channels.values())
        ]

    @property
    def may_accept(self) -> bool:
        return not self._is_resting and not self._is_full()

    def rest(self, reason: str) -> None:
        """Accepts nothing until the next beat: asked again at once, the system would say the same."""
        if not self._is_resting:
            self._is_resting = True
            self._telling.warn("rest", f"No new connections for a moment: {reason}.")

    def _is_full(self) -> bool:
        is_full = len(self) >= self.limit
        if is_full and not self._has_told_of_limit:
            self._has_told_of_limit = True
            text = f"There are {self.limit} connections, as many as may be: others wait."
            self._telling.warn("full", text)
        return is_full

    def close_soon(self, channel: Any) -> None:
        """Closes a connection, for which nothing is under way."""
        # Not now: select() may be about to be called with its socket.
        channel.server.trigger.pull_trigger(channel.close_now)

    def arm(self, descriptor: int, events: int) -> None:
        """A connection waits for these events from now on; by any thread."""

    def wake(self, trigger: Any) -> None:
        """A connection waits for something else from now on, and may have to be asked; by any thread."""
        if self.is_waiting:
            trigger.pull_trigger()

    # --- running

    def begin(self, look: Callable[[], None]) -> None:
        """`look` is to have whoever asks see that it is over."""

        def wake() -> None:
            self.interrupt()
            look()

        self._stopping.wakes(wake)

    def step(self, waits: bool) -> None:
        """Handles what is ready; where it waits for that, a second at most. By one thread at a time."""
        self.thread = get_ident()
        seconds = LAST_BEAT_SECONDS if self._stopping.is_asked else BEAT_SECONDS
        self.is_waiting = True
        self.turn(seconds if waits else 0)
        self.is_waiting = False
        if self._stopping.is_asked or time.monotonic() >= self._next_beat:
            self._beat()
            self.is_over = self._is_over()
        self.thread = 0

    def interrupt(self) -> None:
        """Has a step that waits return. It takes no lock, as it is called by signal handlers."""
        for server in self.servers[:1]:
            server.trigger.pull_trigger()

    def turn(self, seconds: float) -> None:
        """Waits until something is ready, so long at most, and handles it."""
        from waitress import wasyncore  # type: ignore[import-untyped]

        use_poll = hasattr(wasyncore.select, "poll")
        (wasyncore.poll2 if use_poll else wasyncore.poll)(seconds, self)

    def close(self) -> None:
        """Closes all that it waits for."""
        from waitress import wasyncore

        wasyncore.close_all(self, ignore_all=True)

    def _beat(self) -> None:
        self._next_beat = time.monotonic() + BEAT_SECONDS
        self._is_resting = False
        if len(self) < self.limit:
            self._has_told_of_limit = False
        moment = time.time()
        for server in self.servers:
            server.maintenance(moment)
        for do in self.at_each_beat:
            do()
        if self._stopping.is_asked:
            self._drain(moment)

    def _drain(self, moment: float) -> None:
        if not self.is_draining:
            self.is_draining = True
            self._ends_at = time.monotonic() + self._stopping.seconds
            for server in self.servers:
                if server.accepting:
                    server.retire(self._stopping.is_last)
        for channel in self.connections:
            # A client that has just been answered may be about to ask again, and is told to close then.
            if channel.is_idle and moment - channel.last_activity > QUIET_SECONDS:
                self.close_soon(channel)

    def _is_over(self) -> bool:
        if not self.is_draining:
            return not self
        is_late = self._stopping.is_forced or time.monotonic() >= self._ends_at
        return is_late or not self.connections


class PolledLoop(Loop):
    """With epoll or kqueue. Each connection is armed by whoever is done with it."""

    def __init__(self, stopping: Stopping, limit: int, telling: Telling, ready: Poller) -> None:
        from waitress import wasyncore

        super().__init__(stopping, limit, telling)
        self._asyncore = wasyncore  # imported in each turn, it would cost as much as what it does
        self._poller = ready
        self._bodies: deque[tuple[int, Any, int]] = deque()
        self._paused: set[int] = set()  # what listens and is not asked just now
        self._crowded: list[Any] = []  # what listens, and has more that wait to be taken in

    def __setitem__(self, number: int, each: Any) -> None:
        super().__setitem__(number, each)
        if number < 0:
            return
        if hasattr(each, "arm"):
            self._poller.arm(number, READ)
        else:
            self._poller.add(number)

    def __delitem__(self, number: int) -> None:
        super().__delitem__(number)
        self._paused.discard(number)
        if number >= 0:
            self._poller.remove(number)
        if self._paused and not self._is_resting and len(self) < self.limit:
            self._resume()

    def arm(self, descriptor: int, events: int) -> None:
        self._poller.arm(descriptor, events)

    def wake(self, trigger: Any) -> None:
        """Nothing to do: who has written arms."""

    def close_soon(self, channel: Any) -> None:
        channel.close_now()

    def turn(self, seconds: float) -> None:
        # Told of by the poller, a crowd at the door would wait in line behind all that are ready already.
        listeners, self._crowded = self._crowded, []
        for number, events in self._poller.wait(0 if self._bodies or listeners else seconds):
            each = self.get(number)
            if each is None:
                continue
            if each.accepting:
                # last: a new connection may get the number of a closed one
                listeners += [each] if each not in listeners else []
            elif events & READ and getattr(each, "is_receiving", False):
                self._bodies.append((number, each, events))
            else:
                self._handle(number, each, events)
        for _ in range(min(len(self._bodies), BODIES_A_TURN)):
            self._handle(*self._bodies.popleft())
        for listener in listeners:
            self._accept(listener)
        self.is_crowded = bool(self._crowded)

    def _handle(self, number: int, each: Any, events: int) -> None:
        if self.get(number) is not each:
            return
        self._asyncore.readwrite(each, events)
        arm = getattr(each, "arm", None)  # what wakes the loop has none
        if arm is not None and self.get(number) is each:
            arm()

    def _accept(self, listener: Any) -> None:
        if not listener.accepting:
            return  # it has been retired meanwhile
        self._asyncore.read(listener)
        if not self.may_accept:
            self._pause()
        elif listener.is_crowded:
            self._crowded.append(listener)

    def _pause(self) -> None:
        listening = {server.socket.fileno() for server in self.servers if server.accepting}
        for number in listening - self._paused:
            self._poller.remove(number)
        self._paused |= listening

    def _beat(self) -> None:
        super()._beat()
        if self._paused and self.may_accept:
            self._resume()

    def _resume(self) -> None:
        paused, self._paused = self._paused, set()
        for number in paused:
            self._poller.add(number)

    def close(self) -> None:
        super().close()
        self._poller.close()


def make_loop(stopping: Stopping, limit: int, telling: Telling) -> Loop:
    """The best that this system has."""
    ready = poller()
    if ready is None:
        return Loop(stopping, limit, telling)
    return PolledLoop(stopping, limit, telling, ready)


def events_of(channel: Any) -> int:
    """What a connection of Waitress waits for."""
    return (READ if channel.readable() else 0) | (WRITE if channel.writable() else 0)
