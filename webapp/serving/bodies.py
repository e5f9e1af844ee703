"""How large request bodies may be: decided while they arrive, before they fill the disk.

Waitress receives a body whole before the application is called, and writes a large one to a file.
What it would write is refused here, once the headers or what has arrived show that it is too large.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

IN_MEMORY = 1024 * 1024  # bytes; from there on a body is a file
UNLIMITED = sys.maxsize
_RESERVE, _RESERVED_PART = 512 * 1024**2, 0.05  # of the disk, for all else: the smaller of the two


@dataclass(frozen=True)
class Refusal:
    """An answer in place of the application's, made as Waitress makes those to broken requests."""

    status: str
    sentence: str

    def to_response(self, ident: str | None) -> tuple[str, list[tuple[str, str]], bytes]:
        headers = [("Content-Type", "text/plain; charset=utf-8")]
        return self.status, headers, f"{self.sentence}\n".encode()


TOO_LARGE = Refusal("413 Request Entity Too Large", "What you sent is larger than allowed here.")
NO_ROOM = Refusal(
    "507 Insufficient Storage", "The server has not enough disk space for what you sent."
)


@dataclass(frozen=True)
class Limits:
    """The greatest body for each decoded path, and the folder that must have room for it."""

    of_path: Callable[[str], int]
    spool: Path

    def refusal(self, path: str, size: int, coming: int) -> Refusal | None:
        """What to answer to a body of that size, of which some bytes are still to come."""
        if size > self.of_path(path):
            return TOO_LARGE
        return NO_ROOM if coming > room(self.spool) else None


def room(folder: Path) -> int:
    """Bytes that may still be written to the folder's disk; below 0 where the reserve is in use."""
    disk = shutil.disk_usage(folder)
    return disk.free - min(_RESERVE, int(disk.total * _RESERVED_PART))


class LimitedParser:
    """What a request parser of Waitress does differently, as a class to be put before that one.

    It asks again with each piece of a large body, as several together may use up the room. The size
    of a chunked one is counted as it comes over the wire, its framing included.
    """

    limits: Limits
    adj: Any
    path: str
    content_length: int
    body_bytes_received: int
    error: Any
    completed: bool
    expect_continue: bool

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)  # type: ignore[misc]
        size = max(self.content_length, self.body_bytes_received)
        if size >= self.adj.inbuf_overflow and self.error is None:
            self._check(size)
        if self.error is not None:
            self.expect_continue = False  # else Waitress would ask for the body, and take it in
        return consumed

    def _check(self, size: int) -> None:
        path = self.path.encode("latin-1").decode("utf-8", "replace")
        self.error = self.limits.refusal(path, size, size - self.body_bytes_received)
        if self.error is not None:
            self.completed = True


def channel_class(limits: Limits) -> type:
    """Waitress's own connections, with those limits: for the `channel_class` of its servers."""
    from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
    from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped]

    parser = type("Parser", (LimitedParser, HTTPRequestParser), {"limits": limits})
    return type("Channel", (HTTPChannel,), {"parser_class": parser})
