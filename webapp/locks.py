"""A lock between processes: a file that the operating system locks for one holder at a time.

The system takes the lock back when its holder dies, however it dies, so nothing is ever stale and
the file itself is never removed. Standard library only: the bootstrap holds one before anything is
installed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

LONGEST_PAUSE = 0.05  # seconds between two tries; the first ones follow each other faster


class FileLock:
    """One holder's claim on the lock at `path`; two claims exclude each other, in threads as well.

    An instance is for one thread: each thread that wants the lock makes its own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, timeout: float | None = None) -> bool:
        """Waits up to `timeout` seconds for the lock; None waits for ever, 0 tries once.

        Returns whether it is held now. Raises OSError where the file cannot be made or locked, and
        RuntimeError where this very instance holds it already.
        """
        if self._descriptor is not None:
            raise RuntimeError(f"{self.path} is locked by this very object.")
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        held = False
        try:
            held = _wait(descriptor, timeout)
        finally:
            if held:
                self._descriptor = descriptor
            else:
                os.close(descriptor)
        return held

    def release(self) -> None:
        """Gives the lock back; nothing happens where it is not held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            _unlock(descriptor)
            os.close(descriptor)

    def fileno(self) -> int:
        """The locked descriptor; on POSIX a child that inherits it holds the lock as well."""
        if self._descriptor is None:
            raise RuntimeError(f"{self.path} is not locked by this object.")
        return self._descriptor

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


@contextmanager
def locked(descriptor: int, timeout: float) -> Iterator[None]:
    """Holds the lock of a file that is open, for as long as the block runs. Raises TimeoutError if it is
    not to be had within `timeout` seconds."""
    if not _wait(descriptor, timeout):
        raise TimeoutError("the lock is held")
    try:
        yield
    finally:
        _unlock(descriptor)


def _wait(descriptor: int, timeout: float | None) -> bool:
    """Polls on both systems: Windows' own waiting lock gives up after ten tries a second apart."""
    deadline = None if timeout is None else time.monotonic() + timeout
    pause = 0.001
    while not _try_lock(descriptor):
        left = LONGEST_PAUSE if deadline is None else deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)
    return True


if sys.platform == "win32":
    import ctypes
    import msvcrt

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    # offset and length as (low, high) halves. A Windows lock keeps others from reading the bytes
    # under it, so it lies past any content.
    LOCKED_BYTE = (0xFFFF_0000, 0, 1, 0)
    ERROR_LOCK_VIOLATION = 33

    # LockFile rather than msvcrt.locking, which cannot tell "held" from "no locks on this disk".
    def _try_lock(descriptor: int) -> bool:
        if _kernel.LockFile(_handle(descriptor), *LOCKED_BYTE):
            return True
        if ctypes.get_last_error() == ERROR_LOCK_VIOLATION:
            return False
        raise ctypes.WinError(ctypes.get_last_error())

    def _unlock(descriptor: int) -> None:
        _kernel.UnlockFile(_handle(descriptor), *LOCKED_BYTE)

    def _handle(descriptor: int) -> ctypes.c_void_p:
        return ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
