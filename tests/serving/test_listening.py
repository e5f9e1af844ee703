"""A server that is told, while it serves, to listen on other addresses."""

from __future__ import annotations

import http.client
import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..running import TOP, Server, poll

# On Linux every address of 127.0.0.0/8 is this computer's: who listens on 127.0.0.1 alone is not
# reached at this one.
ELSEWHERE = "127.0.0.2"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs 127.0.0.2")


@contextmanager
def moving(host: str = "127.0.0.1", limits: bool = False) -> Iterator[Server]:
    code = f"from tests.serving import moving; moving.serve({host!r}, {{port}}, limits={limits!r})"
    server = Server(command=(sys.executable, "-c", code), cwd=TOP)
    server.start()
    try:
        at = "::1" if host == "::1" else "127.0.0.1"
        poll(lambda: is_reached(server, at), "an answer")
        yield server
    finally:
        server.kill()


def ask(server: Server, path: str, address: str = "127.0.0.1") -> str:
    connection = http.client.HTTPConnection(address, server.port, timeout=60)
    try:
        connection.request("GET", path)
        return str(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


def is_reached(server: Server, address: str) -> bool:
    try:
        return bool(ask(server, "/host", address))
    except ConnectionRefusedError:
        return False


@pytest.mark.parametrize("first", ["127.0.0.1", "localhost", "::1"])
@pytest.mark.parametrize("then", ["0.0.0.0", "::"])
def test_it_listens_there_from_then_on(first: str, then: str) -> None:
    if not socket.has_ipv6 and "::" in first + then:
        pytest.skip("this Python has no IPv6")
    at = "::1" if first == "::1" else "127.0.0.1"
    with moving(first) as server:
        assert not is_reached(server, ELSEWHERE)
        assert ask(server, "/listen?" + then, at) == then
        assert is_reached(server, ELSEWHERE)
        assert is_reached(server, "127.0.0.1")
        assert is_reached(server, "::1") is (then == "::")
        assert ask(server, "/host") == then
        server.wait_for_output(f"now on {then}")
        assert server.output.count(f"now on {then}") == 1


def test_it_can_go_back() -> None:
    with moving() as server:
        for host in ("0.0.0.0", "127.0.0.1", "::", "127.0.0.1"):
            assert ask(server, "/listen?" + host) == host
            assert is_reached(server, ELSEWHERE) is (host != "127.0.0.1")
        server.stop()
        assert "Traceback" not in server.output


def test_requests_in_progress_and_open_connections_go_on() -> None:
    with moving() as server:
        slow, idle = (
            http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(2)
        )
        idle.request("GET", "/host")
        idle.getresponse().read()
        slow.request("GET", "/wait")
        poll(lambda: ask(server, "/waiting") == "1", "the slow request to be worked on")
        half = socket.create_connection(("127.0.0.1", server.port), 60)
        half.sendall(b"GET /host HTTP/1.0\r\n")
        assert ask(server, "/listen?0.0.0.0") == "0.0.0.0"
        half.sendall(b"\r\n")
        assert b"200 OK" in half.recv(1000)
        half.close()
        idle.request("GET", "/host")
        assert json.loads(idle.getresponse().read()) == "0.0.0.0"
        ask(server, "/go", ELSEWHERE)
        assert json.loads(slow.getresponse().read()) == "waited"
        slow.close()
        idle.close()


def test_who_is_in_the_queue_is_served(tmp_path: Path) -> None:
    with moving() as server:
        ask(server, f"/freeze?{tmp_path / 'go'}")  # it accepts nobody until then, and moves at once
        waiting = [socket.create_connection(("127.0.0.1", server.port), 60) for _ in range(20)]
        for connection in waiting:
            connection.sendall(b"GET /nothing HTTP/1.0\r\n\r\n")
        (tmp_path / "go").touch()
        for connection in waiting:
            assert connection.recv(1000).startswith(b"HTTP/1.0 200 OK")
            connection.close()
        poll(lambda: is_reached(server, ELSEWHERE), "it to listen everywhere")


def test_where_it_cannot_listen_it_goes_on_as_it_was() -> None:
    with moving() as server:
        with socket.create_server((ELSEWHERE, server.port)):
            said = ask(server, "/listen?0.0.0.0")
            assert said.startswith(f"Port {server.port} is in use by another program")
            assert ask(server, "/host") == "127.0.0.1"
        assert not is_reached(server, ELSEWHERE)
        assert "now on" not in server.output
        assert ask(server, "/listen?0.0.0.0") == "0.0.0.0"


def test_bodies_are_limited_there_as_well() -> None:
    with moving(limits=True) as server:
        ask(server, "/listen?0.0.0.0")
        connection = http.client.HTTPConnection(ELSEWHERE, server.port, timeout=60)
        connection.putrequest("POST", "/host")
        connection.putheader("Content-Length", str(2 * 1024**2))
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()
