"""The SHA-256 of a file that is being received, worked out beside who receives it."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from threading import Condition, Lock

AT_ONCE_BYTES = 256 * 1024  # of a file: for so few a second thread costs more than it spares
MOST_WAITING = 8 * 1024**2  # bytes of all files, held in memory; faster senders wait
THREADS = 2


class Sha256Beside:
    """Python lets other threads run while it hashes, so a server's loop goes on receiving, for this
    sender and for all others, as long as the bytes come no faster than they are hashed."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._size = 0
        self._lock = Lock()
        self._waiting: list[bytes] = []
        self._is_at_work = False
        self._work_done: Future[None] | None = None

    def update(self, chunk: bytes) -> None:
        """Adds bytes at the end; to be called by one thread at a time."""
        self._size += len(chunk)
        if self._size <= AT_ONCE_BYTES:
            self._hash.update(chunk)
            return
        _memory.take(len(chunk))
        with self._lock:
            self._waiting.append(chunk)
            if self._is_at_work:
                return
            self._is_at_work = True
        self._raise_what_went_wrong()
        self._work_done = _threads().submit(self._work)

    def _work(self) -> None:
        while waiting := self._next():
            try:
                # In one piece: each return to Python waits for whoever is in it.
                self._hash.update(b"".join(waiting))
            finally:
                _memory.give_back(sum(map(len, waiting)))

    def _next(self) -> list[bytes]:
        with self._lock:
            waiting, self._waiting = self._waiting, []
            self._is_at_work = bool(waiting)
            return waiting

    def _raise_what_went_wrong(self) -> None:
        if self._work_done is not None:
            self._work_done.result()

    def hexdigest(self) -> str:
        """The hash of all that was added, once it is worked out."""
        self._raise_what_went_wrong()
        return self._hash.hexdigest()


class _Memory:
    """How many bytes wait."""

    def __init__(self) -> None:
        self._taken = 0
        self._changed = Condition()

    def take(self, size: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._taken < MOST_WAITING)
            self._taken += size

    def give_back(self, size: int) -> None:
        with self._changed:
            self._taken -= size
            self._changed.notify_all()


_memory = _Memory()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, "hashing")
