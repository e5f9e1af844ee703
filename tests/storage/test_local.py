"""The local folder as storage: nothing is replaced, nothing is lost, whatever stops in between."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from webapp.failpoints import EXIT_CODE
from webapp.storage.base import NameTaken, Storage, StorageError
from webapp.storage.local import LocalStorage

ID = "0123456789abcdef0123456789abcdef"
OTHER = ID[::-1]
KEY = "Homework 3/2026-11-22 K7Q4-MXD2 李/essay.pdf"
CONTENT = b"%PDF an essay \x00\xff\r\n" * 10_000

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows renames and needs no links")


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    for name in ("incoming", "files"):
        (tmp_path / name).mkdir()
    return LocalStorage(tmp_path)


@pytest.fixture
def without_links(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes it a file system that has no hard links, which answers with this error."""

    def do(number: int = errno.EPERM) -> None:
        def link(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "link", link)

    return do


def receive(storage: Storage, upload_id: str = ID, content: bytes = CONTENT) -> None:
    staging = storage.stage(upload_id)
    staging.append(content)
    staging.finish()


def content_of(storage: Storage, upload_id: str = ID, key: str = KEY) -> bytes:
    with storage.open(upload_id, key) as file:
        return file.read()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_is_appended_is_what_is_stored(storage: LocalStorage) -> None:
    staging = storage.stage(ID)
    assert staging.upload_id == ID
    for chunk in (CONTENT[:7], b"", CONTENT[7:5000], memoryview(CONTENT)[5000:]):
        staging.append(bytes(chunk))
    with staging.open() as so_far:
        assert so_far.read() == CONTENT
    finished = staging.finish()
    assert (finished.size, finished.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert content_of(storage) == CONTENT
    storage.place(ID, KEY)
    assert (storage.files / KEY).read_bytes() == CONTENT
    assert content_of(storage) == CONTENT
    assert names_in(storage.incoming) == []


def test_a_stored_file_can_be_read_from_anywhere(storage: LocalStorage) -> None:
    receive(storage)
    storage.place(ID, KEY)
    with storage.open(ID, KEY) as file:
        file.seek(-5, os.SEEK_END)
        assert file.read() == CONTENT[-5:]


def test_an_id_is_used_once(storage: LocalStorage) -> None:
    receive(storage)
    with pytest.raises(FileExistsError):
        storage.stage(ID)
    assert content_of(storage) == CONTENT


def test_what_is_not_finished_is_discarded_and_what_is_finished_is_kept(
    storage: LocalStorage,
) -> None:
    staging = storage.stage(ID)
    staging.append(b"half")
    staging.discard()
    staging.discard()
    assert names_in(storage.incoming) == []
    staging = storage.stage(OTHER)
    staging.finish()
    staging.discard()
    assert names_in(storage.incoming) == [OTHER]
    storage.discard(OTHER)
    storage.discard(OTHER)
    assert names_in(storage.incoming) == []


def test_a_disk_that_is_full_is_told_and_leaves_nothing_when_discarded(
    storage: LocalStorage,
) -> None:
    resource = pytest.importorskip("resource")
    staging = storage.stage(ID)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            staging.append(CONTENT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    staging.discard()
    assert names_in(storage.incoming) == []


def test_placing_again_does_nothing(storage: LocalStorage) -> None:
    receive(storage)
    for _ in range(3):
        storage.place(ID, KEY)
    assert names_in(storage.files) == ["essay.pdf"]
    assert content_of(storage) == CONTENT


@posix
def test_what_is_erased_while_it_is_placed_leaves_no_folder(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(storage)
    link = os.link

    def erased_before(source: Path, *others: Any, **options: Any) -> None:
        source.unlink()
        link(source, *others, **options)

    monkeypatch.setattr(os, "link", erased_before)
    with pytest.raises(StorageError, match="is gone"):
        storage.place(ID, KEY)
    assert list((storage.files / KEY).parents[1].iterdir()) == []


def test_a_file_that_is_nowhere_is_told(storage: LocalStorage) -> None:
    with pytest.raises(StorageError, match=ID):
        storage.place(ID, KEY)
    with pytest.raises(StorageError, match="is gone"):
        storage.open(ID, KEY)


STRANGERS: dict[str, Callable[[Path], object]] = {
    "file": lambda path: path.write_bytes(b"a stranger's"),
    "same content": lambda path: path.write_bytes(CONTENT),
    "folder": lambda path: path.mkdir(),
    "link to a file": lambda path: path.symlink_to(Path(__file__)),
    "broken link": lambda path: path.symlink_to("/nowhere/at/all"),
    "link to what is to be placed": lambda path: path.symlink_to(path.parents[3] / "incoming" / ID),
}


@posix
@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
@pytest.mark.parametrize("kind", STRANGERS)
def test_a_stranger_in_the_way_is_neither_replaced_nor_served(
    storage: LocalStorage, without_links: Callable[[], None], kind: str, links: bool
) -> None:
    receive(storage)
    target = storage.files / KEY
    target.parent.mkdir(parents=True)
    STRANGERS[kind](target)
    was = os.lstat(target)
    if not links:
        without_links()
    for _ in range(2):
        with pytest.raises(NameTaken, match="essay"):
            storage.place(ID, KEY)
        assert content_of(storage) == CONTENT
    now = os.lstat(target)
    assert (now.st_ino, now.st_size, now.st_mtime_ns) == (was.st_ino, was.st_size, was.st_mtime_ns)


@posix
@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK])
def test_a_disk_without_hard_links_will_do(
    storage: LocalStorage, without_links: Callable[[int], None], number: int
) -> None:
    without_links(number)
    receive(storage)
    for _ in range(2):
        storage.place(ID, KEY)
    assert content_of(storage) == CONTENT
    assert names_in(storage.incoming) == []


@posix
def test_another_error_of_the_disk_is_no_missing_link(
    storage: LocalStorage, without_links: Callable[[int], None]
) -> None:
    without_links(errno.EIO)
    receive(storage)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        storage.place(ID, KEY)
    assert content_of(storage) == CONTENT


@posix
def test_a_crash_between_link_and_unlink_is_cleared_up_by_placing_again(
    storage: LocalStorage,
) -> None:
    receive(storage)
    code = (
        "import sys; from pathlib import Path; from webapp.storage.local import LocalStorage; "
        + ("LocalStorage(Path(sys.argv[1])).place(*sys.argv[2:])")
    )
    command = [sys.executable, "-c", code, str(storage.files.parent), ID, KEY]
    environment = os.environ | {"FAILPOINT": "place: linked"}
    crashed = subprocess.run(
        command, env=environment, check=False, cwd=Path(__file__).parents[2], timeout=60
    )
    assert crashed.returncode == EXIT_CODE
    assert (names_in(storage.incoming), names_in(storage.files)) == ([ID], ["essay.pdf"])
    assert content_of(storage) == CONTENT
    storage.place(ID, KEY)
    assert (names_in(storage.incoming), names_in(storage.files)) == ([], ["essay.pdf"])
    assert content_of(storage) == CONTENT


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_many_that_place_at_once_all_succeed(
    storage: LocalStorage, without_links: Callable[[], None], links: bool
) -> None:
    if not links:
        without_links()
    for turn in range(8):
        upload_id, key = f"{turn:032x}", f"form/{turn}/essay.pdf"
        receive(storage, upload_id)
        together(6, lambda upload_id=upload_id, key=key: storage.place(upload_id, key))  # type: ignore[misc]
        assert content_of(storage, upload_id, key) == CONTENT
    assert names_in(storage.incoming) == []
    assert len(names_in(storage.files)) == 8


def test_a_file_can_be_read_all_the_while_it_is_placed(storage: LocalStorage) -> None:
    placed = threading.Event()
    keys = {f"{n:032x}": f"form/{n}/essay.pdf" for n in range(20)}
    for upload_id in keys:
        receive(storage, upload_id, b"small")

    def read_until_placed() -> None:
        while not placed.is_set():
            for upload_id, key in keys.items():
                assert content_of(storage, upload_id, key) == b"small"

    def place_all() -> None:
        try:
            for upload_id, key in keys.items():
                storage.place(upload_id, key)
        finally:
            placed.set()

    together(2, read_until_placed, place_all)


def together(times: int, *calls: Callable[[], None]) -> None:
    """Makes the calls at once, so many of them in turn, and raises what any of them raises."""
    errors: list[BaseException] = []
    barrier = threading.Barrier(times)

    def run(call: Callable[[], None]) -> None:
        try:
            barrier.wait(30)
            call()
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=run, args=(calls[n % len(calls)],), daemon=True)
        for n in range(times)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def test_what_has_waited_long_is_named(storage: LocalStorage) -> None:
    for upload_id in ("old", "young"):
        receive(storage, upload_id)
    (storage.incoming / "a folder").mkdir()
    long_ago = time.time() - 100
    for name in ("old", "a folder"):
        os.utime(storage.incoming / name, (long_ago, long_ago))
    receive(storage, ID)
    storage.place(ID, KEY)
    os.utime(storage.files / KEY, (long_ago, long_ago))
    assert list(storage.waiting(90)) == ["old"]
    assert storage.is_waiting("young")
    assert not storage.is_waiting(ID)


def test_a_file_that_was_removed_while_it_came_in_is_never_finished(storage: LocalStorage) -> None:
    staging = storage.stage(ID)
    staging.append(b"bytes")
    (storage.incoming / ID).unlink()
    with pytest.raises(StorageError):
        staging.finish()
    staging.discard()


def test_a_file_that_rested_goes_on_where_it_was(storage: LocalStorage) -> None:
    staging = storage.stage(ID)
    staging.append(b"one ")
    staging.rest()
    staging.append(b"two")
    staging.rest()
    assert staging.finish().size == 7
    assert (storage.incoming / ID).read_bytes() == b"one two"


def test_placing_what_is_gone_leaves_no_folder(storage: LocalStorage) -> None:
    with pytest.raises(StorageError):
        storage.place(ID, KEY)
    assert list(storage.files.iterdir()) == []


def test_a_folder_that_another_removes_meanwhile_is_removed(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(storage)
    storage.place(ID, KEY)
    folder, look = (storage.files / KEY).parent, Path.iterdir

    def too_late(path: Path) -> object:
        if path == folder:
            path.rmdir()
        return look(path)

    monkeypatch.setattr(Path, "iterdir", too_late)
    storage.erase(ID, KEY)
    assert not folder.exists()
