"""The console: no character breaks it, and a window of its own stays open on an error."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from webapp.serving.console import is_own_window

from ..running import TOP

SPEAK = "from webapp.serving import console; console.prepare(); "


def spoken(
    code: str, encoding: str = "utf-8", stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", SPEAK + code],
        cwd=TOP,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )


def test_a_character_that_the_console_lacks_becomes_a_question_mark() -> None:
    done = spoken("console.say('Gr\\xfc\\xdfe \\u4e2d'); print(2)", encoding="cp1252")
    assert done.stdout.split() == ["Grüße".encode("cp1252"), b"?", b"2"]
    assert done.stderr == b""


def test_what_is_said_aside_goes_to_standard_error() -> None:
    done = spoken("console.say_aside('\\u4e2d no')", encoding="ascii")
    assert (done.stdout, done.stderr.split()) == (b"", [b"?", b"no"])


def test_a_reader_that_went_away_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = "console.say('a'); console.say('b'); console.say_aside('still here')"
    done = spoken(code, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr.split()) == (0, [b"still", b"here"])


def test_having_no_console_at_all_is_no_error() -> None:
    code = "import sys; sys.stdout = sys.stderr = None; console.prepare(); console.say('a')"
    assert spoken(code).stderr == b""


def test_nobody_waits_for_enter_in_a_shell() -> None:
    assert b"Enter" not in spoken("console.hold_window()").stdout


@pytest.mark.parametrize(
    "programs",
    [
        ["C:\\Windows\\py.exe", "C:\\Python311\\python.exe"],
        ["C:\\Python311\\python.exe"],
        [
            "C:\\Windows\\py.exe",
            "D:\\Intray\\.venv\\Scripts\\python.exe",
            "C:\\Python311\\PYTHON.EXE",
        ],
    ],
)
def test_a_window_with_nothing_but_python_was_opened_for_it(programs: list[str]) -> None:
    assert is_own_window(programs)


@pytest.mark.parametrize(
    "programs",
    [
        [],
        ["C:\\Windows\\System32\\cmd.exe", "C:\\Windows\\py.exe", "C:\\Python311\\python.exe"],
        ["C:\\Program Files\\PowerShell\\7\\pwsh.exe", "C:\\Python311\\python.exe"],
        ["", "C:\\Python311\\python.exe"],
    ],
)
def test_a_window_with_a_shell_or_who_knows_what_stays_open_anyway(programs: list[str]) -> None:
    assert not is_own_window(programs)
