"""`serve.py` on the Windows Python: sockets, locks, handing over and stopping as Windows has them.

What Wine cannot show: a real console (its Ctrl-C and Ctrl-Break to a whole group, its code page, the
window of a double-click), `venv` and pip, OneDrive and shares. The rules behind them are tested as
pure functions under tests/serving.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ..running import TOP, WINDOWS_PYTHON, Server, free_port, poll, run
from ..serving.small_project import SmallProject

pytestmark = pytest.mark.windows
APPLICATIONS = "tests.serving.applications:"


def on_windows(*arguments: str, **options: Any) -> Server:
    return Server(*arguments, python=WINDOWS_PYTHON, **options)


def other(name: str, *arguments: str, **options: Any) -> Server:
    """A server of one of tests.serving.applications."""
    return on_windows("--app", APPLICATIONS + name, *arguments, cwd=TOP, **options)


def asked(url: str, body: bytes | None = None) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as answer:
        return json.load(answer)


def serve(*arguments: str, **options: Any) -> tuple[int, str]:
    """Exit code and all output of a start that ends by itself."""
    done = run("serve.py", *arguments, python=WINDOWS_PYTHON, **options)
    return done.returncode, done.stdout + done.stderr


def test_intray_starts_once_on_a_data_folder_and_stops_cleanly(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with on_windows(data=data) as server:
        server.wait_for_output("Set Intray up: ")
        assert re.fullmatch(
            rf"Intray is at {server.url}/ - press Ctrl-C to stop.\n"
            r"On Windows it holds up to 480 connections at once.\n"
            rf"Set Intray up: {server.url}/setup\?key=\S+\n",
            server.output,
        )
        with urllib.request.urlopen(server.url + "/index") as answer:
            assert answer.read() == b"Hello World!"
        sentence = f"Intray already runs on this data folder at {server.url}/.\n"
        assert serve("--port", str(free_port()), data=data) == (2, sentence)
        assert serve("--port", str(server.port), data=data) == (2, sentence)
        assert server.stop() == 0
        assert "Traceback" not in server.output
    assert not (data / "serve.address").exists()
    with on_windows(data=data) as server:
        server.kill()
    with on_windows(data=data):
        pass


def test_a_port_is_never_shared(tmp_path: Path) -> None:
    with other("body") as server:
        for host in ("127.0.0.1", "0.0.0.0"):
            said = serve("--port", str(server.port), "--host", host, data=tmp_path / "data")
            sentence = f"Port {server.port} is in use by another program: choose another one with"
            assert said == (2, sentence + " --port.\n")
    assert list(tmp_path.iterdir()) == []


def test_another_application_is_served_without_flask() -> None:
    with other("modules") as server:
        loaded = {name.partition(".")[0] for name in asked(server.url)}
    assert "waitress" in loaded
    assert loaded.isdisjoint({"flask", "sqlalchemy", "werkzeug"})


def test_large_bodies_get_through() -> None:
    content = os.urandom(1024) * 10 * 1024
    with other("body") as server:
        said = asked(server.url, content)
    assert (said["length"], said["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_few_hundred_connections_are_held() -> None:
    with other("body") as server:
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(470)]
        try:
            assert asked(server.url)["length"] == 0
        finally:
            for connection in idle:
                connection.close()


def test_ctrl_break_stops_it_cleanly() -> None:
    with other("ctrl_break") as server:
        assert asked(server.url + "/break") == "sent"
        assert server.wait() == 0
        assert "Traceback" not in server.output


@pytest.mark.parametrize(("encoding", "picture"), [("cp1252", False), ("utf-8", True)])
def test_the_network_address_is_shown_with_what_the_console_has(
    encoding: str, picture: bool
) -> None:
    environ = {"PYTHONIOENCODING": encoding}
    with other("body", "--host", "0.0.0.0", environ=environ) as server:
        named = re.findall(r"^Others in your network open (http://\S+/)$", server.output, re.M)
        for url in named:
            assert asked(url)["length"] == 0
        assert ("▄▄▄▄▄" in server.output) is (picture and bool(named))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "x"], "--port is 'x', but must be a whole number from 1 to 65535."),
        (["--prot", "80"], "Unrecognized arguments: --prot 80; --help lists the options."),
        (["--host", "no-such-host.invalid"], "There is no host no-such-host.invalid: choose an "),
        (["--dev", "--host", "::"], "--dev lets whoever reaches it run programs here, so it "),
    ],
)
def test_a_bad_start_is_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    code, output = serve(*arguments, data=tmp_path / "data")
    assert (code, output.count("\n")) == (2, 1)
    assert output.startswith(sentence)
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    code, output = serve("--port", str(free_port()), data=tmp_path / "file" / "data")
    assert (code, output.count("\n")) == (2, 1)
    assert re.match(r"The data folder Z:\\.+\\data cannot be written: .+\.$", output)


def test_dev_answers(tmp_path: Path) -> None:
    with on_windows("--dev", data=tmp_path / "data", path="/index") as server:
        server.wait_for_output("Debugger is active!")
        both = processes_with(f"--port {server.port} ")
        assert len(both) == 2
        for process in both:  # as a console does it
            os.kill(process, signal.SIGINT)
        assert server.wait() == 0


def processes_with(text: str) -> list[int]:
    """The ids on this machine of Windows' processes that have the text in their command line."""
    processes = subprocess.check_output(["ps", "-ww", "-eo", "pid=,args="], text=True).splitlines()
    named = [line.split(None, 1) for line in processes]
    return [int(pid) for pid, args in named if text in args + " " and "python.exe" in args]


