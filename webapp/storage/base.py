"""What every storage can do; it only streams, so that memory does not grow with a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import BinaryIO, Protocol


class StorageError(Exception):
    """A file could not be stored or found; the text says which and why."""


class NameTaken(StorageError):
    """Something else lies where a file is to be placed."""


class NotWhole(StorageError):
    """Not all of a file that comes in pieces is there."""


class InUse(StorageError):
    """Somebody else is sending this very file."""


class Superseded(StorageError):
    """Somebody else has begun to send this file, after a while without a piece."""


class WrongOffset(StorageError):
    """What is sent does not begin where the file ends."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"there are {offset} bytes of it")
        self.offset = offset


@dataclass(frozen=True)
class Finished:
    """A received file that would survive a power cut."""

    size: int  # bytes
    sha256: str  # lower-case hex


class Staging(Protocol):
    """A file on its way in."""

    upload_id: str
    size: int

    def append(self, chunk: bytes) -> None:
        """Adds bytes at the end. Raises OSError where the disk does."""

    def rest(self) -> None:
        """Lets go of what the system has too few of; `append` and `finish` take it up again."""

    def finish(self) -> Finished:
        """Makes what was appended durable. Raises StorageError if it is not there any more."""

    def open(self) -> BinaryIO:
        """The bytes so far, from the start."""

    def discard(self) -> None:
        """Forgets the file, unless it is finished: then it is the storage's."""


class Progress(Protocol):
    """How much of a file there is."""

    @property
    def size(self) -> int:
        """Bytes, when it is whole."""

    @property
    def offset(self) -> int:
        """Bytes that count."""

    @property
    def durable(self) -> int:
        """Of these, what survives a power cut."""


class Partial(Protocol):
    """A file that comes in pieces, over several requests and processes; storage/partial.py tells the
    rules. It is to be closed."""

    upload_id: str
    position: int  # where the next byte goes

    def progress(self) -> Progress:
        """What is there now. Raises FileNotFoundError if that cannot be told."""

    def take_turn(self, offset: int) -> None:
        """From now on this one sends. Raises WrongOffset, InUse."""

    def append(self, piece: bytes, *, counts: bool) -> None:
        """Writes the next bytes, which count at once or when they are confirmed. Raises Superseded,
        ValueError for more than the file has, OSError where the disk does."""

    def end_turn(self, *, confirm: bool) -> None:
        """Lets others send. What does not count yet does from now on, or never. Raises Superseded."""

    def sync(self) -> None:
        """Makes durable what counts now."""

    def finish(self) -> None:
        """Makes the whole file durable. Raises NotWhole."""

    def close(self) -> None:
        """Lets go of it."""


class Storage(Protocol):
    """Where received files live."""

    def stage(self, upload_id: str) -> Staging:
        """Begins a file under a new upload id. Raises FileExistsError if the id was used."""

    def begin(self, upload_id: str, size: int) -> Partial:
        """Begins a file of so many bytes that comes in pieces. Raises FileExistsError if the id was
        used."""

    def partial(self, upload_id: str) -> Partial:
        """A file that was begun, to go on with. Raises FileNotFoundError if there is none."""

    def settle(self, upload_id: str) -> None:
        """The file has come whole, and is one like any other. Doing it again does nothing."""

    def received(self, upload_id: str) -> BufferedReader:
        """The bytes that are on their way in, from the start. Raises FileNotFoundError."""

    def room(self) -> int:
        """How many bytes may still be taken in; below 0 where the reserve is in use."""

    def place(self, upload_id: str, key: str) -> None:
        """Moves a finished file to its storage key, never over another. Doing it again does nothing.
        Raises NameTaken, or StorageError if the file is nowhere."""

    def open(self, upload_id: str, key: str) -> BinaryIO:
        """A stored file for reading, seekable, whether or not it is in its place yet.
        Raises StorageError if it is nowhere, OSError if it cannot be read now."""

    def size(self, upload_id: str, key: str) -> int | None:
        """How many bytes the stored file has now, whether or not it is in its place yet; None if it is
        nowhere, or is no file any more."""

    def stored_keys(self) -> Iterator[str]:
        """The storage keys of all that lies in its place, and of whatever else lies there."""

    def discard(self, upload_id: str) -> None:
        """Removes a file that is on its way in; nothing happens if there is none."""

    def erase(self, upload_id: str, key: str) -> None:
        """Removes a stored file, whether or not it is in its place yet, and the folder that it was in if
        nothing else is there. Doing it again does nothing. Raises OSError if it cannot be removed now."""

    def remove_empty_folder(self, folder: str) -> None:
        """Removes a form's folder, unless something is in it. Raises OSError if it cannot be now."""

    def waiting(self, older_than_seconds: float) -> Iterator[str]:
        """The upload ids of what has been on its way in for that long."""

    def is_waiting(self, upload_id: str) -> bool:
        """Whether the file of the upload lies where it was received."""
