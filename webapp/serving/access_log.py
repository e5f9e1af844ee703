"""A line for each request, in a file that is turned over, or on the console."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import BinaryIO

from .access_lines import FORMATS, Hidden, Told, lines_of
from .errors import CannotServe

log = logging.getLogger("intray.serving")

MOST_BYTES = 20 * 1024**2
KEPT = 5  # files, beside the one that is written
GATHERED_SECONDS = 0.25  # for which requests are gathered until their lines are written
MOST_GATHERED = 10_000  # beyond, whoever has answered one more writes them


class AccessLog:
    """To a file, or to the console; safe for threads, and for one process alone: Windows cannot rename
    a file that another has open.

    A thread of its own writes what has been gathered. Those that answer would hold each other up: who
    writes lets others run, and waits for its turn again, while they wait for it to be done. A process that
    is killed takes with it what was not written yet.
    """

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
        self._format = FORMATS[format]
        self._most_bytes = most_bytes
        self._kept = kept
        self._gathered: deque[Told] = deque()
        self._is_asleep = False
        self._bell = Event()
        self._is_closing = Event()
        self._lock = Lock()  # for what follows
        self._file: BinaryIO | None = None
        self._size = 0
        self._is_failing = False
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._open(target)
        self._thread = Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def add(self, exchange: Told) -> None:
        """One that is over. It is done for each, so that what need not be done now is left to the thread."""
        self._gathered.append(exchange)
        if self._is_asleep:
            self._bell.set()
        elif len(self._gathered) > MOST_GATHERED:
            self.flush()

    def flush(self) -> None:
        """Writes what has been gathered. What cannot be written is lost, and said once until it can be again:
        no answer fails for it, nor does the next batch."""
        with self._lock:
            try:
                self._write(self._lines())
            except Exception as wrong:
                if not self._is_failing:
                    log.warning("The access log cannot be written: %s", wrong)
                self._is_failing = True
            else:
                self._is_failing = False

    def close(self) -> None:
        """Once all is written."""
        self._is_closing.set()
        self._bell.set()
        self._thread.join()
        self.flush()
        if self._file is not None:
            self._file.close()

    def _run(self) -> None:
        while not self._is_closing.wait(GATHERED_SECONDS):
            if self._gathered:
                self.flush()
            else:
                self._sleep()

    def _sleep(self) -> None:
        """Until there is something to write."""
        self._is_asleep = True  # first: whoever comes from now on rings
        if not self._gathered and not self._is_closing.is_set():
            self._bell.wait()
        self._is_asleep = False
        self._bell.clear()

    def _lines(self) -> list[str]:
        take = self._gathered.popleft
        taken = [take() for _ in range(len(self._gathered))]
        return lines_of(taken, self._format, self._hidden)

    def _write(self, lines: list[str]) -> None:
        together = "".join(lines).encode("utf-8", "backslashreplace")
        if self._file is None or self._target is None:
            if sys.stderr is not None:
                sys.stderr.write(together.decode())
            return
        if self._size + len(together) > self._most_bytes:
            if len(lines) > 1:  # it is turned over between two of them
                middle = len(lines) // 2
                self._write(lines[:middle])
                self._write(lines[middle:])
                return
            self._turn_over(self._target)
        written = self._file.write(together)
        if written < len(together):  # or the next line would go on where this one breaks off
            self._file.truncate(self._file.tell() - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += written

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
