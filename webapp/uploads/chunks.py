"""One request's piece of an upload, written where it belongs while it arrives."""

from __future__ import annotations

from collections.abc import Mapping

from ..failpoints import reach
from ..ids import public_id
from ..storage.base import Partial, Storage
from .arrival import Arrival
from .following import Follower
from .problems import MoreThanAnnounced


class ArrivingChunk(Arrival):
    """The body of a PATCH, or of a POST that begins an upload with its first bytes.

    With a checksum it counts whole and verified, or not at all; without, whatever arrived counts,
    also of a request that is cut off.
    """

    def __init__(self, storage: Storage, follower: Follower, headers: Mapping[str, str]) -> None:
        super().__init__(storage, headers)
        self._follower = follower
        self._partial: Partial | None = None
        self._begun_at = 0
        self._is_unknown = False

    def go_on(self, upload_id: str) -> ArrivingChunk:
        """It is to be written behind what there is of the upload."""
        self.upload_id = upload_id
        self.attempt(self._take_turn)
        return self

    def begin(self) -> ArrivingChunk:
        """It is the beginning of a new upload, under a new id."""
        self.upload_id = public_id()
        self._is_unknown = True
        self.attempt(self._begin)
        return self

    def _begin(self) -> None:
        self.read_size()
        self.read_checksum()
        self._partial = self._storage.begin(self.upload_id, self.size)
        self._partial.take_turn(0)

    def _take_turn(self) -> None:
        offset = self.header_number("UPLOAD_OFFSET")
        self.read_checksum()
        self._partial = self._storage.partial(self.upload_id)
        self._partial.take_turn(offset)
        self._begun_at = offset
        coming = self._headers.get("CONTENT_LENGTH", "")
        if coming.isdigit() and offset + int(coming) > self._partial.progress().size:
            raise MoreThanAnnounced

    def _write(self, data: bytes) -> None:
        assert self._partial is not None
        self._partial.append(data, counts=not self.is_verified)
        if not self.is_verified:
            self._follower.follow(self.upload_id, self._partial.position)
        reach("chunk: written")

    def _confirm(self) -> None:
        assert self._partial is not None
        self._partial.end_turn(confirm=True)
        reach("chunk: counted")
        self._follower.follow(self.upload_id, self._partial.position)

    def _let_go(self) -> None:
        """Somebody else, or the same sender anew, may go on at once."""
        if self._partial is not None and not self._has_ended:
            self._partial.end_turn(confirm=False)

    def _rest(self) -> None:
        if self._partial is not None:
            self._partial.close()

    def keep(self) -> None:
        self._is_unknown = False

    def forget(self) -> None:
        self._is_unknown = False
        self._follower.forget(self.upload_id)
        self.attempt(lambda: self._storage.discard(self.upload_id))

    def close(self) -> None:
        if self._is_unknown:
            self.forget()

    @property
    def is_first(self) -> bool:
        """Whether it is the upload's beginning."""
        return self._begun_at == 0

    @property
    def is_empty(self) -> bool:
        return self._dropped == 0 and self.arrived == self._begun_at

    @property
    def arrived(self) -> int:
        return self._partial.position if self._partial is not None else 0
