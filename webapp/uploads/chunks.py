"""One request's piece of an upload, written where it belongs while it arrives.

Under serve.py it is fed by the server's loop, for as long as the sender takes, and no thread waits;
under other servers by the route. Either way the route then asks what became of it.
"""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import logging
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from ..failpoints import reach
from ..ids import public_id
from ..serving.bodies import Refusal
from ..storage.base import InUse, Partial, Storage, StorageError, Superseded, WrongOffset
from .following import Follower
from .problems import (
    BadRequestHeaders,
    ChecksumMismatch,
    CutOff,
    DiskFails,
    LargerThanAny,
    MoreThanAnnounced,
    NoRoom,
    NoUpload,
    OffsetMismatch,
    ProblemRefusal,
    SomebodyElseSends,
    UploadProblem,
)

log = logging.getLogger("intray.uploads")

CONTENT_TYPE = "application/offset+octet-stream"
DROPPED_BYTES = 64 * 1024**2  # read on after a refusal, so that the sender comes to read the answer
ROOM_BYTES = 16 * 1024**2  # the disk is asked again after so many
MOST_SIZE = 2**53  # bytes: beyond, other programs' numbers are not exact
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class _Checksum(Protocol):
    def update(self, piece: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    """CRC-32 of ISO 3309, as zlib has it; four bytes, the greatest first."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, piece: bytes, /) -> None:
        self._value = zlib.crc32(piece, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


# sha1 is what every tus server has; crc32 is quick in plain JavaScript, which has no other on a page
# that came over http. Here it is against accidents, not against enemies.
ALGORITHMS: Mapping[str, Callable[[], _Checksum]] = {
    "crc32": _Crc32,
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}


class ArrivingChunk:
    """The body of a PATCH, or of a POST that begins an upload with its first bytes.

    With a checksum it counts whole and verified, or not at all; without, whatever arrived counts,
    also of a request that is cut off. What goes wrong is in `problem`.
    """

    refusal: Refusal | None = None

    def __init__(self, storage: Storage, follower: Follower, headers: Mapping[str, str]) -> None:
        """`headers` are named as CGI names them, without `HTTP_`."""
        self.problem: UploadProblem | None = None
        self.upload_id = ""
        self.size = 0  # bytes of the whole file, where it is a new one
        self._storage = storage
        self._follower = follower
        self._headers = headers
        self._partial: Partial | None = None
        self._checksum: _Checksum | None = None
        self._expected = b""
        self._begun_at = 0
        self._dropped = 0
        self._until_asked = 0
        self._is_new = False
        self._has_ended = False

    def go_on(self, upload_id: str) -> ArrivingChunk:
        """It is to be written behind what there is of the upload."""
        self.upload_id = upload_id
        self._attempt(lambda: self._take_turn(self._header_number("UPLOAD_OFFSET")))
        return self

    def begin(self) -> ArrivingChunk:
        """It is the beginning of a new upload, under a new id."""
        self.upload_id = public_id()
        self._is_new = True
        self._attempt(self._begin)
        return self

    def _begin(self) -> None:
        self.size = self._header_number("UPLOAD_LENGTH")
        if self.size > MOST_SIZE:
            raise LargerThanAny
        self._read_checksum()
        self._partial = self._storage.begin(self.upload_id, self.size)
        self._partial.take_turn(0)

    def _take_turn(self, offset: int) -> None:
        self._read_checksum()
        self._partial = self._storage.partial(self.upload_id)
        self._partial.take_turn(offset)
        self._begun_at = offset
        coming = self._headers.get("CONTENT_LENGTH", "")
        if coming.isdigit() and offset + int(coming) > self._partial.progress().size:
            raise MoreThanAnnounced

    def _header_number(self, name: str) -> int:
        text = self._headers.get(name, "")
        if not (text.isascii() and text.isdigit() and len(text) < 1000):
            raise BadRequestHeaders(name.replace("_", "-").title())
        return int(text)

    def _read_checksum(self) -> None:
        """tus 1.0.0, "Checksum": `Upload-Checksum: <algorithm> <Base64>`."""
        text = self._headers.get("UPLOAD_CHECKSUM")
        if text is None:
            return
        algorithm, _, value = text.strip().partition(" ")
        try:
            self._checksum = ALGORITHMS[algorithm.lower()]()
            self._expected = base64.b64decode(value.strip(), validate=True)
        except (KeyError, binascii.Error):
            raise BadRequestHeaders("Upload-Checksum") from None

    def append(self, data: bytes) -> None:
        """The next bytes, as they arrive."""
        if self.problem is None:
            self._attempt(lambda: self._write(data))
        else:
            self._dropped += len(data)
            if self._dropped > DROPPED_BYTES:
                self.refusal = ProblemRefusal.of(self.problem)

    def _write(self, data: bytes) -> None:
        assert self._partial is not None
        self._check_room(len(data))
        self._partial.append(data, counts=self._checksum is None)
        if self._checksum is None:
            self._follower.follow(self.upload_id, self._partial.position)
        else:
            self._checksum.update(data)
        reach("chunk: written")

    def _check_room(self, coming: int) -> None:
        self._until_asked -= coming
        if self._until_asked < 0:
            self._until_asked = ROOM_BYTES
            if self._storage.room() < ROOM_BYTES:
                raise NoRoom

    def end(self) -> None:
        """All has arrived."""
        if self.problem is None:
            self._attempt(self._confirm)
        self._end()

    def _confirm(self) -> None:
        assert self._partial is not None
        if self._checksum is not None and self._checksum.digest() != self._expected:
            raise ChecksumMismatch
        self._partial.end_turn(confirm=True)
        reach("chunk: counted")
        self._follower.follow(self.upload_id, self._partial.position)

    def abandon(self) -> None:
        """The request has broken off, or is not to be answered."""
        if not self._has_ended:
            self._fail(CutOff())
            self._end()
            if self._is_new:
                self.forget()

    def _fail(self, problem: UploadProblem) -> None:
        """It does not go on; somebody else, or the same sender anew, may at once."""
        self.problem = self.problem or problem
        if self._partial is not None:
            with suppress(StorageError, OSError):
                self._partial.end_turn(confirm=False)

    def _end(self) -> None:
        self._has_ended = True
        if self._partial is not None:
            self._partial.close()

    def forget(self) -> None:
        """Removes a new upload, which nobody will hear of."""
        self._follower.forget(self.upload_id)
        self._attempt(lambda: self._storage.discard(self.upload_id))

    @property
    def is_first(self) -> bool:
        """Whether it is the upload's beginning."""
        return self._begun_at == 0

    @property
    def is_empty(self) -> bool:
        """Whether no byte came."""
        return self._dropped == 0 and self.arrived == self._begun_at

    @property
    def arrived(self) -> int:
        """How many bytes of the upload are there with it."""
        return self._partial.position if self._partial is not None else 0

    def _attempt(self, do: Callable[[], None]) -> None:
        """Does it, and keeps what goes wrong: whoever feeds this has others to serve."""
        try:
            do()
        except UploadProblem as problem:
            self._fail(problem)
        except (StorageError, OSError, ValueError) as wrong:
            self._fail(_problem(wrong))

    def instead_of(self, refusal: Refusal) -> Refusal:
        """What to say where the server has no room for what is still to come."""
        self._fail(NoRoom())
        return ProblemRefusal.of(NoRoom())

    def read(self, size: int = -1) -> bytes:
        """Nothing more to read: it has been written."""
        return b""

    def close(self) -> None:
        """For servers that close what a request's body is in."""


def _problem(wrong: Exception) -> UploadProblem:
    if isinstance(wrong, WrongOffset):
        return OffsetMismatch()
    if isinstance(wrong, InUse | Superseded):
        return SomebodyElseSends()
    if isinstance(wrong, FileNotFoundError):
        return NoUpload()
    if isinstance(wrong, OSError) and wrong.errno in _DISK_FULL:
        return NoRoom()
    if isinstance(wrong, ValueError):
        return MoreThanAnnounced()
    log.error("What arrives cannot be kept: %s", wrong)
    return DiskFails()
