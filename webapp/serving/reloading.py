"""Asking a server to replace its processes where there are no signals for that, as on Windows: by a file in
the data folder, which only those can make who may write there."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

NAME = "serve.reload"
SECONDS = 10.0  # after which nobody is there to answer
_LOOK_SECONDS = 0.05


class Requests:
    """Those that come to the server of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def take(self) -> bool:
        """Whether there was one."""
        try:
            self._path.unlink()
        except OSError:  # none; or, on Windows, it is just being written
            return False
        return True


def ask(folder: Path, seconds: float = SECONDS) -> bool:
    """Asks the server of that folder, and tells whether it has heard. Raises OSError."""
    path = folder / NAME
    path.touch()
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if not path.exists():
            return True
        time.sleep(_LOOK_SECONDS)
    with suppress(FileNotFoundError):
        path.unlink()
        return False
    return True
