"""Storage in a local folder: `incoming/` for what is on its way in, `files/` for what was accepted."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from ..failpoints import reach
from ..files import flush_folder, flush_to_disk, patiently
from .base import Finished, NameTaken, StorageError
from .flushing import FlushBeside
from .hashing import Sha256Beside
from .marks import mark_as_received
from .partial import SUFFIX, Partial

# File systems without hard links: FAT, exFAT, some network shares.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


_RESERVE = (
    512 * 1024**2
)  # bytes for all else, or a twentieth of a small disk: as in serving/bodies.py
_NO_INHERIT = getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_CLOEXEC", 0)


class LocalStaging:
    """A file in `incoming/`, hashed while it is written."""

    def __init__(self, path: Path) -> None:
        self.upload_id = path.name
        self.size = 0
        self._path = path
        self._hash = Sha256Beside()
        self._flush = FlushBeside()
        self._is_finished = False
        # Unbuffered: what arrives comes in large pieces, and a copy of each would cost most.
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | _NO_INHERIT
        self._file = open(os.open(path, flags, 0o666), "r+b", buffering=0)  # noqa: SIM115, PTH123

    def append(self, chunk: bytes) -> None:
        file, view = self._opened(), memoryview(chunk)
        while view:
            view = view[file.write(view) :]
        self._hash.update(chunk)
        self._flush.wrote(file.fileno(), len(chunk))
        self.size += len(chunk)

    def rest(self) -> None:
        self._file.close()

    def finish(self) -> Finished:
        file = self._opened()
        mark_as_received(self._path)
        self._flush.check()
        flush_to_disk(file.fileno())
        self._check_that_it_is_there(file)
        file.close()
        flush_folder(self._path.parent)
        self._is_finished = True
        return Finished(self.size, self._hash.hexdigest())

    def _opened(self) -> BinaryIO:
        if self._file.closed:
            self._file = self._path.open("r+b", buffering=0)
            self._file.seek(self.size)
        return self._file

    def _check_that_it_is_there(self, file: BinaryIO) -> None:
        """What is open can be written to even where its name was removed."""
        try:
            is_there = os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except FileNotFoundError:
            is_there = False
        if not is_there:
            raise StorageError(f"{self.upload_id}: it was removed while it came in")

    def open(self) -> BinaryIO:
        return self._path.open("rb")

    def discard(self) -> None:
        self._file.close()
        if self._is_finished:
            return
        if self._flush.last is None:
            self._unlink()
        else:  # on Windows it cannot be removed before that is done
            self._flush.last.add_done_callback(lambda _: self._unlink())

    def _unlink(self) -> None:
        patiently(lambda: self._path.unlink(missing_ok=True))


class LocalStorage:
    """The storage under one data folder; both of its folders are on one file system."""

    def __init__(self, data: Path) -> None:
        self.incoming = data / "incoming"
        self.files = data / "files"

    def stage(self, upload_id: str) -> LocalStaging:
        return LocalStaging(self.incoming / upload_id)

    def begin(self, upload_id: str, size: int) -> Partial:
        return Partial.begin(self.incoming, upload_id, size)

    def partial(self, upload_id: str) -> Partial:
        return Partial(self.incoming, upload_id)

    def settle(self, upload_id: str) -> None:
        patiently(lambda: (self.incoming / (upload_id + SUFFIX)).unlink(missing_ok=True))

    def received(self, upload_id: str) -> BufferedReader:
        return _read(self.incoming / upload_id)

    def room(self) -> int:
        disk = shutil.disk_usage(self.incoming)
        return disk.free - min(_RESERVE, disk.total // 20)

    def place(self, upload_id: str, key: str) -> None:
        source, target = self.incoming / upload_id, self.files / key
        # No folder for what was erased meanwhile: nobody would remove it, and it has a person's name.
        if not source.exists() and not target.is_file():
            raise StorageError(f"{key}: the received file {upload_id} is gone")
        self._make_folder(target.parent)
        try:
            patiently(lambda: _move(source, target))
        except FileNotFoundError:
            if not target.is_file():
                _remove_if_empty(target.parent)  # erased just now
                raise StorageError(f"{key}: the received file {upload_id} is gone") from None
        flush_folder(target.parent)

    def _make_folder(self, folder: Path) -> None:
        """Makes the folder and its missing parents, each durable in the one above."""
        if folder == self.files or folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)

    def open(self, upload_id: str, key: str) -> BinaryIO:
        for path in self._places(upload_id, key):
            try:
                return _read(path)
            except FileNotFoundError:
                continue
        raise StorageError(f"{key}: the file is gone")

    def _places(self, upload_id: str, key: str) -> tuple[str, str]:
        """Where the file may be. Incoming first: until it is placed, something else may lie at its key.
        As texts: an archive asks for very many, and a Path takes longer than the system."""
        return f"{self.incoming}{os.sep}{upload_id}", f"{self.files}{os.sep}{key}"

    def size(self, upload_id: str, key: str) -> int | None:
        for path in self._places(upload_id, key):
            try:
                found = os.stat(path)  # noqa: PTH116
            except OSError:
                continue
            return found.st_size if stat.S_ISREG(found.st_mode) else None
        return None

    def stored_keys(self) -> Iterator[str]:
        for folder, _, file_names in os.walk(self.files):
            for name in file_names:
                yield Path(folder, name).relative_to(self.files).as_posix()

    def discard(self, upload_id: str) -> None:
        with suppress(FileNotFoundError, StorageError), self.partial(upload_id) as file:
            file.revoke()
        for name in (upload_id + SUFFIX, upload_id):
            self._forget(self.incoming / name)

    def _forget(self, path: Path) -> None:
        patiently(lambda: path.unlink(missing_ok=True))

    def erase(self, upload_id: str, key: str) -> None:
        source, target = self.incoming / upload_id, self.files / key
        waiting = _unlink(source)
        # Until the file was placed, something else may lie at its key. Once its first name is gone it
        # cannot come there any more, so what is looked at now is what will be there.
        if waiting is None or _is(target, waiting):
            _unlink(target)
            reach("erase: file gone")
        _remove_if_empty(target.parent)

    def remove_empty_folder(self, folder: str) -> None:
        _remove_if_empty(self.files / folder)

    def waiting(self, older_than_seconds: float) -> Iterator[str]:
        newest = time.time() - older_than_seconds
        with os.scandir(self.incoming) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and _time_of(entry) < newest:
                    yield entry.name.removesuffix(SUFFIX)

    def is_waiting(self, upload_id: str) -> bool:
        return (self.incoming / upload_id).is_file()


def _read(path: Path | str) -> BufferedReader:
    return patiently(lambda: open(path, "rb"))  # noqa: PTH123


def _time_of(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:  # gone meanwhile
        return time.time()


def _unlink(path: Path) -> os.stat_result | None:
    """Removes a file, durably, and tells what it was; None if there was none."""
    try:
        was = path.lstat()
        patiently(path.unlink)
    except FileNotFoundError:
        return None
    flush_folder(path.parent)
    return was


def _is(path: Path, was: os.stat_result) -> bool:
    """Whether the path is another name of the file that was looked at."""
    try:
        return os.path.samestat(path.lstat(), was)
    except FileNotFoundError:
        return False


def _remove_if_empty(folder: Path) -> None:
    """Never one that holds anything, whoever put it there."""
    try:
        if any(folder.iterdir()):
            return
        patiently(folder.rmdir)
    except (FileNotFoundError, NotADirectoryError):
        return  # somebody else has removed it
    except OSError as wrong:
        if wrong.errno == errno.ENOTEMPTY:
            return  # since a moment ago
        raise
    flush_folder(folder.parent)


def _move(source: Path, target: Path) -> None:
    """Renames, and raises NameTaken rather than replace: plain on Windows; elsewhere `rename` would
    replace, and a hard link does not."""
    if sys.platform == "win32":
        try:
            source.rename(target)
        except FileExistsError:
            raise NameTaken(f"{target} is another file") from None
        return
    try:
        os.link(source, target)
    except FileExistsError:
        # not samefile, which follows links: one that leads to the source is no second name of it
        if not os.path.samestat(target.lstat(), source.lstat()):
            raise NameTaken(f"{target} is another file") from None
    except OSError as wrong:
        if wrong.errno not in _NO_LINKS:
            raise
        _move_without_links(source, target)
        return
    reach("place: linked")
    source.unlink(missing_ok=True)


def _move_without_links(source: Path, target: Path) -> None:
    # Keys are unique and each is placed from one source: what is in the way is a stranger, unless
    # the source has gone there meanwhile, which `rename` then tells.
    if os.path.lexists(target) and source.exists():
        raise NameTaken(f"{target} is another file")
    source.rename(target)
