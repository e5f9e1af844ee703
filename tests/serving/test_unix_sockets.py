"""A server on a Unix socket: who reaches it, what becomes of its file, and whom it believes."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from webapp.serving import unix_sockets
from webapp.serving.errors import CannotServe

from ..running import TOP, Server, poll, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no Unix sockets in Python there")
ENVIRONMENT = "tests.serving.applications:environment"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(str(self._path))


def asked(path: Path, target: str = "/", **headers: str) -> Any:
    connection = UnixConnection(path)
    try:
        connection.request(
            "GET", target, headers={k.replace("_", "-"): headers[k] for k in headers}
        )
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    return json.loads(text) if text.startswith(("{", "[")) else text


def answers(path: Path) -> bool:
    try:
        asked(path)
    except OSError:
        return False
    return True


class UnixServer(Server):
    def __init__(self, path: Path, *arguments: str | Path, **options: Any) -> None:
        self.socket = path
        command = (sys.executable, TOP / "serve.py", "--socket", path)
        super().__init__(*arguments, command=command, **options)

    def _is_ready(self) -> bool:
        return answers(self.socket)


def test_who_comes_by_it_has_no_address_unless_the_proxy_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    forwarded = {"X_Forwarded_For": "198.51.100.7", "X_Forwarded_Proto": "https"}
    with UnixServer(path, "--app", ENVIRONMENT) as server:
        assert path.stat().st_mode & 0o777 == 0o660
        given = asked(path, **forwarded)
        assert (given["REMOTE_ADDR"], given["wsgi.url_scheme"]) == ("", "http")
        assert given["SERVER_PORT"] == "80"
        assert server.output == f"{ENVIRONMENT} is at unix:{path} - press Ctrl-C to stop.\n"
    assert not path.exists()
    options = ("--trusted-proxy", "10.0.0.1, unix", "--socket-mode", "600")
    with UnixServer(path, "--app", ENVIRONMENT, *options):
        assert path.stat().st_mode & 0o777 == 0o600
        given = asked(path, **forwarded)
        assert (given["REMOTE_ADDR"], given["wsgi.url_scheme"]) == ("198.51.100.7", "https")


def test_intray_on_it(tmp_path: Path) -> None:
    data, path = tmp_path / "data", tmp_path / "a.sock"
    options = ("--access-log", "access.log", "--processes", "2")
    with UnixServer(path, *options, data=data) as server:
        assert asked(path, "/index") == "Hello World!"
        assert "Set Intray up: /setup?key=" in server.output
        assert "Say --public-url as well" in server.output
        log = data / "logs"
        poll(lambda: any("GET /index" in x.read_text() for x in log.iterdir()), "a line")
        line = next(x for p in log.iterdir() for x in p.read_text().splitlines() if "/index" in x)
        assert line.startswith("- - - [")
        again = run("serve.py", "--socket", path, data=data)
        assert again.stderr == f"Intray already runs on this data folder at unix:{path}.\n"
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_output("Intray is at")
        assert asked(path, "/index") == "Hello World!"
        assert server.stop() == 0
    assert not path.exists()


def test_a_request_in_flight_is_answered_before_it_stops(tmp_path: Path) -> None:
    path, may_go = tmp_path / "a.sock", tmp_path / "go"
    with UnixServer(path, "--app", "tests.serving.applications:slow") as server:
        connection = UnixConnection(path)
        connection.request("GET", f"/slow?{may_go}")
        poll(may_go.with_suffix(".begun").exists, "the request")
        server.process.send_signal(signal.SIGTERM)
        poll(lambda: not answers(path), "a closed door")
        may_go.touch()
        assert connection.getresponse().status == 200
        connection.close()
        assert server.wait() == 0


def test_one_that_was_left_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with UnixServer(path, "--app", ENVIRONMENT) as server:
        server.kill()
        assert path.is_socket()
        with UnixServer(path, "--app", ENVIRONMENT):
            done = run("serve.py", "--app", ENVIRONMENT, "--socket", path)
            assert done.returncode == 2
            assert done.stderr.startswith(f"The socket {path} is in use by another program: ")
            assert answers(path)


def test_one_in_whose_queue_is_no_room_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as other, socket.socket(socket.AF_UNIX) as waiting:
        other.bind(str(path))
        other.listen(0)
        waiting.connect(str(path))
        with pytest.raises(CannotServe, match="in use"), unix_sockets.listening(str(path), 0o660):
            pass
    assert path.is_socket()


def test_one_of_another_kind_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(path))
        with pytest.raises(CannotServe, match="in use"), unix_sockets.listening(str(path), 0o660):
            pass


def test_the_socket_of_the_next_server_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with unix_sockets.listening(str(path), 0o660) as (ours,):
        ours.close()
        with unix_sockets.listening(str(path), 0o660):
            os.utime(path)  # which comes at once otherwise, and may be given the same number
            identity = path.stat().st_ino
        assert not path.exists() or path.stat().st_ino == identity


def test_no_other_file_is_ever_replaced(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("mine")
    link.symlink_to(tmp_path / "nowhere.sock")
    for path in (file, link, tmp_path):
        done = run("serve.py", "--app", ENVIRONMENT, "--socket", path)
        sentence = f"{path} is no socket, and stays: choose another --socket.\n"
        assert (done.returncode, done.stderr) == (2, sentence)
    assert file.read_text() == "mine"
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/a.sock", "The socket {path} cannot be made: No such file or directory.\n"),
        (
            "x" * 110,
            "The path {path} is too long for a socket: choose a shorter one with --socket.\n",
        ),
    ],
)
def test_what_cannot_be_made_is_one_sentence(tmp_path: Path, name: str, reason: str) -> None:
    done = run("serve.py", "--app", ENVIRONMENT, "--socket", tmp_path / name)
    assert (done.returncode, done.stderr) == (2, reason.format(path=tmp_path / name))


def test_dev_and_bad_permissions_are_one_sentence(tmp_path: Path) -> None:
    done = run("serve.py", "--dev", "--socket", tmp_path / "a.sock")
    assert done.stderr == "--dev listens on a port: start it without --socket, and by hand.\n"
    done = run("serve.py", "--socket-mode", "432")
    sentence = "must be permissions in three octal digits, such as 660 or 666.\n"
    assert done.stderr == f"--socket-mode is '432', but {sentence}"
