"""Listening sockets that were opened by who started this process: systemd's socket activation."""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping

from .errors import CannotServe

FIRST_DESCRIPTOR = 3
VARIABLE = "LISTEN_FDS"


def take(environ: MutableMapping[str, str]) -> list[socket.socket]:
    """The sockets that were given to this very process (sd_listen_fds(3)), in their order; none otherwise.
    What is started from here does not take them for its own. Raises CannotServe with one sentence."""
    count, process = environ.pop(VARIABLE, ""), environ.pop("LISTEN_PID", "")
    environ.pop("LISTEN_FDNAMES", None)
    if process != str(os.getpid()) or not count.isdecimal():
        return []
    return [_listener(FIRST_DESCRIPTOR + each) for each in range(int(count))]


def _listener(descriptor: int) -> socket.socket:
    try:
        given = socket.socket(fileno=descriptor)
        given.set_inheritable(False)
        if given.type == socket.SOCK_STREAM and given.getsockopt(
            socket.SOL_SOCKET, socket.SO_ACCEPTCONN
        ):
            return given
    except OSError:
        pass
    raise CannotServe(
        f"Descriptor {descriptor}, which {VARIABLE} tells of, is no socket that listens: "
        "give it ListenStream= with Accept=no."
    )
