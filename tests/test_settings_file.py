"""Writing a boot setting into `intray.toml`."""

from __future__ import annotations

import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from webapp.config import load
from webapp.settings_file import with_setting, write_setting


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'host = "0.0.0.0"\n'),
        ("port = 80", 'port = 80\nhost = "0.0.0.0"\n'),
        ("# ours\r\nport = 80\r\n", '# ours\r\nport = 80\r\nhost = "0.0.0.0"\r\n'),
        (
            'host = "127.0.0.1"  # only here\nport = 80\n',
            'host = "0.0.0.0"  # only here\nport = 80\n',
        ),
        ("  'host'='::1'\r\nport = 80\r\n", 'host = "0.0.0.0"\r\nport = 80\r\n'),
        ('# host = "::1"\nhost = "::1"', '# host = "::1"\nhost = "0.0.0.0"'),
        ('host = "0.0.0.0" # so\n', 'host = "0.0.0.0" # so\n'),
    ],
)
def test_one_line_is_changed_and_the_others_stay(before: str, after: str) -> None:
    assert with_setting(before, "host", "0.0.0.0") == after


@pytest.mark.parametrize("text", ["host = ", "[table]\na = 1\n", 'host = """\n::1"""\n'])
def test_what_cannot_be_changed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"line|cannot be written|Invalid|TOML"):
        with_setting(text, "host", "0.0.0.0")


def test_what_is_written_is_what_the_next_start_reads(tmp_path: Path) -> None:
    write_setting(tmp_path, "host", "0.0.0.0")
    write_setting(tmp_path, "port", 81)
    settings = load({"data": str(tmp_path)}, {})
    assert (settings.host, settings.port) == ("0.0.0.0", 81)


def test_a_file_by_notepad_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "intray.toml"
    path.write_bytes("\ufeff# Büro\r\nport = 81\r\n".encode())
    write_setting(tmp_path, "host", "::")
    assert path.read_bytes().decode() == '# Büro\r\nport = 81\r\nhost = "::"\r\n'


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_who_may_read_it_stays_so(tmp_path: Path) -> None:
    write_setting(tmp_path, "port", 81)
    path = tmp_path / "intray.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    write_setting(tmp_path, "port", 82)
    assert path.stat().st_mode & 0o777 == 0o644


def test_two_writers_do_not_undo_each_other(tmp_path: Path) -> None:
    names = [f"name_{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda name: write_setting(tmp_path, name, 1), names))
    assert set(tomllib.loads((tmp_path / "intray.toml").read_text())) == set(names)