def test_locks_exclude_processes_and_go_with_them(tmp_path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from webapp.locks import FileLock;"
        "lock = FileLock(Path(sys.argv[1])); print(lock.acquire(1), flush=True);"
        "import time; time.sleep(60 if sys.argv[2] == 'hold' else 0)"
    )
    path = tmp_path / "lock"
    path.write_text("content")

    def take() -> str:
        done = run("-c", holder, path, "go", python=WINDOWS_PYTHON)
        return (done.stdout + done.stderr).strip()

    first = Server(command=(WINDOWS_PYTHON, "-c", holder, path, "hold"), python=WINDOWS_PYTHON)
    first.start()
    first.wait_for_output("True")
    assert take() == "False"
    assert path.read_text() == "content"
    first.kill()
    assert take() == "True"


# --- handing over to the Python in `.venv`


@pytest.fixture
def project(tmp_path: Path) -> SmallProject:
    """A checkout that needs the distribution `small`, which the Windows Python does not have."""
    return SmallProject(tmp_path)


def make_environment(project: SmallProject) -> None:
    """A `.venv` as the bootstrap would have made it, had the Windows Python `venv` and pip: a copy of
    that Python in which `small` is installed."""
    home = Path(windows("import sys; print(sys.prefix)").replace("\\", "/").removeprefix("Z:"))
    scripts = project.venv / "Scripts"
    packages = scripts / "Lib" / "site-packages"
    packages.mkdir(parents=True)
    for entry in home.iterdir():
        if entry.name != "Lib":
            (scripts / entry.name).symlink_to(entry)
    (packages / "small-1.0.dist-info").mkdir()
    (packages / "small.py").write_text("")
    note = {
        "finished": True,
        "extras": [],
        "setup.cfg": hashlib.sha256((project.top / "setup.cfg").read_bytes()).hexdigest(),
        "python": "cpython-311 win-amd64",
        "folder": windows_path(project.top),
    }
    (project.venv / "intray.json").write_text(json.dumps(note))


def windows_path(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")


def windows(code: str) -> str:
    done = run("-c", code, python=WINDOWS_PYTHON)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


COMMANDS = """
import ctypes, os, sys, time

def main(arguments):
    import small
    print("child", *arguments, "in", os.path.basename(sys.prefix), flush=True)
    if arguments[0] == "wait":
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            print("child was interrupted", flush=True)
            return 3
    ctypes.WinDLL("kernel32").ExitProcess(int(arguments[0]))
"""


@pytest.fixture
def handing_over(project: SmallProject) -> SmallProject:
    """A project whose `python -m webapp CODE` exits with that code, in the Python of `.venv`."""
    make_environment(project)
    (project.top / "webapp" / "commands.py").write_text(COMMANDS)
    return project


@pytest.mark.parametrize("code", [0, 7, 0xC000013A])
def test_the_python_in_venv_gets_the_arguments_and_gives_the_exit_code(
    handing_over: SmallProject, code: int
) -> None:
    done = run("-m", "webapp", str(code), python=WINDOWS_PYTHON, top=handing_over.top)
    assert done.stdout.split() == ["child", str(code), "in", "Scripts"]
    assert done.stderr == ""
    assert done.returncode == code % 256  # all that Linux shows of it


@contextmanager
def waiting(project: SmallProject) -> Iterator[tuple[Server, int]]:
    """A parent that waits for its child, and the child's process id on this machine."""
    command = (WINDOWS_PYTHON, "-m", "webapp", "wait")
    server = Server(command=command, python=WINDOWS_PYTHON, cwd=project.top)
    server.start()
    try:
        server.wait_for_output("child wait")
        (child,) = processes_with(windows_path(project.venv / "Scripts" / "python.exe"))
        yield server, child
    finally:
        server.kill()


def test_the_child_answers_ctrl_c_and_the_parent_ends_as_it_ends(
    handing_over: SmallProject,
) -> None:
    with waiting(handing_over) as (server, child):
        server.process.send_signal(signal.SIGINT)  # a console sends it to both
        os.kill(child, signal.SIGINT)
        assert server.wait() == 3
        assert "child was interrupted" in server.output
        assert "Traceback" not in server.output


def test_the_child_does_not_outlive_its_parent(handing_over: SmallProject) -> None:
    with waiting(handing_over) as (server, child):
        server.process.kill()
        poll(lambda: not Path(f"/proc/{child}/cmdline").exists(), "the end of the child")


def test_a_python_without_venv_is_told_where_there_is_one(project: SmallProject) -> None:
    done = run("serve.py", "--version", python=WINDOWS_PYTHON, top=project.top)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(
        r"This Python \(Z:.+python\.exe\) lacks venv, which comes with every Python from "
        r"https://www\.python\.org/downloads/\.\n",
        done.stderr,
    )
    assert not project.venv.exists()
