"""Files that are brought to the disk while they come in."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from threading import Event

import pytest

from webapp.storage import flushing
from webapp.storage.local import LocalStorage

from ..running import poll

PIECE = b"x" * 1000
NAME = "0" * 32


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStorage:
    monkeypatch.setattr(flushing, "EACH_BYTES", len(PIECE))
    (tmp_path / "incoming").mkdir()
    return LocalStorage(tmp_path)


def test_it_is_flushed_before_all_of_it_is_there(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed = Event()
    monkeypatch.setattr(flushing, "flush_to_disk", lambda descriptor: flushed.set())
    staging = storage.stage(NAME)
    staging.append(PIECE)
    assert flushed.wait(30)
    staging.discard()


def test_a_disk_that_told_once_that_it_failed_is_believed(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed fsync Linux forgets what it could not write, and the next fsync succeeds."""
    has_failed = Event()

    def fail(descriptor: int) -> None:
        has_failed.set()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(flushing, "flush_to_disk", fail)
    staging = storage.stage(NAME)
    staging.append(PIECE)
    assert has_failed.wait(30)
    monkeypatch.undo()
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        staging.finish()
    staging.discard()
    assert not storage.is_waiting(NAME)


def test_it_can_be_discarded_while_it_is_flushed(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = Event()
    monkeypatch.setattr(flushing, "flush_to_disk", lambda descriptor: go_on.wait(30))
    staging = storage.stage(NAME)
    staging.append(PIECE)
    staging.discard()
    go_on.set()
    poll(lambda: not storage.is_waiting(NAME), "its removal")
