"""Waitress as we set it up, in a real `serve.py`."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ..running import TOP, Server, answers, poll

APPLICATIONS = "tests.serving.applications:"


def other(name: str, *arguments: str) -> Server:
    """A server of one of tests.serving.applications."""
    return Server("--app", APPLICATIONS + name, *arguments, cwd=TOP)


def asked(url: str, body: bytes | None = None) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as answer:
        return json.load(answer)


@pytest.mark.parametrize("length", [0, 1, 8192, 1024**2, 1024**2 + 1, 30 * 1024**2])
def test_a_body_of_any_size_gets_through(length: int) -> None:
    content = bytes(range(256)) * (length // 256) + b"x" * (length % 256)
    with other("body") as server:
        said = asked(server.url, content)
    assert (said["length"], said["sha256"]) == (length, hashlib.sha256(content).hexdigest())


def test_a_body_larger_than_waitress_allows_by_itself_is_not_refused() -> None:
    with other("body") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.putrequest("POST", "/")
        connection.putheader("Content-Length", str(5 * 1024**3))
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        assert connection.sock is not None
        assert connection.sock.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.send(b"x" * 100_000)
        connection.sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.sock.recv(100)  # nothing is said against it
        connection.close()


def test_another_application_has_the_systems_temporary_folder() -> None:
    with other("body") as server:
        assert asked(server.url)["folder"] == tempfile.gettempdir()


def test_as_many_requests_as_threads_are_worked_on_at_once() -> None:
    with other("meet", "--threads", "3") as server, ThreadPoolExecutor(3) as visitors:
        answered = list(visitors.map(lambda _: asked(server.url + "/meet"), range(3)))
    assert len(set(answered)) == 1


def test_the_server_does_not_tell_what_it_is() -> None:
    with other("body") as server, urllib.request.urlopen(server.url) as answer:
        assert answer.headers["Server"] is None


def test_more_connections_than_waitress_takes_by_itself_are_answered() -> None:
    with other("body") as server:
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
        try:
            assert asked(server.url)["length"] == 0
        finally:
            for connection in idle:
                connection.close()


def test_an_error_of_the_application_is_an_answer_and_stays_no_secret_from_the_log() -> None:
    with other("broken") as server:
        with pytest.raises(urllib.error.HTTPError) as refused:
            asked(server.url)
        assert refused.value.code == 500
        assert b"broken on purpose" not in refused.value.read()
        server.wait_for_output("RuntimeError: broken on purpose")


@pytest.mark.skipif(sys.platform == "win32", reason="tests/windows stops it as Windows does")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_it_cleanly(number: signal.Signals) -> None:
    with other("body") as server:
        with socket.create_connection(("127.0.0.1", server.port)):  # and somebody who says nothing
            assert server.signal(number) == 0
        assert not answers(server.port)
        assert "Traceback" not in server.output
        assert server.output.count("\n") == 1


def test_intray_stops_cleanly_and_leaves_its_folder_to_the_next(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for _ in range(2):
        with Server(data=data) as server:
            assert (data / "serve.address").read_text() == server.url + "/"
            assert server.stop() == 0
            assert "Traceback" not in server.output
        assert not (data / "serve.address").exists()


def target(link: Path) -> str:
    """Where a link leads; empty where it has just gone."""
    with contextlib.suppress(OSError):
        return str(link.readlink())
    return ""


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="reads /proc")
def test_large_bodies_are_spooled_inside_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server(data=data) as server:
        folder = Path(f"/proc/{server.process.pid}/fd")
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.putrequest("POST", "/f/homework-3")
        connection.putheader("Content-Length", str(20 * 1024**2))
        connection.endheaders()
        connection.send(b"x" * 10 * 1024**2)

        def spooled() -> bool:
            inside = str(data / "incoming")
            return any(target(link).startswith(inside) for link in folder.iterdir())

        poll(spooled, "a file under data/incoming")
        connection.close()
        poll(lambda: not spooled(), "the file to go with the connection")
    assert list((data / "incoming").iterdir()) == []
