"""Going on in another Python: the one in `.venv`, with the same script and arguments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from .errors import CannotServe

VARIABLE = "_INTRAY_HANDED_OVER"  # not INTRAY_…, which is for settings


def was_handed_over() -> bool:
    """Whether `hand_over` started this process, to whatever Python that led. To be asked once: what
    this process starts has not been handed over."""
    return os.environ.pop(VARIABLE, None) is not None


def hand_over(python: Path) -> NoReturn:
    """Has `python` run what this process was asked to run, in its place.

    Raises CannotServe where that Python cannot be started.
    """
    command = [str(python), *sys.orig_argv[1:]]
    os.environ[VARIABLE] = "1"
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    try:
        _replace_this_process(command)
    except OSError as wrong:
        raise CannotServe(f"{python} cannot be run: {wrong.strerror}.") from None


if sys.platform == "win32":
    import signal

    from .winjob import tie

    def _replace_this_process(command: list[str]) -> NoReturn:
        """Windows cannot replace a process (os.execv there returns to the shell at once), so this
        one stays as the parent, lets the child answer Ctrl-C, and ends as it ends."""
        for name in (signal.SIGINT, signal.SIGBREAK):
            signal.signal(name, signal.SIG_IGN)
        child = subprocess.Popen(command)  # noqa: S603  (this script again)
        tie(child)
        code = child.wait()
        sys.exit(code - 2**32 if code >= 2**31 else code)  # codes such as 0xC000013A

else:

    def _replace_this_process(command: list[str]) -> NoReturn:
        os.environ.pop("__PYVENV_LAUNCHER__", None)  # macOS: it would name the old Python again
        os.execv(command[0], command)  # noqa: S606  (no shell is wanted)
