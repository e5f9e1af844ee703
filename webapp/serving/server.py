"""Waitress, set up for forms with large files, and stopped by what asks a program to stop."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from socket import socket
from typing import Any

from . import bodies, receiving
from .listening import Listening, Loop, servers
from .loader import Application

# Windows' select() takes 512 sockets, and Waitress's listeners and wake-up pipes count as well.
CONNECTIONS = 480 if sys.platform == "win32" else 1000
NOTICE = (
    f"On Windows it holds up to {CONNECTIONS} connections at once."
    if sys.platform == "win32"
    else ""
)

OPTIONS: dict[str, Any] = {
    "connection_limit": CONNECTIONS,
    "asyncore_use_poll": True,  # Waitress falls back to select() where there is no poll()
    # Seconds of processor time for 1 GiB that is written as it comes, median of 5: 1.9 with 64 KiB, 1.5
    # with 128 and 256 KiB, 1.3 with 512 KiB and 1 MiB. Each read takes so much memory for a moment, also
    # one that brings a few bytes.
    "recv_bytes": 256 * 1024,
    "inbuf_overflow": bodies.IN_MEMORY,  # a larger body is spooled to a file
    "max_request_body_size": 1 << 50,  # the limits are `body_limit`'s and the application's own
    "ident": None,
}


def serve(
    application: Application,
    listeners: list[socket],
    *,
    threads: int,
    spool: Path | None = None,
    body_limit: Callable[[str], int] | None = None,
    listening: Listening | None = None,
    receiver: receiving.Receiver | None = None,
) -> None:
    """Serves the application on listening sockets until the process is asked to stop.

    Request bodies too large for memory go to temporary files in `spool`, or where the system has
    such files. With `body_limit`, which gives the greatest body in bytes for a decoded path, larger
    ones are refused while they arrive, and so are those that the disk of such files has no room for.
    `listening` is what has the server listen elsewhere, from now on. `receiver` is asked for each body
    whether it takes it in while it arrives. Call `stop_on_signals` first; the second signal is a
    KeyboardInterrupt here.
    """
    import waitress  # type: ignore[import-untyped]

    if spool is not None:
        tempfile.tempdir = str(spool)
    _allow_descriptors(4 * CONNECTIONS)
    # That requests wait for a thread is what threads are for, and no news for the log.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    limits = bodies.Limits(body_limit, Path(tempfile.gettempdir())) if body_limit else None
    loop: Loop = {}  # gets all that the server waits for, its listeners among it
    make = _maker(loop, receiving.channel_class(limits, receiver), listening)
    try:
        waitress.serve(application, sockets=listeners, threads=threads, _server=make, **OPTIONS)
    finally:
        receiving.abandon_all(loop)


def _maker(loop: Loop, channel: type, listening: Listening | None) -> Callable[..., Any]:
    """Makes Waitress's own server, with what is ours put in."""
    from waitress.server import create_server  # type: ignore[import-untyped]

    def make(application: Application, **options: Any) -> Any:
        server = create_server(application, map=loop, **options)
        for listener in servers(loop):
            listener.channel_class = channel
        if listening is not None:
            listening.begin(application, loop)
        return server

    return make


def stop_on_signals() -> None:
    """Has SIGTERM, and Ctrl-Break on Windows, raise KeyboardInterrupt as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, signal.default_int_handler)


if sys.platform == "win32":

    def _allow_descriptors(count: int) -> None:
        """Windows has no such limit."""

else:
    import resource

    def _allow_descriptors(count: int) -> None:
        """Raises the limit of open files as far as it may be: 256 on macOS, and out of descriptors
        Waitress would spin. A connection takes up to three."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = count if hard == resource.RLIM_INFINITY else min(count, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
