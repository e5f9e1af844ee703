"""Waitress, set up for thousands of connections and large files, and stopped without losing a request."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from socket import socket
from typing import Any

from . import bodies, receiving, signals
from .accepting import Servers, server_class
from .access_lines import Hidden, Told
from .capacity import most_connections
from .figures import BUSY, OPEN, WAITING, Figures
from .listening import Listening
from .loader import Application
from .loop import Loop, make_loop
from .proxies import Proxies
from .stopping import Stopping
from .telling import Telling
from .threads import Threads

LAST_SECONDS = 1.0  # for threads that are at something when the time to stop is over
OPTIONS: dict[str, Any] = {
    # Seconds of processor time for 1 GiB that is written as it comes, median of 5: 1.9 with 64 KiB, 1.5
    # with 128 and 256 KiB, 1.3 with 512 KiB and 1 MiB. Each read of a body takes so much memory for a
    # moment, also one that brings a few bytes.
    "recv_bytes": 256 * 1024,
    "inbuf_overflow": bodies.IN_MEMORY,  # a larger body is spooled to a file
    "outbuf_high_watermark": 1024 * 1024,
    "max_request_body_size": 1 << 50,  # the limits are `body_limit`'s and the application's own
    "clear_untrusted_proxy_headers": False,  # `proxies` does
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
    stopping: Stopping | None = None,
    exchanges: Callable[[Told], None] | None = None,
    proxies: Proxies | None = None,
    figures: Figures | None = None,
    hidden: Hidden = str,
    processes: int = 1,
) -> None:
    """Serves the application on listening sockets, until it is asked to stop and has finished what is in
    flight.

    Request bodies too large for memory go to temporary files in `spool`, or where the system has
    such files. With `body_limit`, which gives the greatest body in bytes for a decoded path, larger
    ones are refused while they arrive, and so are those that the disk of such files has no room for.
    `receiver` is asked for each body whether it takes it in while it arrives. `listening` is what has the
    server listen elsewhere, from now on. `stopping` is how to ask it to stop; in a process's main thread
    SIGTERM, Ctrl-C and Ctrl-Break ask as well, and a second one is a KeyboardInterrupt here.
    `exchanges` is told of each answer, by the thread that has given it; `proxies` are believed whom they
    speak for. `figures` are this process's. `hidden` gives a path without what is private in it, for the
    log. `processes` is how many serve on these sockets, this one included.
    """
    import waitress  # type: ignore[import-untyped]

    if spool is not None:
        tempfile.tempdir = str(spool)
    stopping = stopping or Stopping()
    limits = bodies.Limits(body_limit, Path(tempfile.gettempdir())) if body_limit else None
    telling = Telling()
    figures = figures or Figures()
    loop = make_loop(stopping, most_connections(), telling)
    pool = Threads(threads, telling, loop)
    _count(figures, loop, pool)
    task = {
        "exchanges": staticmethod(exchanges) if exchanges else None,
        "figures": figures,
        "hidden": staticmethod(hidden),
        "proxies": proxies or Proxies(),
        "telling": telling,
    }
    parser = {
        "limits": limits,
        "receiver": staticmethod(receiver) if receiver else None,
        "is_overloaded": staticmethod(pool.is_overloaded),
        "figures": figures,
    }
    kind = server_class(task, parser, processes)

    def make(application: Application, **options: Any) -> Servers:
        made = Servers(kind, application, listeners, loop, pool, options)
        if listening is not None:
            listening.begin(application, loop)
        return made

    def ask() -> None:
        stopping.ask()
        if stopping.is_forced:
            raise KeyboardInterrupt

    with signals.told_of(signals.STOP, ask):
        try:
            waitress.serve(application, threads=threads, _server=make, _quiet=True, **OPTIONS)
        finally:
            receiving.abandon_all(loop)
            pool.shutdown(timeout=0.0 if stopping.is_forced else LAST_SECONDS)
            loop.close()
            telling.close()


def _count(figures: Figures, loop: Loop, pool: Threads) -> None:
    """From now on: what is open, in each beat of the loop."""

    def look() -> dict[int, float]:
        connections = sum(len(server.active_channels) for server in loop.servers)
        return {OPEN: connections, WAITING: pool.depth, BUSY: pool.busy}

    figures.looks(look)
    loop.at_each_beat.append(figures.refresh)
