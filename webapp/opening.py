"""The sockets that a server is to listen on: those that systemd gives, a Unix socket, or those of host
and port.

The standard library alone at module level, as in the launcher.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from .config import Settings
from .serving import addresses, inherited, sockets, unix_sockets


@dataclass(frozen=True)
class Door:
    """Sockets that listen; `settings` say where, and `given_by` what has opened them, where we have not."""

    settings: Settings
    listeners: list[socket.socket]
    given_by: str = ""


@contextmanager
def opened(settings: Settings) -> Iterator[Door]:
    """Connections are queued from now on; at the end all is closed. Raises CannotServe with one
    sentence."""
    with ExitStack() as at_the_end:
        given = inherited.take(os.environ)
        if given:
            door = Door(_as_found(settings, given), given, inherited.VARIABLE)
        elif settings.socket:
            unix = unix_sockets.listening(settings.socket, settings.socket_mode)
            door = Door(settings, at_the_end.enter_context(unix))
        else:
            door = Door(settings, sockets.listen(settings.host, settings.port))
        at_the_end.callback(sockets.close, door.listeners)
        yield door


def where(settings: Settings) -> str:
    """What a server listens on: the address to open on this computer, or `unix:` and a path."""
    if settings.socket:
        return unix_sockets.PREFIX + settings.socket
    return addresses.url(settings.host, settings.port)


def _as_found(settings: Settings, given: list[socket.socket]) -> Settings:
    """The settings as they would have to be for these sockets; one of many addresses is named first."""
    names = [each.getsockname() for each in given]
    network = [name[:2] for name in names if isinstance(name, tuple)]
    network.sort(key=lambda name: not addresses.is_wildcard(name[0]))
    if network:
        host, port = network[0]
        return replace(settings, host=host, port=port, socket="")
    return replace(settings, socket=os.fsdecode(names[0]).replace("\0", "@"))
