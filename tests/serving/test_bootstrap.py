"""Starts on a machine that has nothing but Python: installed once, mended when interrupted or old.

All with the real pip. Only the last test needs the internet.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import skip_or_fail
from ..running import TOP, Server, poll, run
from .small_project import SmallProject, make_bare_python, python_in

VERSION = "Intray 0.1.0\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="with signals of POSIX")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[SmallProject]:
    project = SmallProject(tmp_path)
    yield project
    project.let_go()


def setting_up(project: SmallProject) -> str:
    return f"Setting up Intray in {project.venv}; this is done once and takes about a minute.\n"


def installing(project: SmallProject) -> str:
    return setting_up(project).replace("Setting up Intray", "Installing what Intray needs now")


def assert_starts(project: SmallProject, *, saying: str = "") -> None:
    done = project.start()
    assert (done.stdout, done.stderr, done.returncode) == (VERSION, saying, 0)


def sentence_of(done: subprocess.CompletedProcess[str], *, after: str = "") -> str:
    """The one sentence of a start that gave up; all that was printed, where it is more than that."""
    said = done.stderr.removeprefix(after)
    one = done.returncode == 1 and re.fullmatch(r"[^\n]+\n", said)
    return said if one else f"{done.returncode}: {done.stdout}{done.stderr}"


def test_a_first_start_says_in_one_line_what_it_does_and_goes_on(project: SmallProject) -> None:
    assert_starts(project, saying=setting_up(project))
    assert_starts(project)
    refused = project.start("serve.py", "--port", "x")  # arguments and exit code are passed on
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("--port is 'x', but must be ")
    assert sorted(path.name for path in project.top.iterdir() if path.name.startswith(".v")) == [
        ".venv",
        ".venv.lock",
    ]


def test_commands_and_tests_share_it(project: SmallProject) -> None:
    command = project.start("-B", "-m", "webapp", "user", "list")
    assert command.stdout == f"command user list {project.venv} 1\n"
    assert (command.stderr, command.returncode) == (setting_up(project), 7)
    tests = project.start("-m", "tests", "-k", "name")  # has one more dependency than that
    assert tests.stdout == "pytest -n auto -k name\n"
    assert (tests.stderr, tests.returncode) == (installing(project), 5)
    assert project.start("-m", "tests", "-n0").stdout == "pytest -n0\n"
    assert_starts(project)


def test_where_all_is_there_it_just_starts(project: SmallProject) -> None:
    assert_starts(project, saying=setting_up(project))
    shutil.copytree(project.top, other := project.top.with_name("other"), symlinks=True)
    shutil.rmtree(other / ".venv")
    done = run("serve.py", "--version", python=str(python_in(project.venv)), top=other)
    assert (done.stdout, done.stderr) == (VERSION, "")
    assert not (other / ".venv").exists()


def test_an_installed_package_is_left_alone(project: SmallProject) -> None:
    (project.top / "setup.cfg").unlink()
    assert_starts(project)
    assert not project.venv.exists()


def test_a_new_dependency_is_installed_into_what_is_there(project: SmallProject) -> None:
    assert_starts(project, saying=setting_up(project))
    kept = project.venv / "kept"
    kept.touch()
    project.offer("newer", "2.0", "")
    project.require("newer>=2")
    assert_starts(project, saying=installing(project))
    assert_starts(project)
    assert kept.exists()


def test_a_newer_version_is_installed_by_the_python_of_the_environment_itself(
    project: SmallProject,
) -> None:
    assert_starts(project, saying=setting_up(project))
    project.offer("small", "1.5", "")
    project.require("small>=1.2")
    done = project.start(python=str(python_in(project.venv)))
    assert (done.stdout, done.stderr) == (VERSION, installing(project))
    assert_starts(project)


@pytest.mark.parametrize("name", ["python", "folder"])
def test_an_environment_of_another_python_or_folder_is_made_anew(
    project: SmallProject, name: str
) -> None:
    assert_starts(project, saying=setting_up(project))
    if name == "folder":
        project.top = project.top.rename(project.top.with_name("moved"))
        project.venv = project.top / ".venv"
    else:
        note = project.venv / "intray.json"
        note.write_text(json.dumps({**json.loads(note.read_text()), "python": "cpython-310"}))
    (project.venv / "old").touch()
    assert_starts(project, saying=setting_up(project))
    assert not (project.venv / "old").exists()


@pytest.mark.parametrize("left", ["nothing", "junk", "damaged note"])
def test_what_is_no_environment_is_made_one(project: SmallProject, left: str) -> None:
    project.venv.mkdir()
    if left == "junk":
        (project.venv / "lib").mkdir()
        (project.venv / "lib" / "junk").touch()
    if left == "damaged note":
        (project.venv / "intray.json").write_text("{")
    assert_starts(project, saying=setting_up(project))
    assert not (project.venv / "lib" / "junk").exists()


def test_an_environment_that_somebody_made_by_hand_is_kept(project: SmallProject) -> None:
    subprocess.run([project.python, "-m", "venv", str(project.venv)], check=True)
    (project.venv / "mine").touch()
    assert_starts(project, saying=installing(project))
    assert (project.venv / "mine").exists()


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_an_interrupted_installation_is_done_over(project: SmallProject, name: str) -> None:
    project.hold_installation()
    server = held_start(project)
    os.killpg(server.process.pid, signal.Signals[name])  # as a terminal does it, and a power cut
    code = server.wait()
    server.kill()
    if name == "SIGINT":
        said = "Setting up was interrupted; the next start does it over.\n"
        assert (code, server.output) == (130, setting_up(project) + said)
    project.let_go()
    assert_starts(project, saying=setting_up(project))
    assert_starts(project)


def held_start(project: SmallProject) -> Server:
    """A start whose installation waits in the middle."""
    server = another_start(project)
    project.wait_until_held()
    return server


def another_start(project: SmallProject) -> Server:
    command = (project.python, project.top / "serve.py", "--version")
    server = Server(command=command, cwd=project.top, environ=project.environ())
    server.start()
    return server


def test_two_starts_at_once_install_once(project: SmallProject) -> None:
    project.hold_installation()
    first = held_start(project)
    second = another_start(project)
    waiting = f"Another start is setting up {project.venv}; waiting for it.\n"
    second.wait_for_output(waiting)
    project.let_go()
    assert (first.wait(), first.output) == (0, setting_up(project) + VERSION)
    assert (second.wait(), second.output) == (0, waiting + VERSION)
    assert project.installations() == 1
    first.kill()
    second.kill()


@posix
def test_the_pip_of_a_killed_start_is_waited_for(project: SmallProject) -> None:
    project.hold_installation()
    first = held_start(project)
    first.process.kill()  # it alone: its pip goes on, and has the lock
    second = another_start(project)
    second.wait_for_output("waiting for it.\n")
    project.let_go()
    assert second.wait() == 0
    assert second.output.endswith(setting_up(project) + VERSION)
    first.kill()
    second.kill()


def test_without_the_internet_it_says_so_and_the_next_start_heals(project: SmallProject) -> None:
    offline = {
        "PIP_NO_INDEX": "0",
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "0",
    }
    done = project.start(**offline)
    log = project.venv / "install.log"
    assert sentence_of(done, after=setting_up(project)) == (
        f"Intray could not set itself up in {project.venv}: its parts come from PyPI, so this "
        f"needs the internet once; what went wrong is told at the end of {log}.\n"
    )
    assert "127.0.0.1" in log.read_text()
    assert_starts(project, saying=setting_up(project))


def test_what_vanished_from_the_environment_is_said_rather_than_sought_for_ever(
    project: SmallProject,
) -> None:
    assert_starts(project, saying=setting_up(project))
    for metadata in project.venv.rglob("small-1.0.dist-info"):
        shutil.rmtree(metadata)
    assert sentence_of(project.start()) == (
        f"{project.venv} was set up, yet lacks small: remove that folder, start again.\n"
    )


def test_an_environment_that_leads_back_to_the_old_python_is_said(project: SmallProject) -> None:
    assert_starts(project, saying=setting_up(project))
    (project.venv / "pyvenv.cfg").unlink()
    assert sentence_of(project.start()).startswith(f"{project.venv} was set up, yet lacks small")


def without(name: str, place: Path) -> str:
    """A folder for PYTHONPATH with which Python has no such module, as Debian leaves them out."""
    place.mkdir()
    (place / f"{name}.py").write_text(
        f'raise ModuleNotFoundError("No module named {name}", name="{name}")'
    )
    return str(place)


@pytest.mark.parametrize("name", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_where_there_is_one(
    project: SmallProject, tmp_path: Path, name: str
) -> None:
    done = project.start(PYTHONPATH=without(name, tmp_path / "without"))
    assert re.match(rf"This Python( \(.+\))? lacks {name}[,;] .+\n$", sentence_of(done))
    assert not project.venv.exists()
    assert_starts(project, saying=setting_up(project))


@pytest.mark.skipif(
    not Path("/etc/debian_version").exists(), reason="the line is for Debian and its relatives"
)
def test_debian_is_given_the_line_to_type(project: SmallProject, tmp_path: Path) -> None:
    python = next((path for path in sorted(Path("/usr/bin").glob("python3.[1-9][0-9]"))), None)
    if python is None or int(python.name.removeprefix("python3.")) < 11:
        pytest.skip("there is no Python of Debian's that is new enough")
    done = project.start(python=str(python), PYTHONPATH=without("ensurepip", tmp_path / "without"))
    assert sentence_of(done) == (
        "This Python lacks ensurepip; install it and start again: "
        f"sudo apt install {python.name}-venv\n"
    )


@pytest.mark.parametrize("in_the_way", [".venv", ".venv.lock"])
def test_a_folder_that_cannot_be_written_is_said(project: SmallProject, in_the_way: str) -> None:
    said_before = ""
    if in_the_way == ".venv":
        project.venv.write_text("a file")
        said_before = setting_up(project)
    else:
        (project.top / ".venv.lock").mkdir()
    sentence = sentence_of(project.start(), after=said_before)
    assert sentence.startswith(f"Intray cannot set itself up in {project.top} (")
    assert sentence.endswith("): put it into a folder that you may write to.\n")


def test_the_real_thing_installs_itself_and_serves(tmp_path: Path) -> None:
    top = tmp_path / "intray"
    copy_of_the_project(top)
    python = make_bare_python(tmp_path / "bare")
    first = run("serve.py", "--version", python=str(python), top=top)
    if first.returncode:
        log = top / ".venv" / "install.log"
        skip_or_fail("network", log.read_text()[-500:] if log.exists() else first.stderr)
    command = (python, top / "serve.py", "--port", "{port}")
    with Server(command=command, cwd=tmp_path, environ={"PYTHONPATH": ""}) as server:
        first, second = server.output.splitlines()
        assert first == f"Intray is at {server.url}/ - press Ctrl-C to stop."
        assert second.startswith(f"Set Intray up: {server.url}/setup?key=")
        with urllib.request.urlopen(server.url + "/index") as answer:
            assert answer.read() == b"Hello World!"
        assert server.stop() == 0
    assert (top / "data" / "intray.db").is_file()
    poll(lambda: not (top / "data" / "serve.address").exists(), "a clean end")


def copy_of_the_project(top: Path) -> None:
    top.mkdir()
    for name in ("serve.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(TOP / name, top)
    shutil.copytree(TOP / "webapp", top / "webapp", ignore=shutil.ignore_patterns("__pycache__"))
