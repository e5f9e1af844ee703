"""A file that comes in pieces: over several requests, by several processes, with days between.

Beside the file lies a record of how much of it counts. It is written with each piece, and survives
the process as the piece does. What would survive a power cut as well is told by `durable`: after
the machine was started anew, that is all that counts.

Whoever sends has the turn. It can be taken from one who has been silent for a while; then that one's
next piece is refused. So there is never a lease to wait for, and never two who write.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..files import flush_folder, flush_to_disk, patiently
from ..locks import locked
from .base import InUse, NotWhole, Superseded, WrongOffset
from .boots import is_this_boot, this_boot
from .marks import mark_as_received

SUFFIX = ".part"
SILENT_SECONDS = 5.0  # after which another may go on
LONGEST_WAIT_SECONDS = 1.0  # for one who writes a piece: a loop may be waiting
_FORMAT = struct.Struct("<8sQQQQd?16s")
_MAGIC = b"intray 1"
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_NO_INHERIT = getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True)
class Progress:
    """How much of a file there is."""

    size: int  # bytes, when it is whole
    offset: int = 0  # bytes that count
    durable: int = 0  # of these, what survives a power cut
    turn: int = 0  # grows with each who sends
    touched: float = 0.0  # when the last piece came, in seconds since 1970
    is_sending: bool = False
    boot: bytes = b""

    def pack(self) -> bytes:
        return _FORMAT.pack(
            _MAGIC,
            self.size,
            self.offset,
            self.durable,
            self.turn,
            self.touched,
            self.is_sending,
            self.boot,
        )

    @classmethod
    def unpack(cls, record: bytes) -> Progress:
        magic, *values = _FORMAT.unpack(record)
        if magic != _MAGIC:
            raise struct.error("no record")
        return cls(*values)


class Partial:
    """One file in `folder`, opened to be looked at or gone on with. Raises FileNotFoundError if there is
    none, or if its record cannot be read: then nothing of it counts."""

    def __init__(self, folder: Path, upload_id: str) -> None:
        self.upload_id = upload_id
        self.position = 0  # where the next byte goes; ahead of the offset until it is confirmed
        self._path = folder / upload_id
        self._turn = 0
        record = folder / (upload_id + SUFFIX)
        self._record = patiently(lambda: record.open("r+b", buffering=0))
        try:
            self._file = patiently(lambda: self._path.open("r+b", buffering=0))
        except BaseException:
            self._record.close()
            raise

    @classmethod
    def begin(cls, folder: Path, upload_id: str, size: int) -> Partial:
        """Makes the file, of which nothing is there yet."""
        progress = Progress(size, boot=this_boot())
        for name, content in ((upload_id, b""), (upload_id + SUFFIX, progress.pack())):
            descriptor = os.open(folder / name, _NEW | _NO_INHERIT, 0o666)
            try:
                os.write(descriptor, content)
            finally:
                os.close(descriptor)
        return cls(folder, upload_id)

    def progress(self) -> Progress:
        """What is there now. Raises FileNotFoundError if the record cannot be read."""
        self._record.seek(0)
        try:
            found = Progress.unpack(self._record.read(_FORMAT.size) or b"")
        except struct.error:
            raise FileNotFoundError(f"{self.upload_id}: its record cannot be read") from None
        if is_this_boot(found.boot):
            return found
        return replace(found, offset=found.durable, is_sending=False, boot=this_boot())

    def take_turn(self, offset: int) -> None:
        """From now on this one sends. Raises WrongOffset unless it begins where the file ends, and InUse
        while another is sending."""
        with self._changing() as progress:
            silent = time.time() - progress.touched
            if progress.is_sending and 0 <= silent < SILENT_SECONDS:
                raise InUse(self.upload_id)
            if offset != progress.offset:
                raise WrongOffset(progress.offset)
            self._turn = progress.turn + 1
            self.position = offset
            self._file.seek(offset)
            self._write(replace(progress, turn=self._turn, touched=time.time(), is_sending=True))

    def append(self, piece: bytes, *, counts: bool) -> None:
        """Writes the next bytes. They count at once, or when they are confirmed. Raises Superseded if
        another has the turn, ValueError if they are more than the file has, OSError where the disk does."""
        with self._changing() as progress:
            self._check_turn(progress)
            if self.position + len(piece) > progress.size:
                raise ValueError("more than was announced")
            view = memoryview(piece)
            while view:
                view = view[self._file.write(view) :]
            self.position += len(piece)
            offset = self.position if counts else progress.offset
            self._write(replace(progress, offset=offset, touched=time.time()))

    def end_turn(self, *, confirm: bool) -> None:
        """Lets others send. What was written and does not count yet does from now on, or never."""
        with self._changing() as progress:
            self._check_turn(progress)
            offset = self.position if confirm else progress.offset
            self._write(replace(progress, offset=offset, is_sending=False))
            self._turn = 0

    def sync(self) -> None:
        """Makes durable what counts now."""
        offset = self.progress().offset
        self._flush()
        with self._changing() as progress:
            if offset > progress.durable:
                self._write(replace(progress, durable=min(offset, progress.offset)))
        flush_to_disk(self._record.fileno())

    def revoke(self) -> None:
        """Whoever sends it writes no more."""
        with self._changing() as progress:
            self._write(replace(progress, turn=progress.turn + 1, is_sending=False))

    def _flush(self) -> None:
        """A disk that could not keep something tells so once, and then as if all were well. So what it
        was not known to keep counts no more, and has to be sent again."""
        try:
            flush_to_disk(self._file.fileno())
        except OSError:
            with self._changing() as progress:
                lost = replace(progress, offset=progress.durable, is_sending=False)
                self._write(replace(lost, turn=progress.turn + 1))
            raise

    def finish(self) -> None:
        """Makes the whole file durable. Raises NotWhole if it is not all there."""
        progress = self.progress()
        if progress.offset != progress.size:
            raise NotWhole(self.upload_id)
        mark_as_received(self._path)
        self._flush()
        if os.fstat(self._file.fileno()).st_size != progress.size or not self._path.exists():
            raise NotWhole(self.upload_id)
        with self._changing() as progress:  # so that nobody writes over it if the record comes back
            self._write(replace(progress, durable=progress.size))
        flush_to_disk(self._record.fileno())
        flush_folder(self._path.parent)

    def close(self) -> None:
        self._file.close()
        self._record.close()

    def __enter__(self) -> Partial:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _changing(self) -> Iterator[Progress]:
        try:
            with locked(self._record.fileno(), LONGEST_WAIT_SECONDS):
                yield self.progress()
        except TimeoutError:
            raise InUse(self.upload_id) from None

    def _check_turn(self, progress: Progress) -> None:
        if not self._turn or progress.turn != self._turn:
            raise Superseded(self.upload_id)

    def _write(self, progress: Progress) -> None:
        self._record.seek(0)
        self._record.write(progress.pack())
