"""A folder for files that are needed only while something is written."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "export-"
_OLD_SECONDS = 24 * 3600


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A new folder, gone with all in it when the block ends. What a process that was killed has left
    there a day ago goes as well."""
    forget_old(parent)
    with tempfile.TemporaryDirectory(
        prefix=_PREFIX, dir=parent, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def forget_old(parent: Path) -> None:
    """Removes what processes that were killed a day ago or earlier have left there: it holds what people
    have handed in."""
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            if folder.stat().st_mtime < time.time() - _OLD_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:  # its own export has removed it meanwhile
            continue
