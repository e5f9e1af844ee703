"""What systemd gives to a service, and what it is told by one: with its own parts where they are there."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..conftest import skip_or_fail
from ..running import TOP, Server, free_port, run
from .test_unix_sockets import asked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd is Linux's")
SLOW = "tests.serving.applications:slow"

# As systemd does: the descriptors from 3 on, and for whom they are.
ACTIVATE = """
import os, socket, sys
opened = []
for place in sys.argv[1].split():
    kind, _, where = place.partition(":")
    one = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET)
    one.bind(where if kind == "unix" else ("127.0.0.1", int(where)))
    if kind != "silent":
        one.listen()
    opened.append(os.dup2(one.fileno(), 100 + len(opened)))
for at, each in enumerate(opened):
    os.dup2(each, 3 + at)
os.closerange(3 + len(opened), 200)
keeper = os.environ.pop("KEEPER", "")
if keeper:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.connect(keeper)
        socket.send_fds(to, [b"!"], range(3, 3 + len(opened)))
os.environ.update(LISTEN_FDS=str(len(opened)), LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def activated(places: str, *arguments: str | Path, **options: Any) -> Server:
    """A server that is given sockets, such as `tcp:{port} unix:/run/a.sock`."""
    command = (sys.executable, "-c", ACTIVATE, places, sys.executable, TOP / "serve.py")
    return Server(*arguments, command=command, **options)


class Notices:
    """A datagram socket as systemd has."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(60)

    def __enter__(self) -> Notices:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def next(self) -> dict[str, str]:
        lines = self._socket.recv(4096).decode().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture(params=["file", "abstract"])
def notices(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Notices]:
    if request.param == "abstract" and sys.platform != "linux":
        pytest.skip("abstract names are Linux's")
    address = f"@{tmp_path}" if request.param == "abstract" else str(tmp_path / "notify")
    with Notices(address) as found:
        yield found


def test_it_takes_the_sockets_that_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    options = ("--app", SLOW, "--port", "1", "--processes", "2")
    with activated(f"tcp:{{port}} unix:{path}", *options, path="/") as server:
        assert server.output == f"{SLOW} is at {server.url}/ - press Ctrl-C to stop.\n"
        assert asked(path)[1] is True
        assert server.stop() == 0
    assert path.is_socket()  # whose it is, removes it


@pytest.mark.parametrize("processes", ["1", "2"])
def test_given_sockets_are_left_as_they_were(processes: str, tmp_path: Path) -> None:
    """systemd goes on listening, and starts it again for who comes next."""
    path, keeper = tmp_path / "a.sock", tmp_path / "keeper"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as keeping:
        keeping.bind(str(keeper))
        options = ("--app", SLOW, "--port", "1", "--processes", processes)
        environ = {"KEEPER": str(keeper)}
        places = f"tcp:{{port}} unix:{path}"
        with activated(places, *options, path="/", environ=environ) as server:
            _, kept, _, _ = socket.recv_fds(keeping, 1, 2)
            assert server.stop() == 0
    for descriptor in kept:
        with socket.socket(fileno=descriptor) as listener, socket.socket(listener.family) as client:
            client.settimeout(5)
            client.connect(listener.getsockname())
            listener.settimeout(5)
            listener.accept()[0].close()


def test_intray_on_a_given_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    server = activated(f"unix:{path}", data=tmp_path / "data")
    server.start()
    try:
        server.wait_for_output(f"Intray is at unix:{path} - press")
        assert asked(path, "/index") == "Hello World!"
        assert server.stop() == 0
    finally:
        server.kill()


def test_what_does_not_listen_is_one_sentence() -> None:
    server = activated("silent:{port}", "--app", SLOW)
    server.start()
    assert server.wait() == 2
    assert server.output == (
        "Descriptor 3, which LISTEN_FDS tells of, is no socket that listens: give it ListenStream= "
        "with Accept=no.\n"
    )


def test_what_was_given_to_another_process_is_not_taken() -> None:
    environ = {"LISTEN_FDS": "1", "LISTEN_PID": "1"}
    with Server("--app", SLOW, environ=environ, path="/") as server:
        assert server.stop() == 0


def test_the_manager_of_one_process_is_told(notices: Notices, tmp_path: Path) -> None:
    environ = {"NOTIFY_SOCKET": notices.address}
    with Server(data=tmp_path / "data", environ=environ) as server:
        told = notices.next()
        assert told["READY"] == "1"
        assert told["STATUS"].startswith(f"At {server.url}/, for up to ")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_output("One process cannot be replaced")
        server.process.send_signal(signal.SIGTERM)
        assert notices.next() == {"STOPPING": "1"}
        assert server.wait() == 0


def test_the_manager_of_several_processes_is_told(notices: Notices, tmp_path: Path) -> None:
    module = tmp_path / "shop.py"
    code = "import os\ndef application(environ, start_response):\n"
    code += "    start_response('200 OK', [])\n"
    code += "    return [b'seen' if 'NOTIFY_SOCKET' in os.environ else b'unseen']\n"
    module.write_text(code, encoding="utf-8")
    options = ("--app", "shop:application", "--processes", "2")
    environ = {"NOTIFY_SOCKET": notices.address}
    with Server(*options, environ=environ, cwd=tmp_path) as server:
        assert notices.next()["READY"] == "1"
        with urllib.request.urlopen(server.url, timeout=60) as answer:
            assert answer.read() == b"unseen"
        server.process.send_signal(signal.SIGHUP)
        told = notices.next()
        assert told["RELOADING"] == "1"
        assert told["MONOTONIC_USEC"].isdecimal()
        assert notices.next()["STATUS"].startswith(f"At {server.url}/, for up to ")
        module.write_text("raise ValueError('a mistake')\n", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        assert notices.next()["RELOADING"] == "1"
        told = notices.next()
        assert told["READY"] == "1"
        assert "those that run go on" in told["STATUS"]
        server.process.send_signal(signal.SIGTERM)
        assert notices.next() == {"STOPPING": "1"}
        assert server.wait() == 0


def test_a_manager_that_is_gone_keeps_nobody_from_serving(tmp_path: Path) -> None:
    environ = {"NOTIFY_SOCKET": str(tmp_path / "gone")}
    with Server("--app", SLOW, environ=environ, path="/") as server:
        assert server.stop() == 0


def test_systemds_own_program_starts_it(tmp_path: Path) -> None:
    program = shutil.which("systemd-socket-activate")
    if program is None:
        skip_or_fail("systemd", "systemd is missing: apt-get install systemd")
        return
    port = free_port()
    # it hands on no environment of ours
    serve = (sys.executable, TOP / "serve.py", "--data", tmp_path / "data")
    command = (program, "-l", f"127.0.0.1:{port}", *serve)
    with Server(command=command, port=port) as server:
        assert f"Intray is at {server.url}/ - press Ctrl-C to stop.\n" in server.output
        assert server.stop() == 0


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        skip_or_fail("systemd", "systemd is missing: apt-get install systemd")
        return
    for name, options in {
        "a": ["--host", "0.0.0.0", "--port", "81"],
        "b": ["--socket", "/run/b/b.sock", "--processes", "2"],
    }.items():
        for kind, suffix in (("systemd", "service"), ("systemd-socket", "socket")):
            done = run("serve.py", "--print-service", kind, "--data", tmp_path / "data", *options)
            assert done.returncode == 0, done.stderr
            (tmp_path / f"{name}.{suffix}").write_text(done.stdout, encoding="utf-8")
        units = [tmp_path / f"{name}.service", tmp_path / f"{name}.socket"]
        checked = subprocess.run(
            [program, "verify", "--man=no", *units], capture_output=True, text=True, check=False
        )
        found = [x for x in checked.stderr.splitlines() if f"{name}.s" in x]
        assert (checked.returncode, found) == (0, []), checked.stderr
    assert "ListenStream=0.0.0.0:81\n" in (tmp_path / "a.socket").read_text()
    assert "ExecReload" not in (tmp_path / "a.service").read_text()
    assert "ListenStream=/run/b/b.sock\nSocketMode=0660\n" in (tmp_path / "b.socket").read_text()
    assert "ExecReload=/bin/kill -HUP $MAINPID\n" in (tmp_path / "b.service").read_text()
