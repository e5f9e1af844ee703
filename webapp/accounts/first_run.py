"""The key of set-up: who can read the terminal of the server, or its data folder, may make the first
user; nobody else. It is the same from every process, and good once and for a day."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from pathlib import Path

from ..files import patiently, replace_file
from ..ids import private_key
from ..locks import FileLock

FILE_NAME = "setup.key"
GOOD_FOR = timedelta(hours=24)


def setup_key(data: Path, now: datetime) -> str:
    """The key, of 128 random bits: the one in the data folder if it is good at this moment, else a new
    one, which is kept there for the server's own user alone. Raises OSError."""
    path = data / FILE_NAME
    with FileLock(data / "prepare.lock"):
        key = _good_key(path, now)
        if not key:
            key = private_key()
            replace_file(path, f"{key}\n{(now + GOOD_FOR).isoformat()}\n".encode())
    return key


def is_setup_key(data: Path, given: str, now: datetime) -> bool:
    """Whether that is the key, and good at this moment."""
    key = _good_key(data / FILE_NAME, now)
    return bool(key) and hmac.compare_digest(given.encode("utf-8", "replace"), key.encode())


def forget_setup_key(data: Path) -> None:
    """Makes the key good for nothing any more. Raises OSError."""
    patiently(lambda: (data / FILE_NAME).unlink(missing_ok=True))


def _good_key(path: Path, now: datetime) -> str:
    """The key in the file; empty where there is none, or it is too old or damaged."""
    try:
        key, expiry = patiently(path.read_text).split()
        is_good = now < datetime.fromisoformat(expiry)
    except (FileNotFoundError, ValueError, TypeError):
        return ""
    return key if is_good else ""
