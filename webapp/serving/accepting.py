"""What listens: Waitress's servers, one for each listening socket, in one loop."""

from __future__ import annotations

import errno
import logging
from collections.abc import Sequence
from functools import cached_property
from socket import AF_INET, AF_INET6, socket
from threading import get_ident
from typing import Any

from . import receiving
from .connections import Connection
from .environ import common_environ
from .figures import CONNECTIONS, Figures
from .heads import Head
from .loader import Application
from .loop import Loop
from .sending import Sender
from .tasks import ErrorTask, Task
from .telling import Telling
from .threads import Threads
from .turning_away import turn_away

log = logging.getLogger("intray.serving")

ACCEPTS = 256  # connections that are taken in at a time
ACCEPTS_BESIDE_OTHERS = 4  # where other processes are to have their share
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Server:
    """What a server of Waitress does differently, as a class to be put before that one."""

    accepts: int
    accepting: bool
    is_crowded = False  # more may be waiting than were taken in
    is_multiprocess: bool
    active_channels: dict[int, Any]
    adj: Any
    channel_class: type
    figures: Figures
    logger: logging.Logger
    socket: Any
    task_dispatcher: Threads
    telling: Telling
    trigger: Any
    _map: Loop

    @cached_property
    def environ(self) -> dict[str, Any]:
        return common_environ(self, self.is_multiprocess)

    @property
    def is_draining(self) -> bool:
        return self._map.is_draining

    def readable(self) -> bool:
        return self.accepting and self._map.may_accept

    def handle_accept(self) -> None:
        self.is_crowded = False
        for _ in range(self.accepts):
            if not self._map.may_accept or not self._accept_one():
                return
        self.is_crowded = True

    def _accept_one(self) -> bool:
        """Whether there was one."""
        try:
            accepted = self.accept()  # type: ignore[attr-defined]
        except OSError as wrong:
            if wrong.errno in _EXHAUSTED:
                self._map.rest(wrong.strerror or "the system has no room for more")
            else:
                log.info("A connection was gone before it was taken in: %s", wrong)
            return False
        if accepted is None:
            return False
        connection, address = accepted
        self.figures.add(CONNECTIONS, 1)
        try:
            self.set_socket_options(connection)  # type: ignore[attr-defined]
        except OSError:  # macOS, where the other side has gone already
            connection.close()
            return True
        whom = self.fix_addr(address)  # type: ignore[attr-defined]
        self.channel_class(self, connection, whom, self.adj, map=self._map)
        return True

    def add_task(self, channel: Any) -> None:
        """An answer to a broken request is not worth a thread."""
        if channel.requests[0].error is not None and get_ident() == self._map.thread:
            channel.answers_here = True
        else:
            self.task_dispatcher.add_task(channel)

    def pull_trigger(self) -> None:
        self._map.wake(self.trigger)

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            channel.keep_deadlines(now)

    def retire(self, is_last: bool) -> None:
        """Listens no more, once what waits to be accepted has been; `is_last` where nobody goes on with its
        socket. It stays in the loop, where it looks after its connections, under a number that is no
        descriptor."""
        if is_last:
            turn_away(self.socket)
        self.handle_accept()
        while self.is_crowded:
            self.handle_accept()
        self.del_channel()  # type: ignore[attr-defined]
        self.socket.close()
        self.accepting = False
        self._map[min(0, *self._map) - 1] = self


def server_class(task: dict[str, Any], parser: dict[str, Any], processes: int) -> type[Any]:
    """Waitress's servers for TCP with all that is ours; `task` and `parser` are what theirs are to have
    as well."""
    from waitress import task as waitress_task  # type: ignore[import-untyped]
    from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
    from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped]
    from waitress.server import TcpWSGIServer  # type: ignore[import-untyped]

    channel = {
        "parser_class": type("IntrayParser", (receiving.Parser, Head, HTTPRequestParser), parser),
        "task_class": type("IntrayTask", (Task, waitress_task.WSGITask), task),
        "error_task_class": type("IntrayErrorTask", (ErrorTask, waitress_task.ErrorTask), task),
    }
    bases = (receiving.Channel, Connection, Sender, HTTPChannel)
    ours = {
        "channel_class": type("IntrayChannel", bases, channel),
        "figures": task["figures"],
        "telling": task["telling"],
        "is_multiprocess": processes > 1,
        "accepts": ACCEPTS_BESIDE_OTHERS if processes > 1 else ACCEPTS,
    }
    return type("IntrayServer", (Server, TcpWSGIServer), ours)


class UnixServer:
    """What is different for a Unix socket, as a class to be put before a server for TCP: who comes by it
    has no address, and there is nothing about packets to be set."""

    def getsockname(self) -> tuple[str, str]:
        """Becomes SERVER_PORT, which must be one; who is asked for is in the request."""
        return "localhost", "80"

    def fix_addr(self, address: object) -> tuple[str, str]:
        return "", ""

    def set_socket_options(self, connection: socket) -> None:
        pass


class Servers:
    """What `waitress.serve` runs: a server for each socket, in one loop, with the same threads."""

    def __init__(
        self,
        kind: type[Any],
        application: Application,
        listeners: Sequence[socket],
        loop: Loop,
        pool: Threads,
        options: dict[str, Any],
    ) -> None:
        from waitress.adjustments import Adjustments  # type: ignore[import-untyped]

        self._pool = pool
        adjustments = Adjustments(**options)
        unix = type("IntrayUnixServer", (UnixServer, kind), {})
        for listener in listeners:
            is_unix = listener.family not in (AF_INET, AF_INET6)
            (unix if is_unix else kind)(
                application,
                loop,
                _sock=listener,
                dispatcher=pool,
                adj=adjustments,
                bind_socket=False,
                sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            )

    def run(self) -> None:
        self._pool.run()
