"""Talking to other servers, and not for longer than was meant."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Protocol

LOOK_AGAIN_SECONDS = 1.0


class Connection(Protocol):
    """One of the standard library's clients; `sock` is None before it is connected and after."""

    @property
    def sock(self) -> socket.socket | None: ...


@contextlib.contextmanager
def cut_after(seconds: float, connection: Connection) -> Iterator[None]:
    """Ends the talk when the block takes longer. A timeout of the socket's is for each packet alone, and
    one who sends a byte a minute would never meet it. Raises TimeoutError in place of what that led to."""
    done, is_cut = threading.Event(), threading.Event()

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            is_cut.set()
            _cut(connection.sock)
            wait = LOOK_AGAIN_SECONDS  # it may not have been connected yet

    watcher = threading.Thread(target=watch, name="deadline", daemon=True)
    watcher.start()
    try:
        yield
    except Exception as error:
        if is_cut.is_set():
            raise TimeoutError(f"not done after {seconds:.0f} seconds") from error
        raise
    finally:
        done.set()
        watcher.join()


def _cut(sock: socket.socket | None) -> None:
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
