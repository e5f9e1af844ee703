"""The lock between processes, held by real ones."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from webapp.locks import FileLock

from .running import TOP

HOLDER = """
import sys
from pathlib import Path
from webapp.locks import FileLock
lock = FileLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process_that_holds(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, cwd=TOP, stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        try:
            yield holder
        finally:
            holder.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_one_process_at_a_time_holds_it(path: Path) -> None:
    lock = FileLock(path)
    with another_process_that_holds(path):
        assert not lock.acquire(0)
    assert lock.acquire(5)
    lock.release()


def test_the_lock_of_a_killed_process_is_free(path: Path) -> None:
    with another_process_that_holds(path) as holder:
        holder.kill()
        assert FileLock(path).acquire(30)


def test_waiting_ends_when_the_holder_lets_go(path: Path) -> None:
    with another_process_that_holds(path) as holder:
        assert holder.stdin is not None
        threading.Timer(0.2, holder.stdin.close).start()
        with FileLock(path):
            assert holder.wait(10) == 0


def test_waiting_ends_after_the_timeout(path: Path) -> None:
    with another_process_that_holds(path):
        start = time.monotonic()
        assert not FileLock(path).acquire(0.2)
        assert 0.2 <= time.monotonic() - start < 5


def test_two_objects_exclude_each_other_in_one_process_too(path: Path) -> None:
    with FileLock(path):
        assert not FileLock(path).acquire(0)
    with FileLock(path):
        pass


def test_one_object_holds_it_once(path: Path) -> None:
    with FileLock(path) as lock, pytest.raises(RuntimeError, match="locked by this very object"):
        lock.acquire(0)


def test_releasing_what_is_not_held_does_nothing(path: Path) -> None:
    FileLock(path).release()
    assert not path.exists()


def test_only_a_held_lock_has_a_descriptor(path: Path) -> None:
    with pytest.raises(RuntimeError, match="not locked by this object"):
        FileLock(path).fileno()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX children inherit descriptors")
def test_a_child_that_inherits_the_lock_keeps_it_when_its_parent_is_gone(path: Path) -> None:
    lock = FileLock(path)
    lock.acquire()
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[lock.fileno()]) as child:
        os.close(lock.fileno())  # as the parent's death would, without unlocking
        assert not FileLock(path).acquire(0)
        child.communicate()
    assert FileLock(path).acquire(0)


def test_a_file_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not-there"):
        FileLock(tmp_path / "not-there" / "lock").acquire(0)


def test_what_is_in_the_locked_file_can_be_read(path: Path) -> None:
    path.write_text("content")
    with another_process_that_holds(path):
        assert path.read_text() == "content"
