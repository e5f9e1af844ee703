"""Operations on files that are durable, and patient with Windows.

There a virus scanner or an indexer may hold a file for a moment, and `PermissionError` then means
"try again".
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_WAITS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if sys.platform == "win32" else ()


def patiently(do: Callable[[], T]) -> T:
    """Does it, on Windows again while another program holds the file, and gives what it gives.
    Raises PermissionError if that lasts."""
    for wait in _WAITS:
        try:
            return do()
        except FileExistsError:
            raise
        except PermissionError:
            time.sleep(wait)
    return do()


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Writes the file as a whole: a reader sees the old content or the new, never a part."""
    temporary = path.with_name(f"{path.stem}-{secrets.token_hex(4)}.tmp")
    try:
        temporary.touch(mode)
        temporary.write_bytes(content)
        patiently(lambda: _replace(temporary, path))
    finally:
        temporary.unlink(missing_ok=True)


def _replace(source: Path, target: Path) -> None:
    source.replace(target)


def flush_to_disk(descriptor: int) -> None:
    """Returns when what was written to the descriptor would survive a power cut."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync there stops at the disk's own cache
    else:
        os.fsync(descriptor)


def flush_folder(folder: Path) -> None:
    """Returns when the folder's entries would survive a power cut. Windows cannot open a folder, and
    NTFS keeps its entries in a journal."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        flush_to_disk(descriptor)
    finally:
        os.close(descriptor)
