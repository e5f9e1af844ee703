"""Bodies that are taken in while they arrive, by real servers."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ..running import TOP, Server, poll
from .taking_in import SMALL, TEAPOT

MB = 1024**2


@contextmanager
def taking_in(**options: Any) -> Iterator[Server]:
    code = f"from tests.serving import taking_in; taking_in.serve({{port}}, **{options!r})"
    with Server(command=(sys.executable, "-c", code), cwd=TOP, path="/ready") as server:
        yield server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with taking_in() as running:
        yield running


class Client:
    """A connection on which requests are sent in pieces."""

    def __init__(self, server: Server) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), 60)
        self._file = self._socket.makefile("rb")

    def send(self, *lines: str, body: bytes = b"") -> None:
        """A request's head, and as much of its body."""
        self.go_on("\r\n".join([lines[0], "Host: localhost", *lines[1:], "", ""]).encode() + body)

    def go_on(self, content: bytes) -> None:
        self._socket.sendall(content)

    def read(self) -> tuple[int, Any]:
        """Status and content of the next answer."""
        status = self.line()
        head = http.client.parse_headers(self._file)
        content = self._file.read(int(head["Content-Length"]))
        return int(status.split()[1]), (
            json.loads(content) if head["Content-Type"] == "application/json" else content.decode()
        )

    def line(self) -> str:
        return self._file.readline().decode().rstrip("\r\n")

    def is_closed(self) -> bool:
        """Whether the server has closed its side, once all is read."""
        try:
            return self._file.read() == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def client(server: Server) -> closing[Client]:
    return closing(Client(server))


def events(server: Server) -> list[str]:
    with client(server) as asking:
        asking.send("GET /events HTTP/1.1")
        return list(asking.read()[1])


def what_happened(server: Server, path: str) -> list[str]:
    """What was done with the bodies that were sent there, in order."""
    return [event.split()[0] for event in events(server) if event.split()[1] == path]


def wait_for(server: Server, path: str, happened: list[str]) -> None:
    poll(lambda: what_happened(server, path) == happened, f"{happened} of {path}")


# --- how it arrives


def test_a_body_is_taken_in_before_the_application_is_called(server: Server) -> None:
    with client(server) as sender:
        sender.send("PUT /take/%C3%A4 HTTP/1.1", "Content-Length: 6", "X-Said: so", body=b"abc")
        sender.go_on(b"def")
        assert sender.read() == (200, {"read": "", "taken": "abcdef", "length": "6"})
    wait_for(server, "/take/ä", ["PUT", "end", "call", "close"])
    assert "PUT /take/ä 6 so" in events(server)


def test_a_chunked_body_too(server: Server) -> None:
    with client(server) as sender:
        sender.send(
            "PUT /take/chunks HTTP/1.1", "Transfer-Encoding: chunked", body=b"3\r\nabc\r\n3\r"
        )
        sender.go_on(b"\ndef\r\n0\r")
        sender.go_on(b"\n\r\n")
        assert sender.read() == (200, {"read": "", "taken": "abcdef", "length": "6"})
    wait_for(server, "/take/chunks", ["PUT", "end", "call", "close"])
    assert "PUT /take/chunks None None" in events(server)


def test_nobody_is_asked_where_there_is_no_body(server: Server) -> None:
    with client(server) as sender:
        for length in ("", "Content-Length: 0"):
            sender.send("POST /take/none HTTP/1.1", *([length] if length else []))
            assert sender.read()[1]["taken"] is None
    assert what_happened(server, "/take/none") == ["call", "call"]


def test_an_empty_chunked_body_is_one(server: Server) -> None:
    with client(server) as sender:
        sender.send("PUT /take/0 HTTP/1.1", "Transfer-Encoding: chunked", body=b"0\r\n\r\n")
        assert sender.read() == (200, {"read": "", "taken": "", "length": "0"})
    wait_for(server, "/take/0", ["PUT", "end", "call", "close"])


