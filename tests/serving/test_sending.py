"""Large answers arrive as they are, take their turns, and no more of them is made than is taken."""

from __future__ import annotations

import hashlib
import http.client
import socket
import sys
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest
from waitress.buffers import OverflowableBuffer, ReadOnlyFileBasedBuffer

from webapp.inbox.ranges import Part
from webapp.serving import sending
from webapp.serving.figures import Figures
from webapp.serving.sending import PIECE, TURN, Sender

from ..running import Server, poll
from . import applications
from .test_server import asked, other

CONTENT = b"".join(applications.PIECES)


@pytest.fixture(scope="module")
def server() -> Any:
    with other("large", "--threads", "3") as running:
        yield running


@pytest.mark.parametrize("path", ["/stream", "/file"])
def test_a_client_that_is_slow_gets_the_same(server: Server, path: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        parts = [answer.read(1_000_000)]
        while part := answer.read(100_000):
            parts.append(part)
            time.sleep(0.001)  # the client is slow
    assert_same(b"".join(parts))


def test_one_answer_follows_the_other(server: Server) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        for path in ("/file", "/stream", "/file", "/made", "/stream"):
            connection.request("GET", path)
            content = connection.getresponse().read()
            if path != "/made":
                assert_same(content)


def test_answers_to_requests_that_came_together(server: Server) -> None:
    """Which is pipelining (RFC 9112, section 9.3.2)."""
    with socket.create_connection(("127.0.0.1", server.port), 60) as client:
        ends = ["", "", "Connection: close\r\n"]
        client.sendall(
            b"".join(f"GET /stream HTTP/1.1\r\nHost: a\r\n{end}\r\n".encode() for end in ends)
        )
        received = bytearray()
        while chunk := client.recv(1 << 20):
            received += chunk
    _, *bodies = received.split(b"\r\n\r\n")
    assert len(bodies) == 3
    for body in bodies:
        assert_same(body[: len(CONTENT)])


def assert_same(content: bytes) -> None:
    assert len(content) == len(CONTENT)
    assert hashlib.sha256(content).digest() == hashlib.sha256(CONTENT).digest()


def test_no_more_is_made_than_the_client_takes(server: Server) -> None:
    """But for what the system keeps for it."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.sock = socket.socket()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sock.settimeout(60)
        connection.sock.connect(("127.0.0.1", server.port))
        connection.request("GET", "/endless")
        answer = connection.getresponse()
        assert answer.status == 200
        taken = 0
        for _ in range(20):
            taken += len(answer.read(1_000_000))
        made = settled(server)
        assert made - taken < 12_000_000
    poll(lambda: settled(server) < made + 20_000_000, "it ends with its client")


IMPATIENT = """
import socket, sys
from tests.serving.applications import large
from webapp.serving import server

server.OPTIONS.update(channel_timeout=1, cleanup_interval=1)
server.serve(large, [socket.create_server(("127.0.0.1", int(sys.argv[1])))], threads=1)
"""


@pytest.mark.parametrize("path", ["/endless", "/file"])
def test_a_client_that_takes_nothing_any_more_is_given_up(path: str) -> None:
    """After two minutes, and here after a second: its thread is free again, or its file closed."""
    command = [sys.executable, "-c", IMPATIENT, "{port}"]
    with (
        Server(command=command) as server,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection,
    ):
        connection.request("GET", path)
        answer = connection.getresponse()
        assert len(answer.read(100)) == 100
        poll(lambda: asked(f"{server.url}/ended") == 1, "it is given up")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            answer.read()


def settled(server: Server) -> int:
    """How much was made, when no more is."""
    seen = [-1, 0]

    def is_same() -> bool:
        time.sleep(0.05)
        seen.append(asked(f"{server.url}/made"))
        return bool(seen[-1] == seen[-2])

    poll(is_same, "the same twice")
    return seen[-1]


class Connection(Sender):
    """A connection whose client takes all that it gets."""

    def __init__(self, *outbufs: Any) -> None:
        self.outbufs = list(outbufs)
        self.total_outbufs_len = sum(buffer.__len__() for buffer in outbufs)
        self.ours, self.theirs = socket.socketpair()
        self.socket = self.ours
        self.received = b""
        self.server = SimpleNamespace(figures=Figures())

    def send(self, data: bytes, do_close: bool = True) -> int:
        self.received += data
        return len(data)

    def close(self) -> None:
        for each in (self.ours, self.theirs, *self.outbufs):
            each.close()


def wrapped(file: BinaryIO | Part) -> ReadOnlyFileBasedBuffer:
    buffer = ReadOnlyFileBasedBuffer(file)
    buffer.prepare()
    return buffer


def test_a_large_file_is_sent_by_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_sendfile", None)
    file = tmp_path / "file"
    file.write_bytes(CONTENT)
    buffers = wrapped(file.open("rb")), OverflowableBuffer(1000)
    with closing(Connection(*buffers)) as connection:
        turns = 0
        while connection.total_outbufs_len:
            before = len(connection.received)
            assert connection._flush_some()
            assert len(connection.received) - before <= TURN + PIECE
            turns += 1
        assert turns >= len(CONTENT) // TURN
        assert_same(connection.received)
        assert len(connection.outbufs) == 1, "the file is still open"
        assert not connection._flush_some()


@pytest.mark.parametrize("error", [OSError(22, "no such thing here"), BrokenPipeError()])
def test_where_the_system_cannot_send_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def fail(*_: int) -> int:
        raise error

    monkeypatch.setattr(sending, "_sendfile", fail)
    with closing(part_of(tmp_path / "file", CONTENT, range(7, 1000))) as connection:
        assert connection._flush_some()
        assert connection.received == CONTENT[7:1000]


def part_of(file: Path, content: bytes, part: range) -> Connection:
    file.write_bytes(content)
    return Connection(wrapped(Part(file.open("rb"), part)), OverflowableBuffer(1))


def test_the_system_sends_the_very_part(tmp_path: Path) -> None:
    if sending._sendfile is None:
        pytest.skip("This system has no sendfile.")
    content = bytes(range(256))
    with closing(part_of(tmp_path / "file", content, range(10, 20))) as connection:
        assert connection._flush_some()
        assert connection.theirs.recv(100) == content[10:20]
        assert connection.received == b""
    with closing(part_of(tmp_path / "file", content, range(10, 20))) as connection:
        (tmp_path / "file").write_bytes(b"short")
        with pytest.raises(OSError, match="became shorter"):
            connection._flush_some()
