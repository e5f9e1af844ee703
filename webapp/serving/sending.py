"""How answers leave: a large one by turns with everybody else's, and with few copies.

Waitress sends one client as much as it takes, reads as much ahead as the system might buffer, and keeps up
to 16 MiB of what an application makes faster than its client takes it. And it never closes a connection
whose client has stopped to take anything: that holds a thread, or a file, as long as the client likes.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from threading import Condition
from typing import Any

from .figures import SENT

PIECE = 256 * 1024  # bytes that are read and sent at a time
TURN = 16 * PIECE  # bytes that one client is sent before others have their turn
LARGE = 64 * 1024  # bytes of an answer's piece, from which on it waits for the one before to leave
LOOK_SECONDS = 1.0  # after which a thread that waits looks whether its client still takes anything

_sendfile: Callable[[int, int, int, int], int] | None = getattr(os, "sendfile", None)
# Of a file system, or a system, that does not send files like that.
_NO_SENDFILE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTSOCK}


class Sender:
    """What a connection of Waitress does differently, as a class to be put before that one.

    A file that has a method `source` is sent by the system itself where it can be: it gives the descriptor,
    and the place in that file from which on to send.
    """

    adj: Any
    connected: bool
    is_blocked: bool
    is_given_up = False
    _held = b""
    last_activity: float
    outbuf_lock: Condition
    outbufs: list[Any]
    server: Any
    socket: Any
    total_outbufs_len: int
    will_close: bool

    def hold(self, head: bytes) -> None:
        """Keeps an answer's head, to be sent with what comes next."""
        self._held = head

    def release(self) -> None:
        """Sends the head by itself where nothing has come."""
        if self._held:
            self.write_soon(b"")

    def write_soon(self, data: Any) -> int:
        """Called by the thread that makes the answer. Small pieces never wait; of large ones the thread
        makes no more than the client takes, so that memory does not grow with what is sent. Raises Waitress's
        ClientDisconnected also where the client has taken nothing for as long as an idle one may stay."""
        if self._held:
            data, self._held = self._held + data, b""
        sent = 0
        if isinstance(data, bytes) and data:
            with self.outbuf_lock:
                if len(data) >= LARGE:
                    self._wait_for_room(PIECE)
                if self.connected and not self.total_outbufs_len:
                    sent = self._try_to_send(data)
        if sent == len(data):
            return sent
        written: int = super().write_soon(data[sent:] if sent else data)  # type: ignore[misc]
        if self.total_outbufs_len:
            self._have_it_sent()
        return sent + written

    def _flush_outbufs_below_high_watermark(self) -> None:
        """In place of Waitress's, which waits as long as the client likes."""
        if self.total_outbufs_len > self.adj.outbuf_high_watermark:
            with self.outbuf_lock:
                self._wait_for_room(self.adj.outbuf_high_watermark)

    def _wait_for_room(self, most: int) -> None:
        """Until no more than so many bytes wait to be sent. Another thread answers others meanwhile."""
        if not self._is_above(most):
            return
        with self.server.task_dispatcher.held() as may_wait:
            while self._is_above(most):
                if not may_wait:
                    text = "Too many clients take their answers slowly: one was disconnected."
                    self.server.telling.warn("slow clients", text)
                    self._give_up()
                self.server.pull_trigger()
                self._have_it_sent()
                self.outbuf_lock.wait(LOOK_SECONDS)
                if time.time() - self.last_activity > self.adj.channel_timeout:
                    self._give_up()

    def _is_above(self, most: int) -> bool:
        return self.connected and self.total_outbufs_len > most

    def _give_up(self) -> None:
        if self.connected:
            from waitress.channel import ClientDisconnected  # type: ignore[import-untyped]

            self.will_close = True
            raise ClientDisconnected

    def _have_it_sent(self) -> None:
        with self.outbuf_lock:
            self.is_blocked = self.total_outbufs_len > 0
        self.arm()  # type: ignore[attr-defined]

    def writable(self) -> bool:
        """Asked in each turn of the loop. A connection that is to be closed is, whether or not its client
        takes what is left; not now, when the loop is about to wait for it."""
        if self.will_close and not self.is_given_up:
            self.is_given_up = True
            self.server.trigger.pull_trigger(self._close)
        return bool(super().writable())  # type: ignore[misc]

    def _close(self) -> None:
        if self.connected:
            self.handle_close()  # type: ignore[attr-defined]

    def _try_to_send(self, data: bytes) -> int:
        """How much the client takes at once. An error shows again when the rest is sent."""
        try:
            sent: int = self.send(data, do_close=False)  # type: ignore[attr-defined]
        except OSError:
            return 0
        if sent:
            self.last_activity = time.time()
            self.server.figures.add(SENT, sent)
        return sent

    def _flush_some(self, do_close: bool = True) -> bool:
        """In place of Waitress's: whether any was sent of what there is."""
        sent = 0
        while True:
            buffer = self.outbufs[0]
            if not buffer.__len__():  # len() takes no more than 2 GiB on 32 bits
                if len(self.outbufs) == 1:
                    break
                self.outbufs.pop(0).close()
                continue
            count = self._send_of(buffer, do_close) if sent < TURN else 0
            if not count:
                break
            sent += count
            self.total_outbufs_len -= count
        if sent:
            self.last_activity = time.time()
            self.server.figures.add(SENT, sent)
        return sent > 0

    def _send_of(self, buffer: Any, do_close: bool) -> int:
        """How many of the buffer's next bytes the client has taken."""
        count = self._send_file(buffer)
        if count is None:
            chunk = buffer.get(PIECE)
            count = self.send(chunk, do_close=do_close)  # type: ignore[attr-defined]
        if count:
            buffer.skip(count, True)
        return count or 0

    def _send_file(self, buffer: Any) -> int | None:
        """The same, by the system; None where that is not possible."""
        source = getattr(getattr(buffer, "file", None), "source", None)
        if source is None or _sendfile is None:
            return None
        descriptor, offset = source()
        wanted = min(buffer.__len__(), PIECE)
        try:
            count = _sendfile(self.socket.fileno(), descriptor, offset, wanted)
        except BlockingIOError:
            return 0
        except OSError as wrong:
            # What is wrong with the connection is found by `send` as well, which knows what to do.
            if wrong.errno in _NO_SENDFILE or isinstance(wrong, ConnectionError):
                return None
            raise
        if not count:
            raise OSError("a file became shorter while it was sent")
        return count
