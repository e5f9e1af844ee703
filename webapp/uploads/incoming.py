"""A file of a multipart request, written into the storage's incoming place while it is parsed."""

from __future__ import annotations

from ..forms.kinds import HEAD_BYTES
from ..ids import public_id
from ..storage.base import Staging, Storage


class IncomingFile:
    """What the multipart parser writes a file to. Nothing is made on disk for an empty one; past the
    greatest size that any field allows, bytes are counted and no longer written."""

    def __init__(self, storage: Storage, most_bytes: int) -> None:
        self.size = 0
        self.head = b""  # what a file is can be told by its first bytes
        self.staging: Staging | None = None
        self._storage = storage
        self._most_bytes = most_bytes

    def write(self, chunk: bytes) -> int:
        if self.size < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - self.size]
        self.size += len(chunk)
        if self.size > self._most_bytes:
            self.discard()
        elif chunk:
            if self.staging is None:
                self.staging = self._storage.stage(public_id())
            self.staging.append(chunk)
        return len(chunk)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Werkzeug rewinds what it has written. Nothing needs that; it tells that the part has ended."""
        if self.staging is not None:
            self.staging.rest()
        return offset

    def keep(self) -> Staging:
        """The file, to be finished; what is not finished when the request ends is discarded."""
        assert self.staging is not None, "an empty or a too large file cannot be kept"
        return self.staging

    def discard(self) -> None:
        if self.staging is not None:
            self.staging.discard()
            self.staging = None

    close = discard
