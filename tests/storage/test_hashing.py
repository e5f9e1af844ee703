"""Hashes that are worked out beside who receives the bytes."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp.storage.hashing import AT_ONCE_BYTES, MOST_WAITING, Sha256Beside


def pieces(size: int, seed: int) -> list[bytes]:
    """So many bytes in pieces of all sizes."""
    chance = random.Random(seed)
    content, found = chance.randbytes(size), []
    while content:
        length = chance.choice([1, 100, 64 * 1024, 1024**2])
        found.append(content[:length])
        content = content[length:]
    return found


@pytest.mark.parametrize("size", [0, 1, AT_ONCE_BYTES, AT_ONCE_BYTES + 1, 3 * MOST_WAITING])
def test_it_is_the_hash_of_all_that_was_added(size: int) -> None:
    beside, plain = Sha256Beside(), hashlib.sha256()
    for piece in pieces(size, seed=size):
        beside.update(piece)
        plain.update(piece)
    assert beside.hexdigest() == plain.hexdigest() == beside.hexdigest()


def test_many_files_at_once_do_not_wait_for_each_other_for_ever() -> None:
    def hashed(seed: int) -> bool:
        beside, plain = Sha256Beside(), hashlib.sha256()
        for piece in pieces(MOST_WAITING, seed):
            beside.update(piece)
            plain.update(piece)
        return beside.hexdigest() == plain.hexdigest()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(hashed, range(16), timeout=120))


def test_what_goes_wrong_is_not_taken_for_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    beside = Sha256Beside()
    beside.update(b"x" * AT_ONCE_BYTES)
    monkeypatch.setattr(beside, "_hash", None)
    beside.update(b"x")
    with pytest.raises(AttributeError):
        beside.hexdigest()
