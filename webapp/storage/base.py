"""What every storage can do; it only streams, so that memory does not grow with a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol


class StorageError(Exception):
    """A file could not be stored or found; the text says which and why."""


class NameTaken(StorageError):
    """Something else lies where a file is to be placed."""


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


class Storage(Protocol):
    """Where received files live."""

    def stage(self, upload_id: str) -> Staging:
        """Begins a file under a new upload id. Raises FileExistsError if the id was used."""

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
