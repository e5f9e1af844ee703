"""The data folder: what must be there before anything else, and the secret that is made once."""

from __future__ import annotations

import secrets
from pathlib import Path

from .config import CannotStart
from .files import replace_file
from .locks import FileLock

PRIVATE = ("incoming", "sessions", "backups", "logs")  # for the server's own user alone
SHARED = ("files", "downloads")


def make_data_folder(data: Path) -> None:
    """Makes the data folder and its parts where they are missing. Raises CannotStart."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        for name in PRIVATE:
            (data / name).mkdir(mode=0o700, exist_ok=True)
        for name in SHARED:
            (data / name).mkdir(exist_ok=True)
    except OSError as wrong:
        reason = wrong.strerror or type(wrong).__name__
        raise CannotStart(f"The data folder {data} cannot be written: {reason}.") from None


def keep_database_private(data: Path) -> None:
    """Makes the SQLite file before SQLite does, which would let every user of this computer read it;
    its companions `-wal` and `-shm` get the same mode."""
    (data / "intray.db").touch(mode=0o600)


def secret_key(data: Path) -> bytes:
    """The secret that signs tokens: read from the data folder, where it is made the first time."""
    path = data / "secret.key"
    with FileLock(data / "prepare.lock"):
        if not path.exists():
            replace_file(path, secrets.token_hex(32).encode())
        key = path.read_bytes().strip()
    if len(key) < 32:
        raise CannotStart(f"{path} is damaged: remove it, and Intray makes a new one.")
    return key
