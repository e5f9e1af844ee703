"""A line for each request, in a file that is turned over, or on the console."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from .access_lines import FORMATS, Exchange, Hidden
from .errors import CannotServe

log = logging.getLogger("intray.serving")

MOST_BYTES = 20 * 1024**2
KEPT = 5  # files, beside the one that is written


class AccessLog:
    """To a file, or to the console; safe for threads, and for one process alone: Windows cannot rename
    a file that another has open."""

    def __init__(
        self,
        target: Path | None,
        *,
        hidden: Hidden = str,
        format: str = "combined",
        most_bytes: int = MOST_BYTES,
        kept: int = KEPT,
    ) -> None:
        """`hidden` gives a path without what is private in it; `format` is one of FORMATS. Without a target
        it is the console. Raises OSError where the file cannot be written."""
        self._target = target
        self._hidden = hidden
        self._line = FORMATS[format]
        self._most_bytes = most_bytes
        self._kept = kept
        self._lock = Lock()
        self._file: BinaryIO | None = None
        self._size = 0
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._open(target)

    def __call__(self, exchange: Exchange) -> None:
        line = self._line(exchange, self._hidden).encode("utf-8", "backslashreplace")
        try:
            with self._lock:
                self._write(line)
        except (OSError, ValueError) as wrong:
            log.debug(
                "The access log cannot be written: %s", wrong
            )  # an answer must not fail for it

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write(self, line: bytes) -> None:
        if self._target is None:
            if sys.stderr is not None:
                sys.stderr.write(line.decode())
            return
        if self._file is None:
            return
        if self._size + len(line) > self._most_bytes:
            self._turn_over(self._target)
        self._file.write(line)
        self._size += len(line)

    def _open(self, target: Path) -> None:
        self._file = target.open("ab", buffering=0)
        self._size = self._file.tell()

    def _turn_over(self, target: Path) -> None:
        """access.log becomes access.log.1, and so on; the oldest goes. On Windows somebody may be reading
        one: then it grows on, and by as much again before the next try."""
        assert self._file is not None
        self._file.close()
        older = [target.with_name(f"{target.name}.{number}") for number in range(1, self._kept + 1)]
        # A try that failed has left a gap: to fill that is enough, or each try would drop the oldest.
        last = next((at for at, path in enumerate(older) if not path.exists()), self._kept - 1)
        with suppress(OSError):
            for at in range(last, -1, -1):
                (older[at - 1] if at else target).replace(older[at])
        self._open(target)
        self._size = 0


def open_log(
    folder: Path, name: str, process: int, *, hidden: Hidden, format: str
) -> AccessLog | None:
    """The log of that name, of which each process has a file of its own: access.log, access.2.log and so
    on; `-` is the console, and none an empty one. Raises CannotServe."""
    if not name:
        return None
    target = None if name == "-" else folder / name
    if target and process > 1:
        target = target.with_suffix(f".{process}{target.suffix}")
    try:
        return AccessLog(target, hidden=hidden, format=format)
    except OSError as wrong:
        raise CannotServe(f"The access log {target} cannot be written: {wrong.strerror}.") from None
