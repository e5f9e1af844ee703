"""Answers: what Waitress does with an application's, and with its own to broken requests, differently."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any

from .access_lines import Hidden, Told, safe
from .environ import environ_of
from .figures import Figures
from .metrics import TEXT
from .proxies import Proxies
from .telling import Telling

SLOW_SECONDS = 5.0  # that an answer may take to begin before the log names its request
JOINED = 64 * 1024  # bytes of an answer's first piece, up to which it leaves together with the head
# Beginnings of the statuses that have no content (RFC 9110, section 6.4.1)
_NO_CONTENT = ("1", "204", "304")
_NAME = itemgetter(0)  # of a header

_ids = itertools.count(int.from_bytes(os.urandom(4), "big") << 24)


@lru_cache(maxsize=1024)
def _capitalized(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    from waitress.utilities import build_http_date  # type: ignore[import-untyped]

    text: str = build_http_date(second)
    return text


class Task:
    """What a task of Waitress does differently, as a class to be put before that one."""

    exchanges: Callable[[Told], None] | None = None  # told of each answer
    figures: Figures
    hidden: Hidden
    telling: Telling
    proxies: Proxies

    channel: Any
    chunked_response: bool
    close_on_finish: bool
    complete: bool
    content_bytes_written: int
    content_length: int | None
    request: Any
    response_headers: list[tuple[str, str]]
    start_time: float
    status: str
    version: str
    wrote_header: bool
    _given: dict[str, Any] | None = None
    _answered = 0.0  # when the answer began, as time.perf_counter() has it

    def service(self) -> None:
        began = time.perf_counter()
        try:
            super().service()  # type: ignore[misc]
        finally:
            self._note(began, time.perf_counter())

    def _note(self, began: float, ended: float) -> None:
        """How long it took, until the answer began: how fast its client takes it, or how large it is, does
        not matter."""
        request = self.request
        seconds = (self._answered or ended) - began
        if seconds > SLOW_SECONDS:
            path = self.hidden(request.request_uri.partition("?")[0])
            text = f"{request.command} {path} took {seconds:.1f} s until its answer began."
            self.telling.warn("slow request", safe(text))
        if self.wrote_header:
            status = int(self.status[:3])
            self.figures.request(request.command, status, seconds)
            if self.exchanges is not None:
                self.exchanges(self._told(request, status, ended - began))

    def get_environment(self) -> dict[str, Any]:
        if self._given is None:
            given = environ_of(self, self.channel.server.environ)
            given["serving.request_id"] = f"{next(_ids):x}"
            given[TEXT] = self.figures.text
            self.proxies.apply(given, self.channel.addr[0])
            # The application may change the environ (PEP 3333).
            self.request.request_id = given["serving.request_id"]
            self.request.remote_addr = given["REMOTE_ADDR"]
            self._given = given
        return self._given

    def _told(self, request: Any, status: int, seconds: float) -> Told:
        headers = request.headers
        return (
            request.remote_addr or self.channel.addr[0],
            (
                request.command or "-",
                request.request_uri or "-",
                headers.get("REFERER", ""),
                headers.get("USER_AGENT", ""),
            ),
            self.version,
            status,
            self.content_bytes_written or self._length,
            self.start_time,
            seconds,
            request.request_id,
        )

    @property
    def _length(self) -> int:
        """Bytes of content that no thread has written: a file that the loop still sends counts as sent."""
        return (self.content_length or 0) * self.has_body

    @property
    def has_body(self) -> bool:
        """Whether content follows the head: none does in the answer to HEAD."""
        return self._may_tell_length and not self._is_head

    @property
    def _is_head(self) -> bool:
        return bool(self.request.command == "HEAD")

    def write(self, data: bytes) -> None:
        """Head and first piece leave in one packet."""
        if self._is_head:
            data = b""
        if not data or self.wrote_header or not self.complete or len(data) > JOINED:
            super().write(data)  # type: ignore[misc]
            return
        self.channel.hold(self.build_response_header())
        self.wrote_header = True
        super().write(data)  # type: ignore[misc]
        self.channel.release()

    def build_response_header(self) -> bytes:
        """RFC 9112, section 6: how long an answer is, and whether the connection stays open after it,
        which it does wherever its end can be told."""
        self._answered = time.perf_counter()
        headers = [(_capitalized(name), value) for name, value in self.response_headers]
        named = dict(headers)
        length = named.get("Content-Length")
        if length is not None and not self._may_tell_length:
            headers = [header for header in headers if header[0] != "Content-Length"]
            length = None
        self.response_headers = headers
        if length is None and self.content_length is not None and self._may_tell_length:
            length = str(self.content_length)
            headers.append(("Content-Length", length))
        has_end = length is not None or not self.has_body
        asked = self.request.headers.get("CONNECTION", "").lower()
        if self.version == "1.0":
            if asked == "keep-alive" and has_end and not self._is_last:
                headers.append(("Connection", "Keep-Alive"))
            else:
                self.set_close_on_finish()  # type: ignore[attr-defined]
        else:
            if not has_end:
                headers.append(("Transfer-Encoding", "chunked"))
                self.chunked_response = True
            if asked == "close" or self._is_last:
                self.set_close_on_finish()  # type: ignore[attr-defined]
        if "Server" in named:
            headers.append(("Via", "waitress"))
        if "Date" not in named:
            headers.append(("Date", _date(int(self.start_time))))
        headers.sort(key=_NAME)
        lines = [f"HTTP/{self.version} {self.status}", *map(": ".join, headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    @property
    def _may_tell_length(self) -> bool:
        return not self.status.startswith(_NO_CONTENT)

    @property
    def _is_last(self) -> bool:
        """Whether the connection is closed after it, whatever the client would like."""
        return self.close_on_finish or self.channel.server.is_draining


class ErrorTask(Task):
    """The same for a task that answers with an error: to a broken request, or where the application failed.
    For the latter Waitress makes up a request that asks for nothing: the answer to HEAD would have content,
    and no log could say which request it was."""

    def __init__(self, channel: Any, request: Any) -> None:
        asked = (channel.requests or [request])[0]
        asked.error = request.error
        super().__init__(channel, asked)  # type: ignore[call-arg]
