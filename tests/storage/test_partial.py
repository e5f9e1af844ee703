"""A file that comes in pieces: what counts, who may write, and what a power cut leaves."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from webapp.storage import boots, partial
from webapp.storage.base import InUse, NotWhole, Superseded, WrongOffset
from webapp.storage.local import LocalStorage
from webapp.storage.partial import SUFFIX, Partial

ID = "0123456789abcdef0123456789abcdef"
OTHER_BOOT = b"another boot's \0"


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    storage = LocalStorage(tmp_path)
    storage.incoming.mkdir()
    return storage


@pytest.fixture
def begun(storage: LocalStorage) -> LocalStorage:
    storage.begin(ID, 10).close()
    return storage


def offset(storage: LocalStorage) -> int:
    with Partial(storage.incoming, ID) as file:
        return file.progress().offset


def content(storage: LocalStorage) -> bytes:
    return (storage.incoming / ID).read_bytes()


def test_what_counts_at_once_counts_though_the_sender_never_ends(begun: LocalStorage) -> None:
    with Partial(begun.incoming, ID) as sender:
        sender.take_turn(0)
        sender.append(b"abc", counts=True)
        sender.append(b"de", counts=True)
    assert offset(begun) == 5
    assert content(begun) == b"abcde"


def test_what_is_to_be_confirmed_counts_when_it_is(begun: LocalStorage) -> None:
    with Partial(begun.incoming, ID) as sender:
        sender.take_turn(0)
        sender.append(b"abc", counts=False)
        assert offset(begun) == 0
        sender.end_turn(confirm=True)
    assert offset(begun) == 3


def test_what_is_not_confirmed_is_written_over(begun: LocalStorage) -> None:
    with Partial(begun.incoming, ID) as sender:
        sender.take_turn(0)
        sender.append(b"wrong!", counts=False)
        sender.end_turn(confirm=False)
        sender.take_turn(0)
        sender.append(b"right", counts=False)
        sender.end_turn(confirm=True)
    assert offset(begun) == 5
    assert content(begun)[:5] == b"right"


def test_it_goes_on_where_it_ends_and_nowhere_else(begun: LocalStorage) -> None:
    with Partial(begun.incoming, ID) as sender:
        for wrong in (1, 10, 2**40):
            with pytest.raises(WrongOffset) as told:
                sender.take_turn(wrong)
            assert told.value.offset == 0


def test_nothing_is_written_past_its_end(begun: LocalStorage) -> None:
    with Partial(begun.incoming, ID) as sender:
        sender.take_turn(0)
        with pytest.raises(ValueError, match="more than"):
            sender.append(b"eleven bytes", counts=True)
    assert content(begun) == b""


def test_of_two_who_send_the_second_waits(begun: LocalStorage) -> None:
    with Partial(begun.incoming, ID) as first, Partial(begun.incoming, ID) as second:
        first.take_turn(0)
        first.append(b"ab", counts=True)
        with pytest.raises(InUse):
            second.take_turn(2)
        first.end_turn(confirm=True)
        second.take_turn(2)


def test_who_is_silent_loses_the_turn_and_writes_no_more(
    begun: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Partial(begun.incoming, ID) as silent, Partial(begun.incoming, ID) as other:
        silent.take_turn(0)
        silent.append(b"ab", counts=True)
        later = time.time() + partial.SILENT_SECONDS
        monkeypatch.setattr(partial.time, "time", lambda: later)
        other.take_turn(2)
        other.append(b"cd", counts=True)
        with pytest.raises(Superseded):
            silent.append(b"XX", counts=True)
        with pytest.raises(Superseded):
            silent.end_turn(confirm=True)
    assert content(begun) == b"abcd"
    assert offset(begun) == 4


def test_after_another_boot_only_what_was_synced_counts(
    begun: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Partial(begun.incoming, ID) as sender:
        sender.take_turn(0)
        sender.append(b"abcd", counts=True)
        sender.sync()
        sender.append(b"efg", counts=True)
    assert offset(begun) == 7
    monkeypatch.setattr(boots, "this_boot", lambda: OTHER_BOOT)
    monkeypatch.setattr(partial, "this_boot", lambda: OTHER_BOOT)
    assert offset(begun) == 4
    with Partial(begun.incoming, ID) as sender:  # at once, though somebody was sending
        sender.take_turn(4)
        sender.append(b"EFGHIJ", counts=True)
        sender.end_turn(confirm=True)
        sender.finish()
    assert content(begun) == b"abcdEFGHIJ"


def test_it_is_finished_when_all_is_there(begun: LocalStorage) -> None:
    with Partial(begun.incoming, ID) as sender:
        sender.take_turn(0)
        sender.append(b"123456789", counts=True)
        with pytest.raises(NotWhole):
            sender.finish()
        sender.append(b"0", counts=True)
        sender.end_turn(confirm=True)
        sender.finish()
    begun.settle(ID)
    begun.settle(ID)
    assert [path.name for path in begun.incoming.iterdir()] == [ID]


def test_a_file_that_was_shortened_in_its_folder_is_not_whole(begun: LocalStorage) -> None:
    with Partial(begun.incoming, ID) as sender:
        sender.take_turn(0)
        sender.append(b"1234567890", counts=True)
        os.truncate(begun.incoming / ID, 9)
        with pytest.raises(NotWhole):
            sender.finish()


@pytest.mark.parametrize("record", [b"", b"x", b"x" * 100, b"\0" * 100])
def test_where_the_record_cannot_be_read_nothing_counts(begun: LocalStorage, record: bytes) -> None:
    (begun.incoming / (ID + SUFFIX)).write_bytes(record)
    with Partial(begun.incoming, ID) as file, pytest.raises(FileNotFoundError):
        file.progress()


def test_what_waits_is_told_once_and_discarded_whole(begun: LocalStorage) -> None:
    assert set(begun.waiting(-1)) == {ID}
    begun.discard(ID)
    begun.discard(ID)
    assert list(begun.incoming.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        begun.partial(ID)


def test_a_boot_is_told_by_the_kernel_or_by_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(boots.this_boot()) == boots.BYTES
    assert boots.is_this_boot(boots.this_boot())
    assert not boots.is_this_boot(OTHER_BOOT)
    started = time.time() - 3600
    mark = boots._MOMENT.pack(started)
    monkeypatch.setattr(boots, "this_boot", lambda: mark)
    assert boots.is_this_boot(boots._MOMENT.pack(started + 5))  # the clock was put right
    assert not boots.is_this_boot(boots._MOMENT.pack(started + 60))
    assert not boots.is_this_boot(OTHER_BOOT)
