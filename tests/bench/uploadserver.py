"""uploadserver (PyPI), which many start when they want to be sent a file, run beside Intray."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..running import Server


def command() -> str | None:
    """What starts it: what UPLOADSERVER names, or one on the path; None if there is none."""
    return os.environ.get("UPLOADSERVER") or shutil.which("uploadserver")


def uploadserver(folder: Path) -> Server:
    """One that takes files into the folder. Raises AssertionError where it is not installed."""
    found = command()
    assert found is not None
    options = ["--bind", "127.0.0.1", "--directory", str(folder), "{port}"]
    return Server(command=[found, *options], path="/upload", cwd=folder)
