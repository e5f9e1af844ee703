"""Connections that are told to the loop when their state changes, and that nobody can keep for nothing."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from threading import Condition, Lock
from typing import Any

from .bodies import TOO_SLOW
from .figures import RECEIVED
from .loop import events_of

HEADER_SECONDS = 60.0  # from a request's first byte to the last of its headers
BODY_WINDOW_SECONDS = 60.0  # in which a body must have grown by
BODY_WINDOW_BYTES = 4096
LINGER_SECONDS = 30.0  # that one who is still sending is given to read why it is refused
LINGER_BYTES = 256 * 1024**2
_RECV_BYTES = 64 * 1024  # up to which memory for a read costs nothing to speak of


class Connection:
    """What a connection of Waitress does differently, as a class to be put before that one."""

    adj: Any
    close_when_flushed: bool
    connected: bool
    last_activity: float
    outbuf_lock: Condition
    request: Any
    requests: list[Any]
    requests_lock: Lock
    server: Any
    socket: Any
    total_outbufs_len: int
    will_close: bool
    _fileno: int | None
    _map: Any

    answers_here = False  # the loop's thread gives the next answer
    is_blocked = False  # the thread that answers has more to send than the client takes
    is_lingering = False  # all was said; what the client still sends is dropped
    _lingers = False  # as soon as all was said
    _since = 0.0  # when the request that is being received began, or its body grew enough
    _size = 0  # of its body then

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._arming = Lock()
        super().__init__(*args, **kwargs)

    def arm(self) -> None:
        """Has the loop wait for what it waits for now. By whoever has changed that, and after it."""
        if self.requests and not self.is_blocked:
            return  # the thread that answers will
        with self._arming:
            if self._fileno is None:
                return
            events = events_of(self)
            if events:
                self._map.arm(self._fileno, events)

    def del_channel(self, map: Any = None) -> None:
        with self._arming:  # the number may be another connection's soon
            super().del_channel(map)  # type: ignore[misc]

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not (self.requests or self.total_outbufs_len or self.request is not None)

    @property
    def is_receiving(self) -> bool:
        """Whether a request's body is on its way in."""
        return self.request is not None and self.request.headers_finished

    def readable(self) -> bool:
        return self.is_lingering or bool(super().readable())  # type: ignore[misc]

    def recv(self, size: int) -> bytes:
        """Much at a time of a body only: for so much memory, each read has to ask the system."""
        size = size if self.is_receiving else min(size, _RECV_BYTES)
        data: bytes = super().recv(size)  # type: ignore[misc]
        self.server.figures.add(RECEIVED, len(data))
        return data

    def handle_read(self) -> None:
        if self.is_lingering:
            self._drop()
            return
        super().handle_read()  # type: ignore[misc]
        if self.request is None:
            self._since = 0.0
        elif not self._since:
            self._since, self._size = time.time(), 0
        if self.answers_here:
            self.answers_here = False
            self.service()

    def service(self) -> None:
        self._lingers = bool(self.requests and self.requests[0].error)
        try:
            super().service()  # type: ignore[misc]
        finally:
            self.arm()

    # --- deadlines, in the loop's thread

    def keep_deadlines(self, moment: float) -> None:
        """`moment` is in seconds since 1970."""
        if self.requests:
            return  # a thread is at it
        if self._since and not self.is_lingering and self._is_too_slow(moment):
            self._refuse_for_slowness()
        elif moment - self.last_activity > self._patience:
            self._map.close_soon(self)

    @property
    def _patience(self) -> float:
        return LINGER_SECONDS if self.is_lingering else float(self.adj.channel_timeout)

    def _is_too_slow(self, moment: float) -> bool:
        if not self.is_receiving:
            return moment - self._since > HEADER_SECONDS
        if moment - self._since < BODY_WINDOW_SECONDS:
            return False
        size = self.request.body_bytes_received
        grown = size - self._size
        self._since, self._size = moment, size
        return bool(grown < BODY_WINDOW_BYTES)

    def _refuse_for_slowness(self) -> None:
        with self.requests_lock:
            request, self.request, self._since = self.request, None, 0.0
            request.refuse(TOO_SLOW)
            self.requests.append(request)
        self.service()

    # --- closing

    def close_now(self) -> None:
        """In the loop's thread."""
        if self.connected:
            self.handle_close()  # type: ignore[attr-defined]

    def handle_write(self) -> None:
        if self.close_when_flushed and self._lingers and not self.will_close:
            self._flush_exception(self._flush_some)  # type: ignore[attr-defined]
            if not self.total_outbufs_len and self.connected:
                self._linger()
        else:
            super().handle_write()  # type: ignore[misc]
        if self.is_blocked:
            with self.outbuf_lock:
                self.is_blocked = bool(self.total_outbufs_len)

    def _linger(self) -> None:
        """RFC 9112, section 9.6: closed with bytes unread, the connection would be reset, and the client
        never read the answer."""
        self.close_when_flushed = self._lingers = False
        self.is_lingering, self._size = True, 0
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.close_now()

    def _drop(self) -> None:
        dropped = b""
        with suppress(BlockingIOError):
            dropped = self.recv(_RECV_BYTES)
        self._size += len(dropped)
        if self._size > LINGER_BYTES:
            self.close_now()
