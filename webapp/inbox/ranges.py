"""Handing out a part of a file (RFC 9110, section 14)."""

from __future__ import annotations

import os
import re
from typing import BinaryIO

from werkzeug.exceptions import RequestedRangeNotSatisfiable

_ONE_PART = re.compile(
    r"bytes=[ \t]*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII | re.IGNORECASE
)


def asked_part(header: str, length: int) -> range | None:
    """The bytes that a `Range` header asks for, of a file of that length. None for all of them: where it
    is for several parts, which need not be heeded (section 14.2), or for what is none.
    Raises RequestedRangeNotSatisfiable."""
    found = _ONE_PART.fullmatch(header.strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        part = range(max(0, length - int(suffix)), length)
        if not length and int(suffix):
            return None  # all that there is
    elif last and int(last) < int(first):
        return None
    else:
        part = range(int(first), min(int(last) + 1, length) if last else length)
    if not part:
        raise RequestedRangeNotSatisfiable(length)
    return part


class Part:
    """A part of a file, as a file that the server reads when the client takes it, and then closes. So it
    is sent without a thread that waits; Waitress asks for `seek` and `tell` of such a file."""

    def __init__(self, file: BinaryIO, part: range) -> None:
        self._file = file
        self._start = part.start
        self._length = len(part)
        self._position = 0
        file.seek(self._start)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, so many at most; all that are left if negative. Raises OSError if the file has
        become shorter: the server then breaks the answer off."""
        rest = self._length - self._position
        wanted = rest if size < 0 else min(size, rest)
        content = self._file.read(wanted)
        self._position += len(content)
        if len(content) < wanted:
            raise OSError("a stored file became shorter while it was sent")
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Goes to that place within the part, or to its end, and gives it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = min(max(0, base + offset), self._length)
        self._file.seek(self._start + self._position)
        return self._position

    def tell(self) -> int:
        return self._position

    def source(self) -> tuple[int, int]:
        """The descriptor of the file, and the place in it of the next byte: for a server that has the
        system send it. Raises OSError where it is no file of the system's."""
        return self._file.fileno(), self._start + self._position

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
