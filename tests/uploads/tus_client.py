"""A client for tus 1.0.0 (https://tus.io/protocols/resumable-upload) that needs nothing installed: for
tests that cut it off, and for the Windows Python.

It takes nobody's word: after whatever went wrong it asks how much is there, and goes on from there.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import time
import zlib
from collections.abc import Callable, Mapping

from ..visitor import Page, Transport, over_http

VERSION = "1.0.0"
STREAM = "application/offset+octet-stream"
PIECE = 4 * 1024**2
_PAUSE = 0.05  # seconds, before a server that went away is asked again
_AGAIN = {400, 409, 423, 429, 460, 500, 502, 503, 504}  # what asking and going on may mend

ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda piece: zlib.crc32(piece).to_bytes(4, "big"),
    "sha1": lambda piece: hashlib.sha1(piece, usedforsecurity=False).digest(),
    "sha256": lambda piece: hashlib.sha256(piece).digest(),
}


class Refused(Exception):
    """The server will not have it; `answer` says why."""

    def __init__(self, answer: Page) -> None:
        super().__init__(f"{answer.status}: {answer.body[:1000]!r}")
        self.answer = answer


def metadata(**values: str) -> str:
    """An Upload-Metadata header (tus 1.0.0, "Creation"); a key with an empty value stands alone."""
    pairs = (f"{key} {_base64(value.encode())}" if value else key for key, value in values.items())
    return ",".join(pairs)


def checksum(algorithm: str, piece: bytes) -> str:
    """An Upload-Checksum header (tus 1.0.0, "Checksum")."""
    return f"{algorithm} {_base64(ALGORITHMS[algorithm](piece))}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def id_of(path: str) -> str:
    """The upload's id, as a hand-in names it."""
    return path.rpartition("/")[2]


class TusClient:
    """One sender. `send` may talk over HTTP, or to an application in this process."""

    def __init__(self, send: Transport) -> None:
        self._send = send
        self.headers: dict[str, str] = {"Tus-Resumable": VERSION}

    @classmethod
    def at(cls, url: str, timeout: float = 60.0) -> TusClient:
        return cls(over_http(url, timeout))

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Page:
        return self._send(method, path, body, self.headers | dict(headers or {}))

    def create(
        self,
        form: str,
        field: str,
        filename: str,
        size: int,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **more: str,
    ) -> Page:
        """Begins an upload; with a `body` its first bytes come along ("Creation With Upload")."""
        told = {
            "Upload-Length": str(size),
            "Upload-Metadata": metadata(form=form, field=field, filename=filename, **more),
        }
        if body is not None:
            told["Content-Type"] = STREAM
        return self.request("POST", "/uploads", told | dict(headers or {}), body or b"")

    def created(self, form: str, field: str, filename: str, size: int, **more: str) -> str:
        """The path of a new upload. Raises Refused."""
        answer = self.create(form, field, filename, size, **more)
        if answer.status != 201:
            raise Refused(answer)
        return answer.location

    def head(self, path: str) -> Page:
        return self.request("HEAD", path)

    def offset(self, path: str) -> int:
        """How much is there. Raises Refused."""
        answer = self.head(path)
        if answer.status != 200:
            raise Refused(answer)
        return int(answer.headers["upload-offset"])

    def patch(
        self,
        path: str,
        offset: int,
        piece: bytes,
        algorithm: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        told = {"Upload-Offset": str(offset), "Content-Type": STREAM}
        if algorithm:
            told["Upload-Checksum"] = checksum(algorithm, piece)
        return self.request("PATCH", path, told | dict(headers or {}), piece)

    def delete(self, path: str) -> Page:
        return self.request("DELETE", path)

    def send_rest(
        self,
        path: str,
        content: bytes,
        *,
        piece: int = PIECE,
        algorithm: str = "crc32",
        seconds: float = 120.0,
    ) -> int:
        """Sends what is missing until all of it is there, through whatever breaks; gives how often it
        had to ask and go on. Raises Refused, or AssertionError when the time is over."""
        deadline = time.monotonic() + seconds
        broken = -1
        offset: int | None = None
        while offset != len(content):
            assert time.monotonic() < deadline, (
                f"{offset} of {len(content)} bytes after {seconds} s"
            )
            if offset is None:
                broken += 1
                offset = self._asked(path)
                if offset is None:
                    time.sleep(_PAUSE)
            else:
                offset = self._sent(path, offset, content[offset : offset + piece], algorithm)
        return broken

    def _asked(self, path: str) -> int | None:
        try:
            answer = self.head(path)
        except (OSError, http.client.HTTPException):
            return None
        return _offset_in(answer, 200)

    def _sent(self, path: str, offset: int, piece: bytes, algorithm: str) -> int | None:
        try:
            answer = self.patch(path, offset, piece, algorithm)
        except (OSError, http.client.HTTPException):
            return None
        return _offset_in(answer, 204)


def _offset_in(answer: Page, status: int) -> int | None:
    """The offset that an answer tells; None where one is to ask again. Raises Refused."""
    if answer.status == status:
        return int(answer.headers["upload-offset"])
    if answer.status in _AGAIN:
        return None
    raise Refused(answer)
