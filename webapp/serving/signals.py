"""The signals that ask a program to stop, or to start its workers anew."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any

if sys.platform == "win32":
    STOP = [signal.SIGINT, signal.SIGTERM, signal.SIGBREAK]
    RELOAD: list[signal.Signals] = []
else:
    STOP = [signal.SIGINT, signal.SIGTERM]
    RELOAD = [signal.SIGHUP]


def interrupt_on_stop() -> None:
    """Has SIGTERM, and Ctrl-Break on Windows, raise KeyboardInterrupt as Ctrl-C does."""
    for number in STOP:
        signal.signal(number, signal.default_int_handler)


@contextmanager
def told_of(numbers: list[signal.Signals], do: Callable[[], None]) -> Iterator[None]:
    """Has each of them do that meanwhile, but for those that whoever started us wants ignored (nohup);
    nothing where this is not the main thread, which gets them."""
    if current_thread() is not main_thread():
        yield
        return

    def told(number: int, frame: Any) -> None:
        do()

    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, told) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if sys.platform == "win32":

    @contextmanager
    def held_back() -> Iterator[None]:
        yield

    def let_through() -> None:
        pass

else:

    @contextmanager
    def held_back() -> Iterator[None]:
        """What is started meanwhile gets these signals once it can deal with them; so do we."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [*STOP, *RELOAD])
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def let_through() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [*STOP, *RELOAD])
