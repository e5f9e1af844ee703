"""What setup.cfg asks for, and what of it is missing from this Python."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.serving.requirements import Requirement, missing, parse, read

from ..running import TOP

SETUP_CFG = TOP / "setup.cfg"


def extras() -> list[str]:
    parser = configparser.ConfigParser()
    parser.read(SETUP_CFG, encoding="utf-8")
    return list(parser["options.extras_require"])


def test_every_line_of_our_setup_cfg_is_understood() -> None:
    names = [requirement.name for requirement in read(SETUP_CFG, extras())]
    assert {"flask", "waitress", "flask-sqlalchemy-lite", "psycopg", "pytest"} <= set(names)
    assert all(requirement.limits for requirement in read(SETUP_CFG, extras()))


def test_what_the_tests_run_on_has_all_that_is_needed() -> None:
    assert missing(read(SETUP_CFG, extras())) == []


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("Flask", Requirement("flask")),
        ("Flask_SQLAlchemy.Lite>=0.2", Requirement("flask-sqlalchemy-lite", ((">=", "0.2"),))),
        ("waitress>=3.0.2,<3.1", Requirement("waitress", ((">=", "3.0.2"), ("<", "3.1")))),
        ("waitress >= 3.0.2, < 3.1", Requirement("waitress", ((">=", "3.0.2"), ("<", "3.1")))),
        ("psycopg[binary,pool]>=3.2", Requirement("psycopg", ((">=", "3.2"),))),
        (f'a>=1; sys_platform == "{sys.platform}"', Requirement("a", ((">=", "1"),))),
        (f"a; os_name == '{os.name}'", Requirement("a")),
        (f'a>=1; sys_platform != "{sys.platform}"', None),
        ('a>=1; sys_platform == "plan9"', None),
    ],
)
def test_a_line_is_understood(line: str, requirement: Requirement | None) -> None:
    assert parse(line) == requirement


@pytest.mark.parametrize(
    "line",
    [
        "waitress~=3.0",
        "waitress==3.*",
        "waitress @ https://example.org/waitress.whl",
        "-r requirements.txt",
        'a; python_version < "3.12"',
        'a; sys_platform == "win32" or os_name == "nt"',
    ],
)
def test_a_line_beyond_it_is_refused_rather_than_misread(line: str) -> None:
    with pytest.raises(ValueError, match="not understood"):
        parse(line)


@pytest.mark.parametrize(
    ("limits", "version", "accepted"),
    [
        (">=3.0.2,<3.1", "3.0.2", True),
        (">=3.0.2,<3.1", "3.0.10", True),
        (">=3.0.2,<3.1", "3.0.1", False),
        (">=3.0.2,<3.1", "3.1", False),
        (">=3.0.2,<3.1", "3.1.0", False),
        (">=3.1", "3.1.0", True),
        (">=3.1", "3.1.dev1", True),
        (">=3.9", "3.10", True),
        ("==2.0", "2", True),
        ("!=2.0", "2.0.0", False),
        (">=2025.1", "2025.2", True),
        (">=1", "unknown", False),
    ],
)
def test_versions_are_compared_by_their_release(limits: str, version: str, accepted: bool) -> None:
    requirement = parse("a" + limits)
    assert requirement is not None
    assert requirement.accepts(version) is accepted


def test_what_is_not_installed_is_missing_with_or_without_limits() -> None:
    nobody = [Requirement("nobody-made-this"), Requirement("nor-this", ((">=", "0"),))]
    assert missing([*nobody, Requirement("pytest")]) == nobody


def test_what_is_too_old_is_missing() -> None:
    future = Requirement("pytest", ((">=", "999"),))
    assert missing([future]) == [future]


def test_a_folder_name_without_a_version_is_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = tmp_path / "made_here.egg-info"  # as `setup.py develop` leaves it
    metadata.mkdir()
    (metadata / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: made-here\nVersion: 2.5\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert missing([Requirement("made-here", ((">=", "2.5"),))]) == []
    assert missing([Requirement("made-here", ((">=", "2.6"),))]) != []


def test_with_all_installed_nothing_slow_is_imported() -> None:
    code = (
        "import sys; from pathlib import Path; from webapp.serving.bootstrap import ensure;"
        f"ensure(Path({str(TOP)!r})); print('importlib.metadata' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
