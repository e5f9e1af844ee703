"""The format itself: sizes that are known before, large archives, and the memory that they take."""

from __future__ import annotations

import io
import shutil
import subprocess
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from webapp.exports import zip_file
from webapp.exports.zip_file import Entry, Layout, zip_pieces

MOMENT = datetime(2026, 12, 1, 23, 59)  # noqa: DTZ001
GIB = 2**30


def in_memory(name: str, content: bytes, moment: datetime = MOMENT) -> Entry:
    return Entry(name, len(content), moment, lambda: io.BytesIO(content))


def write(file: BinaryIO, entries: Sequence[Entry]) -> None:
    """Writes the archive, which must be of the size that was known before."""
    layout = Layout()
    for entry in entries:
        layout.add(entry.name, entry.size)
    size = items = 0
    for piece in zip_pieces(entries):
        size += file.write(piece.content)
        items += piece.items
    assert (size, items) == (layout.size, len(entries))


def written(entries: Sequence[Entry]) -> zipfile.ZipFile:
    file = io.BytesIO()
    write(file, entries)
    read = zipfile.ZipFile(file)
    assert read.testzip() is None
    return read


def test_an_empty_archive_is_one() -> None:
    assert written([]).namelist() == []


def test_times_that_msdos_does_not_know() -> None:
    for year, told in ((1970, 1980), (2200, 2107)):
        (info,) = written([in_memory("a", b"", MOMENT.replace(year=year))]).infolist()
        assert info.date_time == (told, 12, 1, 23, 59, 0)


@pytest.mark.parametrize("large", [1, 30, 31, 32, 100, 150, 300, 1000])
def test_large_sizes_are_told_in_zip64(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, large: int
) -> None:
    """Where 4 GiB is but a few bytes: of a file, of where it is, of the directory."""
    monkeypatch.setattr(zip_file, "LARGE_32", large)
    entries = [in_memory(f"文件 {n}.txt", bytes([n]) * n * 10) for n in range(8)]
    with (tmp_path / "a.zip").open("w+b") as file:
        write(file, entries)
        read = zipfile.ZipFile(file)
        assert read.testzip() is None
        assert [len(read.read(name)) for name in read.namelist()] == [n * 10 for n in range(8)]
    assert_that_unzip_reads(tmp_path / "a.zip")


def test_many_files_are_told_in_zip64(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(zip_file, "LARGE_16", 3)
    for count in (2, 3, 4):
        with (tmp_path / "a.zip").open("w+b") as file:
            write(file, [in_memory(f"{n}.txt", b"x") for n in range(count)])
            assert len(zipfile.ZipFile(file).namelist()) == count
        assert_that_unzip_reads(tmp_path / "a.zip")


def assert_that_unzip_reads(file: Path) -> None:
    if shutil.which("unzip"):
        command = ["unzip", "-tq", file]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536])
def test_more_files_than_two_bytes_count(tmp_path: Path, count: int) -> None:
    entries = [in_memory(f"{n % 100}/{n}.txt", b"%d" % n) for n in range(count)]
    with (tmp_path / "a.zip").open("w+b") as file:
        write(file, entries)
        read = zipfile.ZipFile(file)
        assert len(read.namelist()) == count
        for n in (0, 1, count - 1):
            assert read.read(f"{n % 100}/{n}.txt") == b"%d" % n
    assert_that_unzip_reads(tmp_path / "a.zip")


class Zeros(io.RawIOBase):
    """A file of zeros of any size, of which nothing is anywhere."""

    def __init__(self, size: int) -> None:
        self._rest = size

    def read(self, size: int = -1) -> bytes:
        given = min(self._rest, size)
        self._rest -= given
        return bytes(given)


def test_a_file_beyond_four_gib_has_its_size_in_every_place() -> None:
    """Without its content, which others read in the long form of this test."""
    size, layout = 4 * GIB + 5, Layout()
    parts = zip_file._parts(
        Entry("big", size, MOMENT, partial(Zeros, size)), 7, zip_file._Directory()
    )
    assert next(parts)[18:26] == b"\xff" * 8
    layout.add("big", size)
    end = 46 + 3 + 20 + 56 + 20 + 22
    assert layout.size == 30 + 3 + 20 + size + 24 + end


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_files_beyond_four_gib(tmp_path: Path) -> None:
    """A file that is too large for four bytes, and one that begins behind as many."""
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.seek(4 * GIB)
        file.write(b"end")
    entries = [
        Entry("big.mov", 4 * GIB + 3, MOMENT, partial(big.open, "rb")),
        in_memory("small.txt", b"small"),
    ]
    with (tmp_path / "a.zip").open("w+b") as file:
        _write_sparse(file, entries)
        read = zipfile.ZipFile(file)
        assert [info.file_size for info in read.infolist()] == [4 * GIB + 3, 5]
        assert read.read("small.txt") == b"small"
        assert read.testzip() is None
    assert_that_unzip_reads(tmp_path / "a.zip")


def _write_sparse(file: BinaryIO, entries: Sequence[Entry]) -> None:
    zeros = bytes(zip_file.PIECE)
    for piece in zip_pieces(entries):
        if piece.content == zeros:
            file.seek(len(zeros), io.SEEK_CUR)
        else:
            file.write(piece.content)


def test_memory_is_flat_whatever_the_files_sizes() -> None:
    peaks = [peak([Entry("a", size, MOMENT, partial(Zeros, size))]) for size in (2**22, 2**26)]
    assert peaks[1] < 1.2 * peaks[0]


def test_memory_for_many_files_is_that_of_their_packed_records() -> None:
    """Some tens of bytes each, with names that have nothing in common but their form."""
    few, many = (peak(_many(count)) for count in (10_000, 40_000))
    assert (many - few) / 30_000 < 60


def _many(count: int) -> Iterator[Entry]:
    for n in range(count):
        name = f"2026-11-22 {zlib.crc32(b'%d' % n):08X} Ann Lee/essay.pdf"
        yield in_memory(name, b"%d" % n)


def peak(entries: Iterator[Entry] | Sequence[Entry]) -> int:
    """The bytes of Python's own that it takes at most."""
    tracemalloc.start()
    try:
        for _ in zip_pieces(entries):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
