"""A file that comes whole with the request that begins its upload, as small ones do."""

from __future__ import annotations

from collections.abc import Mapping

from ..forms.kinds import HEAD_BYTES
from ..ids import public_id
from ..storage.base import Finished, Staging, Storage
from .arrival import Arrival
from .problems import CutOff, MoreThanAnnounced


class ArrivingFile(Arrival):
    """The body of a POST that has all of the file. Where it breaks off nobody knows the upload yet, so
    nothing of it is kept."""

    def __init__(self, storage: Storage, headers: Mapping[str, str]) -> None:
        super().__init__(storage, headers)
        self.upload_id = public_id()
        self.head = b""  # the file's first bytes
        self._arrived = 0
        self._staging: Staging | None = None
        self._is_unknown = True

    def begin(self) -> ArrivingFile:
        """It is ready for the first bytes."""
        self.attempt(self._begin)
        return self

    def _begin(self) -> None:
        self.read_size()
        self.read_checksum()
        self._staging = self._storage.stage(self.upload_id)

    def _write(self, data: bytes) -> None:
        assert self._staging is not None
        if self._arrived + len(data) > self.size:
            raise MoreThanAnnounced
        if self._arrived < HEAD_BYTES:
            self.head += data[: HEAD_BYTES - self._arrived]
        self._staging.append(data)
        self._arrived += len(data)

    def _confirm(self) -> None:
        if self._arrived != self.size:
            raise CutOff

    def _let_go(self) -> None:
        if self._staging is not None:
            self._staging.discard()
            self._staging = None

    def _rest(self) -> None:
        if self._staging is not None:
            self._staging.rest()

    def finish(self) -> Finished:
        """Makes the file durable; it takes as long as the disk does. Raises StorageError, OSError."""
        assert self._staging is not None, "there is a problem"
        return self._staging.finish()

    def keep(self) -> None:
        self._is_unknown = False

    def forget(self) -> None:
        self._is_unknown = False
        self.attempt(lambda: self._storage.discard(self.upload_id))

    def close(self) -> None:
        if self._is_unknown:
            self._let_go()
            self.forget()

    @property
    def arrived(self) -> int:
        return self._arrived
