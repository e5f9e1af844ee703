"""What the launcher says to the person in front of it, and the window that it says it in."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterable
from typing import TextIO


def prepare() -> None:
    """Makes writing to the console safe: no character fails (cp1252), and lines come at once."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace", line_buffering=True)


def say(text: str) -> None:
    _write(sys.stdout, text)


def say_aside(text: str) -> None:
    """Says it on standard error, out of the way of what a command prints for others to read."""
    _write(sys.stderr, text)


def can_show(characters: str) -> bool:
    """Whether standard output has these characters."""
    try:
        characters.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def hold_window() -> None:
    """Waits for Enter where the window would close with this process, so that an error is read."""
    if is_own_window(_console_programs()):
        say("Press Enter to close this window.")
        with contextlib.suppress(EOFError, OSError, RuntimeError, KeyboardInterrupt):
            input()


def is_own_window(programs: Iterable[str]) -> bool:
    """Whether a console with these programs was opened for Python alone, as a double-click does.

    There are several of them then: the `py` launcher, the Python in `.venv` and the one behind it.
    """
    names = [program.replace("\\", "/").rpartition("/")[2].lower() for program in programs]
    return bool(names) and all(name.startswith("py") for name in names)


def _write(stream: TextIO | None, text: str) -> None:
    try:
        print(text, file=stream, flush=True)
    except OSError:  # `| head` has seen enough: no more of it, nor at the end of the process
        if stream is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if sys.platform == "win32":
    import ctypes

    QUERY_LIMITED_INFORMATION = 0x1000

    def _console_programs() -> list[str]:
        """The paths of the programs that share this process's console; "" where one is secret."""
        kernel = ctypes.WinDLL("kernel32")
        ids = (ctypes.c_uint32 * 64)()
        count: int = kernel.GetConsoleProcessList(ids, len(ids))
        return [_program(kernel, ids[at]) for at in range(min(count, len(ids)))]

    def _program(kernel: ctypes.WinDLL, process_id: int) -> str:
        kernel.OpenProcess.restype = ctypes.c_void_p
        process = ctypes.c_void_p(kernel.OpenProcess(QUERY_LIMITED_INFORMATION, 0, process_id))
        path = ctypes.create_unicode_buffer(1024)
        size = ctypes.c_uint32(len(path))
        kernel.QueryFullProcessImageNameW(process, 0, path, ctypes.byref(size))
        kernel.CloseHandle(process)
        return path.value

else:

    def _console_programs() -> list[str]:
        return []  # a terminal on POSIX outlives what it runs
