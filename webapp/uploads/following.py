"""Working out the SHA-256 of files that come in pieces, and making them durable, behind who receives them.

A hash cannot be handed from one process to another. So each process that receives pieces of a file
reads it from the start, mostly out of memory, in a thread of its own, and keeps up with what comes
in. Whatever is left at the end is hashed then; after a restart that is all.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..failpoints import reach
from ..storage.base import Storage, StorageError

log = logging.getLogger("intray.uploads")

# Large: between two pieces this thread waits for its turn among those who receive.
PIECE = 4 * 1024**2
STEP = 8 * PIECE  # bytes of one file, before the next one's turn
SYNC_BYTES = 64 * 1024**2
SYNC_SECONDS = 5.0
FORGET_SECONDS = 3600.0


@dataclass
class _Followed:
    """One file. The lock is for what is hashed; the rest is written by one thread each."""

    offset: int = 0  # what is there
    position: int = 0  # what is hashed of it
    synced: int = 0
    synced_at: float = field(default_factory=time.monotonic)
    touched: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)
    hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def sync_is_due(self) -> bool:
        waiting = self.offset - self.synced
        silent = time.monotonic() - self.synced_at
        return waiting >= SYNC_BYTES or (waiting > 0 and silent >= SYNC_SECONDS)


_Step = Callable[[str, _Followed], None]


class Follower:
    """What follows the uploads of one process."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._files: dict[str, _Followed] = {}
        self._hashing = threading.Event()
        self._syncing = threading.Event()
        self._starting = threading.Lock()
        self._process: int | None = None

    def follow(self, upload_id: str, offset: int) -> None:
        """There are so many bytes of the file now. Quick, for whoever has others waiting."""
        followed = self._files.get(upload_id)
        is_new = followed is None
        if followed is None:
            followed = self._files.setdefault(upload_id, _Followed())
        followed.offset = max(offset, followed.offset)
        followed.touched = time.monotonic()
        self._start()
        self._hashing.set()
        if is_new or followed.sync_is_due:
            self._syncing.set()

    def behind(self, upload_id: str, size: int) -> int:
        """How many of the file's bytes are still to be hashed."""
        followed = self._files.get(upload_id)
        return size - (followed.position if followed else 0)

    def sha256(self, upload_id: str, size: int) -> str:
        """The hash of the file's first `size` bytes, which are there. It takes as long as reading what
        is not hashed yet. Raises StorageError or OSError if it cannot be read."""
        followed = self._files.setdefault(upload_id, _Followed())
        with followed.lock:
            self._hash(followed, upload_id, size)
            if followed.position != size:
                raise StorageError(f"{upload_id}: {followed.position} bytes of {size} can be read")
            return followed.hash.hexdigest()

    def forget(self, upload_id: str) -> None:
        """The file is finished, or gone."""
        self._files.pop(upload_id, None)

    def _start(self) -> None:
        if self._process == os.getpid():
            return
        with self._starting:
            if self._process != os.getpid():
                self._process = os.getpid()
                # Two, as who waits for a disk hashes nothing meanwhile.
                for news, do in (
                    (self._hashing, self._hash_on),
                    (self._syncing, self._sync_if_due),
                ):
                    run = threading.Thread(target=self._run, args=(news, do), name="uploads")
                    run.daemon = True
                    run.start()

    def _run(self, news: threading.Event, do: _Step) -> None:
        while True:
            news.wait(SYNC_SECONDS if self._files else None)
            news.clear()
            for upload_id, followed in list(self._files.items()):
                self._attempt(do, upload_id, followed)

    def _attempt(self, do: _Step, upload_id: str, followed: _Followed) -> None:
        try:
            do(upload_id, followed)
        except FileNotFoundError:
            self.forget(upload_id)
        except (OSError, StorageError) as wrong:
            log.error("The upload %s is not followed any more: %s", upload_id, wrong)
            self.forget(upload_id)
        if time.monotonic() - followed.touched > FORGET_SECONDS:
            self.forget(upload_id)

    def _hash_on(self, upload_id: str, followed: _Followed) -> None:
        if not followed.lock.acquire(blocking=False):
            return  # somebody hashes all of it just now
        try:
            self._hash(followed, upload_id, min(followed.offset, followed.position + STEP))
        finally:
            followed.lock.release()
        if followed.position < followed.offset:
            self._hashing.set()

    def _sync_if_due(self, upload_id: str, followed: _Followed) -> None:
        if followed.sync_is_due:
            self._sync(upload_id, followed)

    def _hash(self, followed: _Followed, upload_id: str, until: int) -> None:
        """Opened anew each time: on Windows an open file could not be moved or removed."""
        if followed.position >= until:
            return
        buffer = memoryview(bytearray(min(PIECE, until - followed.position)))
        with self._storage.received(upload_id) as file:
            file.seek(followed.position)
            while followed.position < until:
                count = file.readinto(buffer[: until - followed.position])
                if not count:
                    return
                followed.hash.update(buffer[:count])
                followed.position += count

    def _sync(self, upload_id: str, followed: _Followed) -> None:
        offset = followed.offset
        partial = self._storage.partial(upload_id)
        try:
            partial.sync()
        finally:
            partial.close()
        followed.synced, followed.synced_at = offset, time.monotonic()
        reach("upload: synced")
