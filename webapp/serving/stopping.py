"""That a server is to stop: asked by a signal, or by the process that has started it."""

from __future__ import annotations

from collections.abc import Callable


class Stopping:
    """Once it is asked for, the server takes no new connections, finishes what is in flight, and its
    `serve` returns; at the latest after `seconds`. Asked again, it stops at once."""

    def __init__(
        self, seconds: float = 30.0, told: Callable[[], None] | None = None, *, is_last: bool = True
    ) -> None:
        """`told` is called when it is asked for first, and may be in a signal handler. `is_last` where
        nobody goes on with the server's sockets."""
        self.seconds = seconds
        self.is_last = is_last
        self._told = told or _nothing
        self.is_asked = False
        self.is_forced = False
        self._wake: Callable[[], None] = _nothing

    def ask(self) -> None:
        """From any thread, or a signal handler: it takes no lock."""
        self.is_forced = self.is_asked
        self.is_asked = True
        if not self.is_forced:
            self._told()
        self._wake()

    def wakes(self, wake: Callable[[], None]) -> None:
        """What has the server look; to be called by the server, once it runs."""
        self._wake = wake
        if self.is_asked:
            wake()


def _nothing() -> None:
    pass
