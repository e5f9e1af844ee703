"""How large request bodies may be: decided while they arrive, before they fill the disk.

Waitress receives a body whole before the application is called, and writes a large one to a file.
`receiving` refuses what it would write once the headers or what has arrived show that it is too large.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

IN_MEMORY = 1024 * 1024  # bytes; from there on a body is a file
UNLIMITED = sys.maxsize
_RESERVE, _RESERVED_PART = 512 * 1024**2, 0.05  # of the disk, for all else: the smaller of the two


@dataclass(frozen=True)
class Refusal:
    """An answer in place of the application's, made as Waitress makes those to broken requests."""

    status: str
    sentence: str
    retry_after: int = 0  # seconds, where it may be different then

    def to_response(self, ident: str | None) -> tuple[str, list[tuple[str, str]], bytes]:
        headers = [("Content-Type", "text/plain; charset=utf-8")]
        if self.retry_after:
            headers.append(("Retry-After", str(self.retry_after)))
        return self.status, headers, f"{self.sentence}\n".encode()


TOO_LARGE = Refusal("413 Request Entity Too Large", "What you sent is larger than allowed here.")
NO_ROOM = Refusal(
    "507 Insufficient Storage", "The server has not enough disk space for what you sent."
)
TOO_SLOW = Refusal("408 Request Timeout", "What you sent came too slowly.")
BUSY = Refusal("503 Service Unavailable", "The server has too much to do just now.", 10)
FAILED = Refusal("500 Internal Server Error", "The server could not take in what you sent.")


@dataclass(frozen=True)
class Limits:
    """The greatest body for each decoded path, and the folder that must have room for it."""

    of_path: Callable[[str], int]
    spool: Path

    def refusal(self, path: str, size: int, coming: int) -> Refusal | None:
        """What to answer to a body of that size, of which some bytes are still to come."""
        return TOO_LARGE if size > self.of_path(path) else self.lack_of_room(coming)

    def lack_of_room(self, coming: int) -> Refusal | None:
        """What to answer where so many bytes are still to be written."""
        return NO_ROOM if coming > room(self.spool) else None


def room(folder: Path) -> int:
    """Bytes that may still be written to the folder's disk; below 0 where the reserve is in use."""
    disk = shutil.disk_usage(folder)
    return disk.free - min(_RESERVE, int(disk.total * _RESERVED_PART))
