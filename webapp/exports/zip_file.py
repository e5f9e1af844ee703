"""Writing files as a ZIP archive while it is sent (PKWARE, APPNOTE.TXT 6.3.10).

They are stored as they are: what people hand in mostly is compressed already, and so the size of the
archive is known before its first byte. A file's checksum is known only behind it, and stands there.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import datetime
from typing import BinaryIO, NamedTuple

from .streaming import Piece

PIECE = 256 * 1024  # bytes, from which on a piece is given, and which are read at a time
LARGE_32 = 0xFFFF_FFFF  # from which on a field of four bytes says that ZIP64 tells (4.4.8)
LARGE_16 = 0xFFFF  # the same for two bytes (4.4.21)

_ONES_32, _ONES_16 = 0xFFFF_FFFF, 0xFFFF
_VERSION, _VERSION_ZIP64 = 20, 45  # of the format, that is needed to read it (4.4.3)
_MADE_BY = 3 << 8 | _VERSION_ZIP64  # on UNIX, whose rights the attributes tell (4.4.2)
_ATTRIBUTES = 0o100644 << 16
_FLAGS = 1 << 3 | 1 << 11  # a data descriptor follows; names are UTF-8 (4.4.4)
_STORED = 0  # 4.4.5
_ZIP64 = 1  # 4.5.3
_YEARS = 1980, 2107  # which a time of MS-DOS can be in (4.4.6)

_LOCAL = struct.Struct("<4sHHHHHLLLHH")  # 4.3.7
_LOCAL_ZIP64 = struct.Struct("<HHQQ")
_DESCRIPTOR = struct.Struct("<4sLLL")  # 4.3.9
_DESCRIPTOR_ZIP64 = struct.Struct("<4sLQQ")
_CENTRAL = struct.Struct("<4sHHHHHHLLLHHHHHLL")  # 4.3.12
_END = struct.Struct("<4sHHHHLLH")  # 4.3.16
_END_ZIP64 = struct.Struct("<4sQHHLLQQQQ")  # 4.3.14
_LOCATOR_ZIP64 = struct.Struct("<4sLQL")  # 4.3.15


class FileChanged(Exception):
    """A file is not any more what it was when the archive was begun; the text says which."""


class Entry(NamedTuple):
    """A file that is to go into an archive."""

    name: str  # with `/` between folders; none comes twice
    size: int  # bytes
    moment: datetime  # on the clock of whoever reads it
    open: Callable[[], BinaryIO]


class Layout:
    """Where in an archive everything lies, which names and sizes tell."""

    def __init__(self) -> None:
        self.count = 0
        self.offset = 0  # where the next file begins, and behind the last the central directory
        self._directory = 0  # bytes of that

    def add(self, name: str, size: int) -> None:
        """The next file: its name, and how many bytes it has."""
        length = len(name.encode())
        self.count += 1
        self._directory += _CENTRAL.size + length + len(_central_zip64(size, self.offset))
        is_large = size >= LARGE_32
        self.offset += _LOCAL.size + length + size
        self.offset += _LOCAL_ZIP64.size + _DESCRIPTOR_ZIP64.size if is_large else _DESCRIPTOR.size

    @property
    def size(self) -> int:
        """How many bytes the archive has, with what was added so far."""
        return self.offset + self._directory + len(self.end())

    def end(self) -> bytes:
        """What is behind the central directory: its end (4.3.16), and before that, where a field of it
        is too small, its end in ZIP64 (4.3.14) and where that is (4.3.15)."""
        count, size, offset = self.count, self._directory, self.offset
        short = (
            _ONES_16 if count >= LARGE_16 else count,
            _ONES_32 if size >= LARGE_32 else size,
            _ONES_32 if offset >= LARGE_32 else offset,
        )
        end = _END.pack(b"PK\5\6", 0, 0, short[0], *short, 0)
        if short == (count, size, offset):
            return end
        rest = _END_ZIP64.size - 12  # what of it is behind this number
        numbers = (rest, _MADE_BY, _VERSION_ZIP64, 0, 0, count, count, size, offset)
        return (
            _END_ZIP64.pack(b"PK\6\6", *numbers)
            + _LOCATOR_ZIP64.pack(b"PK\6\7", 0, offset + size, 1)
            + end
        )


def zip_pieces(entries: Iterable[Entry]) -> Generator[Piece]:
    """The archive, piece by piece. Each file is opened when its turn comes. Raises FileChanged, or
    OSError, where one is not there as it was announced: then there is no archive."""
    layout, directory = Layout(), _Directory()
    waiting: list[bytes] = []
    size = count = 0
    for entry in entries:
        for part in _parts(entry, layout.offset, directory):
            waiting.append(part)
            size += len(part)
            if size >= PIECE:
                yield Piece(b"".join(waiting), count)
                waiting, size, count = [], 0, 0
        layout.add(entry.name, entry.size)
        count += 1
    yield Piece(b"".join(waiting), count)
    for records in directory.unpacked():
        yield Piece(records, 0)
    yield Piece(layout.end(), 0)


def _parts(entry: Entry, offset: int, directory: _Directory) -> Iterator[bytes]:
    """One file as it is in the archive: its header, its content, its descriptor."""
    name, when = entry.name.encode(), _dos_time(entry.moment)
    size, is_large = entry.size, entry.size >= LARGE_32
    version = _VERSION_ZIP64 if is_large else _VERSION
    extra = _LOCAL_ZIP64.pack(_ZIP64, 16, 0, 0) if is_large else b""
    unknown = _ONES_32 if is_large else 0  # the descriptor tells
    fields = (version, _FLAGS, _STORED, *when, 0, unknown, unknown, len(name), len(extra))
    yield _LOCAL.pack(b"PK\3\4", *fields) + name + extra
    checksum = 0
    for chunk in _content(entry):
        checksum = zlib.crc32(chunk, checksum)
        yield chunk
    descriptor = _DESCRIPTOR_ZIP64 if is_large else _DESCRIPTOR
    yield descriptor.pack(b"PK\7\x08", checksum, size, size)
    directory.add(_central(name, when, checksum, size, offset))


def _content(entry: Entry) -> Iterator[bytes]:
    """The file, which must be as long as was announced: one byte more is asked for, to see that it ends."""
    rest = entry.size + 1
    with entry.open() as file:
        while rest > 0 and (chunk := file.read(min(rest, PIECE))):
            rest -= len(chunk)
            yield chunk
    if rest != 1:
        raise FileChanged(f"{entry.name} has another size than when the archive was begun")


def _central(name: bytes, when: tuple[int, int], checksum: int, size: int, offset: int) -> bytes:
    """A file's record in the central directory (4.3.12)."""
    extra = _central_zip64(size, offset)
    version = _VERSION_ZIP64 if extra else _VERSION
    short = _ONES_32 if size >= LARGE_32 else size
    where = _ONES_32 if offset >= LARGE_32 else offset
    fields = (_MADE_BY, version, _FLAGS, _STORED, *when, checksum, short, short)
    lengths = (len(name), len(extra), 0)
    return _CENTRAL.pack(b"PK\1\2", *fields, *lengths, 0, 0, _ATTRIBUTES, where) + name + extra


def _central_zip64(size: int, offset: int) -> bytes:
    """The extra field (4.5.3) with what is too large for the record's own."""
    large = [size, size] if size >= LARGE_32 else []
    if offset >= LARGE_32:
        large.append(offset)
    return struct.pack(f"<HH{len(large)}Q", _ZIP64, 8 * len(large), *large) if large else b""


def _dos_time(moment: datetime) -> tuple[int, int]:
    """Time and date (4.4.6), in steps of two seconds."""
    year = min(max(moment.year, _YEARS[0]), _YEARS[1]) - _YEARS[0]
    date = year << 9 | moment.month << 5 | moment.day
    return moment.hour << 11 | moment.minute << 5 | moment.second // 2, date


class _Directory:
    """The records of the central directory, kept packed until it is their turn: those of a million files
    are some 110 MB, and a third of that packed."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(1)
        self._packed: list[bytes] = []

    def add(self, record: bytes) -> None:
        packed = self._packer.compress(record)
        if packed:
            self._packed.append(packed)

    def unpacked(self) -> Iterator[bytes]:
        """All records, a few thousand at a time."""
        self._packed.append(self._packer.flush())
        unpacker = zlib.decompressobj()
        for packed in self._packed:
            yield unpacker.decompress(packed)
