"""Bringing a file to the disk while the rest of it is still coming in."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from ..files import flush_to_disk

EACH_BYTES = 64 * 1024**2


class FlushBeside:
    """Flushes what was written of one file, a part at a time, so that little is left to be waited for at
    the end. The disk may tell only once that it failed; so this remembers it."""

    def __init__(self) -> None:
        self._size = 0
        self.last: Future[None] | None = None

    def wrote(self, descriptor: int, size: int) -> None:
        """So many more bytes. Raises OSError where those before could not be kept."""
        self._size += size
        if self._size >= EACH_BYTES and (self.last is None or self.last.done()):
            self.check()
            self._size = 0
            # Another descriptor for the same file: that one may be closed before this is done.
            self.last = _thread().submit(_flush, os.dup(descriptor))

    def check(self) -> None:
        """Waits for what is under way. Raises OSError where something could not be kept."""
        if self.last is not None:
            self.last.result()


def _flush(descriptor: int) -> None:
    try:
        flush_to_disk(descriptor)
    finally:
        os.close(descriptor)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "flushing")
