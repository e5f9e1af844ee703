"""One of several processes that serve: what it is told, and how it tells the one that watches."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from socket import socket
from threading import Thread
from typing import Any

from . import signals
from .board import Board
from .errors import CannotServe
from .figures import Figures
from .memory import share_one_arena
from .stopping import Stopping

DRAIN, READY, FAILED = "drain", "ready", "failed"  # what goes through the pipe

Pipe = Any  # multiprocessing's Connection, which has another name on Windows


@dataclass(frozen=True)
class Place:
    """What one worker is told: its number from 1 to `of`, the sockets, how to tell that it is `ready`,
    how it is asked to stop, and what it counts in. `speaks` where it is the one to greet the person at the
    console."""

    number: int
    of: int
    speaks: bool
    listeners: list[socket]
    ready: Callable[[], None]
    stopping: Stopping
    figures: Figures


# What a worker does until it is asked to stop; it is found by its module and name. Raises CannotServe.
Work = Callable[[Any, Place], None]


class _AskedOnce(Stopping):
    """Ctrl-C reaches a worker from the console as well as through its pipe, and that is no second
    demand. Who watches forces by ending the process."""

    def ask(self) -> None:
        self.is_asked = True
        self._wake()


def run_worker(
    work: Work,
    given: Any,
    listeners: list[socket],
    count: int,
    stop_seconds: float,
    number: int,
    speaks: bool,
    pipe: Pipe,
    counting: tuple[Board, int],
) -> None:
    """A worker process, from its beginning to its end."""
    share_one_arena()
    stopping = _AskedOnce(stop_seconds, is_last=False)
    with signals.told_of(signals.STOP, stopping.ask), signals.told_of(signals.RELOAD, _nothing):
        signals.let_through()
        Thread(target=_obey, args=[pipe, stopping], daemon=True).start()

        def ready() -> None:
            _tell(pipe, READY)

        try:
            figures = Figures(*counting)
            work(given, Place(number, count, speaks, listeners, ready, stopping, figures))
        except CannotServe as wrong:
            _tell(pipe, FAILED, str(wrong))
            sys.exit(2)


def _nothing() -> None:
    """A terminal that is closed tells everybody; who watches decides."""


def _obey(pipe: Pipe, stopping: Stopping) -> None:
    with suppress(EOFError, OSError):  # whoever watched is gone: no one would ever ask
        pipe.recv()
    stopping.ask()


def _tell(pipe: Pipe, kind: str, text: str = "") -> None:
    with suppress(OSError):  # as above, and `_obey` knows
        pipe.send((kind, text))
