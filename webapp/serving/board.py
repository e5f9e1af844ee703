"""Memory that several processes share: numbers in slots, of which each process writes its own and reads all.

It has no name in any folder, so that nothing is left of it when the last process is gone, however it went.
On UNIX its descriptor is handed on to a new process; on Windows it is a section with a name, which is there
as long as anyone has it open.
"""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
from typing import Any

NUMBER_BYTES = 8  # a C double, which is written at once


class Numbers:
    """Zeros at first, in this process's own memory or in any other."""

    def __init__(self, count: int, memory: mmap.mmap | None = None) -> None:
        given = memoryview(bytearray(count * NUMBER_BYTES) if memory is None else memory)
        self.all: memoryview[float] = given.cast("d")

    def slot(self, number: int, width: int) -> memoryview[float]:
        """So many numbers, which are those of that slot."""
        return self.all[number * width : (number + 1) * width]


if sys.platform == "win32":

    class Board(Numbers):
        """Shared with those processes that it is given when they start: then it can be pickled."""

        def __init__(self, count: int, name: str = "") -> None:
            self._count = count
            self._name = name or f"intray-{os.getpid()}-{os.urandom(8).hex()}"
            super().__init__(count, mmap.mmap(-1, count * NUMBER_BYTES, tagname=self._name))

        def __reduce__(self) -> tuple[Any, ...]:
            return Board, (self._count, self._name)

else:

    class Board(Numbers):
        """Shared with those processes that it is given when they start: then it can be pickled."""

        def __init__(self, count: int, descriptor: int | None = None) -> None:
            size = count * NUMBER_BYTES
            self._count = count
            self._descriptor = _memory(size) if descriptor is None else descriptor
            super().__init__(count, mmap.mmap(self._descriptor, size))

        def __reduce__(self) -> tuple[Any, ...]:
            from multiprocessing.reduction import DupFd

            return _received, (self._count, DupFd(self._descriptor))

    def _received(count: int, duplicate: Any) -> Board:
        return Board(count, duplicate.detach())

    def _memory(size: int) -> int:
        """A file that is nowhere. It is written in full: in a hole of it a process would be killed where
        the disk has no room."""
        if sys.platform == "linux":
            descriptor = os.memfd_create("intray-figures")
        else:
            with tempfile.TemporaryFile() as file:
                descriptor = os.dup(file.fileno())
        os.pwrite(descriptor, bytes(size), 0)
        return descriptor
