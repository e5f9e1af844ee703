"""What a running server listens on, and having it listen on other addresses without a restart."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from socket import socket
from typing import Any

from . import addresses, sockets
from .errors import CannotServe
from .loader import Application
from .loop import Loop

SECONDS = 30.0  # a deadline for the loop, which takes a moment


class Listening:
    """The addresses of one server. `fixed_by` names what said them for this start alone, if anything
    did; `changed` is told of a new host, in the thread that asked for it."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        fixed_by: str = "",
        changed: Callable[[str], None] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.fixed_by = fixed_by
        self._changed = changed
        self._application: Application | None = None
        self._loop: Loop | None = None

    def begin(self, application: Application, loop: Loop) -> None:
        """The server that was just made, and waits for what is in the loop."""
        self._application = application
        self._loop = loop

    def listen_on(self, host: str) -> None:
        """Returns when the server listens on `host`, in place of the old one or on Windows beside it.
        Requests in progress and open connections go on. Raises CannotServe with one sentence; the server
        listens where it did then, unless the system gives it that no more."""
        first = next(iter(self._servers), None)
        if first is None:
            raise CannotServe("The server does not run.")
        # asked here, since Windows may take its time to answer
        ours = addresses.own_addresses() if addresses.is_wildcard(host) else [host]
        done: Future[None] = Future()
        first.trigger.pull_trigger(lambda: _answer(done, lambda: self._move(host, ours)))
        try:
            done.result(SECONDS)
        except (OSError, TimeoutError) as wrong:
            raise CannotServe(f"The server cannot listen on {host}: {wrong}.") from None
        self.host = host
        if self._changed is not None:
            self._changed(host)

    @property
    def _servers(self) -> list[Any]:
        return self._loop.servers if self._loop is not None else []

    def _move(self, host: str, ours: list[str]) -> None:
        """In the loop's thread, as nothing else may touch what the loop waits for."""
        known = self._servers
        old = [server for server in known if server.accepting]
        for listener in self._replacements(old, host, ours, like=known[0]):
            self._add(listener, like=known[0])

    def _replacements(self, old: list[Any], host: str, ours: list[str], like: Any) -> list[socket]:
        if sys.platform == "win32":
            # A port that was taken for itself alone is not to be had again there while one of its
            # connections lasts. So what listens goes on until the next start, and more comes beside it.
            return sockets.listen_on_each(_beside(old, ours), self.port)
        for server in old:
            server.retire(is_last=True)
        try:
            return sockets.listen(host, self.port)
        except CannotServe:
            for listener in _patiently_listen(self.host, self.port):
                self._add(listener, like=like)
            raise

    def _add(self, listener: socket, like: Any) -> None:
        kind = (listener.family, listener.type, listener.proto, listener.getsockname())
        type(like)(
            self._application,
            self._loop,
            _sock=listener,
            dispatcher=like.task_dispatcher,
            adj=like.adj,
            bind_socket=False,
            sockinfo=kind,
        )


def _patiently_listen(host: str, port: int) -> list[socket]:
    """Listens where it did a moment ago: what is in the way there may go soon."""
    for wait in (0.05, 0.2, 0.5):
        try:
            return sockets.listen(host, port)
        except CannotServe:
            time.sleep(wait)
    return sockets.listen(host, port)


def _beside(old: list[Any], ours: list[str]) -> list[str]:
    """Those of our addresses that are not listened on yet."""
    taken = {server.socket.getsockname()[0] for server in old}
    fresh = [one for one in ours if one not in taken]
    if not fresh:
        raise CannotServe("This computer is in no network now.")
    return fresh


def _answer(done: Future[None], do: Callable[[], None]) -> None:
    try:
        do()
    except BaseException as error:
        done.set_exception(error)
    else:
        done.set_result(None)