def test_what_nobody_takes_in_goes_to_the_application(server: Server) -> None:
    with client(server) as sender:
        sender.send("POST /other HTTP/1.1", "Content-Length: 3", body=b"abc")
        assert sender.read() == (200, {"read": "abc", "taken": None, "length": "3"})


def test_requests_may_follow_without_a_pause(server: Server) -> None:
    with client(server) as sender:
        one = b"PUT /take/next HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        other = b"POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz"
        sender.go_on((one + other) * 3)
        for _ in range(3):
            assert sender.read() == (200, {"read": "", "taken": "abc", "length": "3"})
            assert sender.read() == (200, {"read": "xyz", "taken": None, "length": "3"})
    all_of_it = sorted(["PUT", "end", "call", "close"] * 3)
    poll(lambda: sorted(what_happened(server, "/take/next")) == all_of_it, "the end of all three")


def test_the_client_is_asked_to_continue(server: Server) -> None:
    with client(server) as sender:
        for _ in range(2):
            sender.send("PUT /take/go HTTP/1.1", "Content-Length: 3", "Expect: 100-continue")
            assert sender.line() == "HTTP/1.1 100 Continue"
            assert sender.line() == ""
            sender.go_on(b"abc")
            assert sender.read() == (200, {"read": "", "taken": "abc", "length": "3"})


def test_the_limit_for_other_bodies_does_not_count(server: Server) -> None:
    with client(server) as sender:
        sender.send("PUT /take/large HTTP/1.1", f"Content-Length: {3 * MB}", body=b"x" * 3 * MB)
        status, said = sender.read()
        assert status == 200
        assert len(said["taken"]) == 3 * MB
        sender.send("PUT /other HTTP/1.1", f"Content-Length: {3 * MB}")
        assert sender.read()[0] == 413


# --- when it does not come whole


@pytest.mark.parametrize("coding", ["Content-Length: 10", "Transfer-Encoding: chunked"])
def test_a_body_of_a_lost_connection_is_abandoned(server: Server, coding: str) -> None:
    path = f"/take/lost/{coding[0]}"
    with client(server) as sender:
        sender.send(f"PUT {path} HTTP/1.1", coding, body=b"3\r\nabc")
    wait_for(server, path, ["PUT", "abandon"])


def test_one_that_stops_sending_is_abandoned() -> None:
    with taking_in(channel_timeout=1, cleanup_interval=1) as server, client(server) as sender:
        sender.send("PUT /take/silent HTTP/1.1", "Content-Length: 10", body=b"abc")
        wait_for(server, "/take/silent", ["PUT", "abandon"])
        assert sender.is_closed()


def test_one_with_broken_chunks_is_abandoned(server: Server) -> None:
    with client(server) as sender:
        sender.send("PUT /take/junk HTTP/1.1", "Transfer-Encoding: chunked", body=b"3\r\nabcdef")
        assert sender.read()[0] == 400
    assert what_happened(server, "/take/junk") == ["PUT", "abandon"]


