"""A line for each request: in the combined format, which log readers know.

Links that are private are no more so once they stand in a log. So the values of a query are left out,
and what an application says of its paths.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import BinaryIO

log = logging.getLogger("intray.serving")

MOST_BYTES = 20 * 1024**2
KEPT = 5  # files, beside the one that is written
_VALUES = re.compile(r"=[^&;]*")
_CONTROL = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029"\\]')


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and how it was answered."""

    remote_addr: str  # empty by a Unix socket
    method: str
    target: str  # path and query, as they were sent
    version: str
    status: int
    sent: int  # bytes of content
    started: float  # seconds since 1970
    seconds: float
    referrer: str
    user_agent: str
    request_id: str


class AccessLog:
    """To a file, or to the console; safe for threads, and for one process alone: Windows cannot rename
    a file that another has open."""

    def __init__(
        self,
        target: Path | None,
        *,
        hidden: Callable[[str], str] = str,
        most_bytes: int = MOST_BYTES,
        kept: int = KEPT,
    ) -> None:
        """`hidden` gives a path without what is private in it. Without a target it is the console. Raises
        OSError where the file cannot be written."""
        self._target = target
        self._hidden = hidden
        self._most_bytes = most_bytes
        self._kept = kept
        self._lock = Lock()
        self._file: BinaryIO | None = None
        self._size = 0
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._open(target)

    def __call__(self, exchange: Exchange) -> None:
        line = self._line(exchange).encode("utf-8", "backslashreplace")
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

    def _line(self, exchange: Exchange) -> str:
        path, mark, query = exchange.target.partition("?")
        target = self._hidden(path) + mark + _VALUES.sub("=…", query)
        request = _safe(f"{exchange.method} {target} HTTP/{exchange.version}")
        return (
            f"{exchange.remote_addr or '-'} - - [{_time(int(exchange.started))}] "
            f'"{request}" {exchange.status} {exchange.sent} "{_safe(self._referrer(exchange))}" '
            f'"{_safe(exchange.user_agent or "-")}" {exchange.request_id or "-"} '
            f"{exchange.seconds:.6f}\n"
        )

    def _referrer(self, exchange: Exchange) -> str:
        """Its site alone: the page may be a private link."""
        parts = exchange.referrer.split("/", 3)
        return "/".join(parts[:3]) if len(parts) > 2 else "-"

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


@lru_cache(maxsize=4)
def _time(second: int) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second))


def _safe(text: str) -> str:
    """Without what would end the line, or the field."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
