"""Request bodies on their way to where they belong: taken in piece by piece while they arrive.

Waitress would keep a body until it is whole, and the application would write it a second time. Here
a receiver is asked when the headers are in, and what it gives gets each piece in the loop's thread.
No thread is held while a slow phone sends, and what had arrived of a connection that was lost is not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Protocol

from .bodies import BUSY, FAILED, Limits, Refusal
from .figures import REFUSED, UPLOADS, Figures

log = logging.getLogger("intray.receiving")


class Body(Protocol):
    """A body on its way to where it belongs; the application finds it as `wsgi.input`.

    Either `end` is called, and later `close`; or `abandon`, and nothing after it.
    """

    refusal: Refusal | None
    """Once it is set, this is the answer at once, and the connection is closed."""

    def append(self, data: bytes) -> None:
        """The next piece; in the loop's thread, which serves everybody."""

    def end(self) -> None:
        """It has come whole; in the loop's thread, before the application is called."""

    def abandon(self) -> None:
        """The rest does not come: the connection was lost, the request is refused, the server stops."""

    def instead_of(self, refusal: Refusal) -> Refusal | None:
        """What to answer at once where the server has no room for the body; None where the rest is
        dropped instead, so that whoever sends it comes to read the application's answer."""

    def read(self, size: int = -1) -> bytes:
        """Nothing is left to read: it has been taken in."""

    def close(self) -> None:
        """The request is over, whether or not the application was called."""


# Asked with the method, the decoded path, and the headers as Waitress has them (CONTENT_TYPE); None
# leaves the body to Waitress. A chunked one has no CONTENT_LENGTH.
Receiver = Callable[[str, str, Mapping[str, str]], "Body | None"]


class Intake:
    """What Waitress takes for its own buffer: hands each piece on, and keeps the order of the calls.

    A connection may be closed in another thread than that of the loop, hence the lock. Whatever a
    body raises is logged and becomes a refusal, as the loop must live.
    """

    def __init__(self, body: Body, figures: Figures) -> None:
        self._body = body
        self._figures = figures
        figures.add(UPLOADS, 1)
        self._size = 0
        self._lock = Lock()
        self._is_open = True  # neither whole nor abandoned
        self._to_close = False
        self._has_failed = False

    @property
    def refusal(self) -> Refusal | None:
        return FAILED if self._has_failed else self._body.refusal

    def instead_of(self, refusal: Refusal) -> Refusal | None:
        with self._lock:
            return self._body.instead_of(refusal)

    def append(self, data: bytes) -> None:
        with self._lock:
            if self._is_open and not self._has_failed:
                self._size += len(data)
                self._try(lambda: self._body.append(data))

    def end(self) -> None:
        with self._lock:
            self._leave()
            self._to_close = True
            self._try(self._body.end)

    def abandon(self) -> None:
        """Does nothing where the body is whole."""
        with self._lock:
            if self._is_open:
                self._leave()
                self._try(self._body.abandon)

    def close(self) -> None:
        with self._lock:
            if self._to_close:
                self._to_close = False
                self._try(self._body.close)

    def _leave(self) -> None:
        if self._is_open:
            self._is_open = False
            self._figures.add(UPLOADS, -1)

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            log.exception("A request body could not be taken in.")
            self._has_failed = True

    def getfile(self) -> Body:
        return self._body

    def __len__(self) -> int:
        return self._size

    def __del__(self) -> None:
        self.close()  # Waitress forgets whole requests that wait behind another when it stops


class Parser:
    """What a request parser of Waitress does differently, as a class to be put before that one."""

    limits: Limits | None
    receiver: Receiver | None
    is_overloaded: Callable[[], bool]
    figures: Figures
    intake: Intake | None = None
    is_asked = False
    command = request_uri = ""  # as long as the first line has not been read
    remote_addr = request_id = ""  # as long as there is no environ that says them

    adj: Any
    body_rcv: Any
    chunked: bool
    completed: bool
    content_length: int
    body_bytes_received: int
    error: Any
    expect_continue: bool
    headers: dict[str, str]
    headers_finished: bool
    path: str

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)  # type: ignore[misc]
        if self.headers_finished and not self.is_asked:
            self.is_asked = True
            if self.error is None and self.is_overloaded():
                self.figures.add(REFUSED, 1)
                self._refuse(BUSY)
            elif self.body_rcv is not None and self.error is None:
                self._ask()
        if self.error is None:
            self._check()
        if self.completed and self.intake is not None:
            self._settle(self.intake)
        if self.error is not None:
            self.expect_continue = False  # else Waitress would ask for the body, and take it in
        return consumed

    def _ask(self) -> None:
        if self.receiver is None:
            return
        headers = dict(self.headers)
        if self.chunked:
            headers.pop("CONTENT_LENGTH", None)  # which does not count then
        try:
            body = self.receiver(self.command, self._decoded_path(), headers)
        except Exception:
            log.exception("It could not be told where a request body belongs.")
            self._refuse(FAILED)
            return
        if body is not None:
            self.intake = self.body_rcv.buf = Intake(body, self.figures)

    def _check(self) -> None:
        """Asks again with each piece, as several bodies together may use up the room. The size of a
        chunked one is counted as it comes over the wire, its framing included."""
        refusal = self.intake.refusal if self.intake is not None else None
        size = max(self.content_length, self.body_bytes_received)
        if refusal is None and self.limits is not None and size >= self.adj.inbuf_overflow:
            coming = size - self.body_bytes_received
            refusal = self._beyond_limits(self.limits, size, coming)
        if refusal is not None:
            self._refuse(refusal)

    def _beyond_limits(self, limits: Limits, size: int, coming: int) -> Refusal | None:
        if self.intake is not None:  # how much that may be is for who takes it in
            lack = limits.lack_of_room(coming)
            return self.intake.instead_of(lack) if lack is not None else None
        return limits.refusal(self._decoded_path(), size, coming)

    def refuse(self, refusal: Refusal) -> None:
        """The rest of it does not come, or is not waited for."""
        self._refuse(refusal)
        if self.intake is not None:
            self.intake.abandon()

    def _settle(self, intake: Intake) -> None:
        if self.error is None:
            intake.end()
            if intake.refusal is not None:
                self._refuse(intake.refusal)
        else:
            intake.abandon()

    def _refuse(self, refusal: Refusal) -> None:
        self.error = refusal
        self.completed = True

    def _decoded_path(self) -> str:
        return self.path.encode("latin-1").decode("utf-8", "replace")


class Channel:
    """What a connection of Waitress does differently, as a class to be put before that one."""

    request: Any

    def del_channel(self, map: Any = None) -> None:
        """Called however a connection comes to its end."""
        super().del_channel(map)  # type: ignore[misc]
        self.abandon()

    def abandon(self) -> None:
        """The request that is being received, if any, is not received further."""
        if self.request is not None and self.request.intake is not None:
            self.request.intake.abandon()


def abandon_all(loop: Mapping[int, Any]) -> None:
    """For a server that has stopped: what was being received does not come."""
    for each in list(loop.values()):
        if isinstance(each, Channel):
            each.abandon()
