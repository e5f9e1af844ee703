"""The tools that read the code, and the wheel that is built from it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .running import TOP, environment

CONFIG = ["--config", ".ci/ruff.toml"]


def run(*command: str | Path, cwd: Path = TOP, **environ: str) -> str:
    """The output of a Python module's command; AssertionError with it if the command fails."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env=environment(None, environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_ruff_finds_nothing() -> None:
    run("-m", "ruff", "check", *CONFIG, ".")


def test_the_code_is_formatted() -> None:
    run("-m", "ruff", "format", "--check", *CONFIG, ".")


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_mypy_finds_nothing(platform: str) -> None:
    run("-m", "mypy", "--platform", platform, "--cache-dir", f".mypy_cache/{platform}")


def test_a_wheel_holds_all_that_the_application_needs(tmp_path: Path) -> None:
    source = tmp_path / "source"  # a build leaves folders behind, and takes stale ones along
    shutil.copytree(TOP / "webapp", source / "webapp")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(TOP / name, source)
    run("-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", tmp_path, source)
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    kept = {path.relative_to(TOP) for path in (TOP / "webapp").rglob("*") if path.is_file()}
    wanted = {path for path in kept if "__pycache__" not in path.parts}
    packed = {path.relative_to(unpacked) for path in unpacked.rglob("*") if path.is_file()}
    assert wanted - packed == set()
    assert {path.parts[0] for path in packed if not path.parts[0].endswith(".dist-info")} == {
        "webapp"
    }

    # It works away from the checkout: migrates, renders a page, speaks Chinese, finds its static files.
    program = (
        "import re, webapp\n"
        "from webapp.config import load\n"
        "client = webapp.create_app(load({'data': 'data'}, {})).test_client()\n"
        "page = client.get('/', headers={'Accept-Language': 'zh'}).text\n"
        "assert 'lang=\"zh\"' in page\n"
        'sheet = re.search(r\'href="(/static/[^"]+css)"\', page)[1]\n'
        "assert client.get(sheet).status_code == 200\n"
        "print(webapp.__file__)\n"
    )
    where = run("-c", program, cwd=tmp_path, PYTHONPATH=str(unpacked))
    assert where.startswith(str(unpacked))