def test_one_behind_a_refused_request_is_abandoned_or_never_begun(server: Server) -> None:
    with client(server) as sender:
        bad = b"PUT /take/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
        sender.go_on(bad + b"xPUT /take/behind HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        assert sender.read()[0] == 418
        assert sender.is_closed()
    poll(lambda: what_happened(server, "/take/behind") in ([], ["PUT", "abandon"]), "its end")


def test_a_server_that_stops_abandons_what_it_was_receiving() -> None:
    with taking_in() as server, client(server) as sender:
        sender.send("PUT /take/stop HTTP/1.1", "Content-Length: 10", body=b"abc")
        poll(lambda: what_happened(server, "/take/stop") == ["PUT"], "the headers")
        server.stop()
        assert server.output.count("abandon /take/stop 3") == 1
        assert "end /take/stop" not in server.output


def test_a_request_that_began_before_the_server_moved_goes_on() -> None:
    if sys.platform == "win32":
        pytest.skip("nothing is moved there")
    with taking_in() as server:
        with client(server) as sender:
            sender.send("PUT /take/moved HTTP/1.1", "Content-Length: 6", body=b"abc")
            poll(lambda: what_happened(server, "/take/moved") == ["PUT"], "the headers")
            with client(server) as asking:
                asking.send("GET /listen?0.0.0.0 HTTP/1.1")
                assert asking.read() == (200, "0.0.0.0")
            sender.go_on(b"def")
            assert sender.read() == (200, {"read": "", "taken": "abcdef", "length": "6"})
            sender.send("PUT /take/moved HTTP/1.1", "Content-Length: 6", body=b"abc")
        wait_for(server, "/take/moved", ["PUT", "end", "call", "close", "PUT", "abandon"])
        with client(server) as sender:  # by the new listener
            sender.send("PUT /take/new HTTP/1.1", "Content-Length: 3", body=b"abc")
            assert sender.read()[1]["taken"] == "abc"


# --- refusals


@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)])
def test_one_may_be_refused_at_the_headers(server: Server, expect: tuple[str, ...]) -> None:
    with client(server) as sender:
        sender.send("PUT /take/nothing HTTP/1.1", "Content-Length: 10", *expect)
        assert sender.read() == (418, TEAPOT.sentence + "\n")
        assert sender.is_closed()
    assert what_happened(server, "/take/nothing")[-2:] == ["PUT", "abandon"]


def test_one_may_be_refused_while_it_arrives(server: Server) -> None:
    with client(server) as sender:
        sender.send("PUT /take/little HTTP/1.1", f"Content-Length: {2 * SMALL}", body=b"x" * SMALL)
        poll(lambda: what_happened(server, "/take/little") == ["PUT"], "the headers")
        sender.go_on(b"x")
        assert sender.read() == (418, TEAPOT.sentence + "\n")
        assert sender.is_closed()
    assert what_happened(server, "/take/little") == ["PUT", "abandon"]


def test_one_may_be_refused_with_its_last_piece(server: Server) -> None:
    before = len(what_happened(server, "/take/little"))
    with client(server) as sender:
        length = f"Content-Length: {SMALL + 1}"
        sender.send("PUT /take/little HTTP/1.1", length, body=b"x" * (SMALL + 1))
        assert sender.read()[0] == 418
    assert what_happened(server, "/take/little")[before:] == ["PUT", "abandon"]


@pytest.mark.parametrize(
    ("path", "happened"),
    [
        ("/take/unknown", []),
        ("/take/broken", ["PUT", "abandon"]),
        ("/take/broken-end", ["PUT", "end", "close"]),
    ],
)
def test_a_mistake_in_taking_in_is_a_refusal_and_a_line_in_the_log(
    server: Server, path: str, happened: list[str]
) -> None:
    with client(server) as sender:
        sender.send(f"PUT {path} HTTP/1.1", "Content-Length: 3", body=b"abc")
        assert sender.read()[0] == 500
        assert sender.is_closed()
    wait_for(server, path, happened)
    assert "on purpose" in server.output


def test_a_mistake_in_abandoning_harms_nobody(server: Server) -> None:
    with client(server) as sender:
        sender.send("PUT /take/broken-abandon HTTP/1.1", "Content-Length: 10", body=b"abc")
    wait_for(server, "/take/broken-abandon", ["PUT", "abandon"])


def test_the_disks_reserve_counts_for_what_is_taken_in(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(tmp_path)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a file system")
    try:
        with taking_in(spool=str(tmp_path)) as server, client(server) as sender:
            sender.send("PUT /take/room HTTP/1.1", f"Content-Length: {60 * MB}")
            assert sender.read()[0] == 507
            assert what_happened(server, "/take/room") == ["PUT", "abandon"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
