"""What all uploads have in common while they arrive.

Under serve.py they are fed by the server's loop, for as long as the sender takes, and no thread waits;
under other servers by the route. Either way the route then asks what became of it.
"""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import logging
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Protocol

from ..serving.bodies import Refusal
from ..storage.base import InUse, Storage, StorageError, Superseded, WrongOffset
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

VERSION = "1.0.0"
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


class Arrival(ABC):
    """The body of a request that brings bytes of one upload. What goes wrong is in `problem`."""

    refusal: Refusal | None = None

    def __init__(self, storage: Storage, headers: Mapping[str, str]) -> None:
        """`headers` are named as CGI names them, without `HTTP_`."""
        self.problem: UploadProblem | None = None
        self.upload_id = ""
        self.size = 0  # bytes of the whole file, where it is a new one
        self._storage = storage
        self._headers = headers
        self._checksum: _Checksum | None = None
        self._expected = b""
        self._dropped = 0
        self._until_asked = 0
        self._has_ended = False

    @property
    @abstractmethod
    def arrived(self) -> int:
        """How many bytes of the upload are there with it."""

    @abstractmethod
    def _write(self, data: bytes) -> None:
        """The next bytes, for which there is room."""

    @abstractmethod
    def _confirm(self) -> None:
        """All has come, and is what was sent."""

    @abstractmethod
    def _let_go(self) -> None:
        """It does not go on."""

    @abstractmethod
    def _rest(self) -> None:
        """No more bytes come."""

    @abstractmethod
    def keep(self) -> None:
        """The upload is known from now on."""

    @abstractmethod
    def forget(self) -> None:
        """Removes a new upload, which nobody will hear of."""

    def header_number(self, name: str) -> int:
        """A size or an offset. Raises BadRequestHeaders."""
        text = self._headers.get(name, "")
        if not (text.isascii() and text.isdigit() and len(text) < 1000):
            raise BadRequestHeaders(name.replace("_", "-").title())
        return int(text)

    def read_size(self) -> None:
        """How large a new file is to become. Raises BadRequestHeaders, LargerThanAny."""
        self.size = self.header_number("UPLOAD_LENGTH")
        if self.size > MOST_SIZE:
            raise LargerThanAny

    def read_checksum(self) -> None:
        """tus 1.0.0, "Checksum": `Upload-Checksum: <algorithm> <Base64>`. Raises BadRequestHeaders."""
        text = self._headers.get("UPLOAD_CHECKSUM")
        if text is None:
            return
        algorithm, _, value = text.strip().partition(" ")
        try:
            self._checksum = ALGORITHMS[algorithm.lower()]()
            self._expected = base64.b64decode(value.strip(), validate=True)
        except (KeyError, binascii.Error):
            raise BadRequestHeaders("Upload-Checksum") from None

    @property
    def is_verified(self) -> bool:
        """Whether it comes with a checksum."""
        return self._checksum is not None

    @property
    def is_empty(self) -> bool:
        """Whether no byte came."""
        return self._dropped == 0 and self.arrived == 0

    def append(self, data: bytes) -> None:
        """The next bytes, as they arrive."""
        if self.problem is None:
            self.attempt(lambda: self._take(data))
        else:
            self._dropped += len(data)
            if self._dropped > DROPPED_BYTES:
                self.refusal = ProblemRefusal.of(self.problem)

    def _take(self, data: bytes) -> None:
        self._check_room(len(data))
        self._write(data)
        if self._checksum is not None:
            self._checksum.update(data)

    def _check_room(self, coming: int) -> None:
        self._until_asked -= coming
        if self._until_asked < 0:
            self._until_asked = ROOM_BYTES
            if self._storage.room() < ROOM_BYTES:
                raise NoRoom

    def end(self) -> None:
        """All has arrived."""
        if self.problem is None:
            self.attempt(self._verify)
        self._has_ended = True
        self._rest()

    def _verify(self) -> None:
        if self._checksum is not None and self._checksum.digest() != self._expected:
            raise ChecksumMismatch
        self._confirm()

    def abandon(self) -> None:
        """The request has broken off, or is not to be answered."""
        if not self._has_ended:
            self._fail(CutOff())
            self._has_ended = True
            self._rest()
            self.close()

    def _fail(self, problem: UploadProblem) -> None:
        self.problem = self.problem or problem
        try:
            self._let_go()
        except (StorageError, OSError) as wrong:
            log.debug("%s: %s", self.upload_id, wrong)  # somebody else has the turn

    def attempt(self, do: Callable[[], None]) -> None:
        """Does it, and keeps what goes wrong: whoever feeds this has others to serve."""
        try:
            do()
        except UploadProblem as problem:
            self._fail(problem)
        except (StorageError, OSError, ValueError) as wrong:
            self._fail(self._problem(wrong))

    def _problem(self, wrong: Exception) -> UploadProblem:
        if isinstance(wrong, FileNotFoundError) and self._is_out_of_reach():
            return DiskFails()
        return _problem(wrong)

    def _is_out_of_reach(self) -> bool:
        """Whether all that was taken in is: nobody is to throw away what they know of it."""
        try:
            self._storage.room()
        except OSError:
            return True
        return False

    def instead_of(self, refusal: Refusal) -> Refusal | None:
        """There is no room for what is still to come, which is dropped."""
        self._fail(NoRoom())
        return self.refusal

    def read(self, size: int = -1) -> bytes:
        """Nothing more to read: it has been written."""
        return b""

    @abstractmethod
    def close(self) -> None:
        """The request is over, whether or not the application has seen it."""


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
