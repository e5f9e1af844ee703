"""The key of set-up."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from webapp.accounts.first_run import GOOD_FOR, forget_setup_key, is_setup_key, setup_key

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def test_it_is_the_same_until_it_is_too_old(tmp_path: Path) -> None:
    key = setup_key(tmp_path, NOW)
    assert len(key) >= 22  # 128 bits in base64
    last = NOW + GOOD_FOR - timedelta(seconds=1)
    assert setup_key(tmp_path, last) == key
    assert is_setup_key(tmp_path, key, last)
    assert not is_setup_key(tmp_path, key, NOW + GOOD_FOR)
    new = setup_key(tmp_path, NOW + GOOD_FOR)
    assert new != key
    assert is_setup_key(tmp_path, new, NOW + GOOD_FOR)
    assert not is_setup_key(tmp_path, key, NOW + GOOD_FOR)


def test_two_processes_that_start_together_have_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as processes:
        keys = set(processes.map(lambda _: setup_key(tmp_path, NOW), range(16)))
    assert len(keys) == 1


def test_a_key_that_was_used_opens_nothing(tmp_path: Path) -> None:
    key = setup_key(tmp_path, NOW)
    forget_setup_key(tmp_path)
    forget_setup_key(tmp_path)
    assert not is_setup_key(tmp_path, key, NOW)


@pytest.mark.parametrize("given", ["", "x", "schlüssel", "\ud800", "k" * 22])
def test_another_key_opens_nothing(given: str, tmp_path: Path) -> None:
    assert not is_setup_key(tmp_path, given, NOW)
    setup_key(tmp_path, NOW)
    assert not is_setup_key(tmp_path, given, NOW)


@pytest.mark.parametrize("content", ["", "key", "key 2026", "key x y", "key 2030-01-01T00:00:00"])
def test_a_damaged_file_is_made_anew(content: str, tmp_path: Path) -> None:
    (tmp_path / "setup.key").write_text(content)
    assert not is_setup_key(tmp_path, "key", NOW)
    assert is_setup_key(tmp_path, setup_key(tmp_path, NOW), NOW)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_other_users_of_the_computer_cannot_read_it(tmp_path: Path) -> None:
    setup_key(tmp_path, NOW)
    assert (tmp_path / "setup.key").stat().st_mode & 0o777 == 0o600
