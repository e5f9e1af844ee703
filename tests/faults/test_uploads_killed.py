"""A server killed again and again while it receives a large file: the file arrives, and is right.

`python -m tests --slow tests/faults/test_uploads_killed.py` kills it 50 times during 200 MB.
"""

from __future__ import annotations

import http.client
import random
import socket
from pathlib import Path

import pytest

from webapp.failpoints import EXIT_CODE

from ..running import Server, poll
from ..uploads.sending import (
    FIELD,
    SLUG,
    assert_handed_in,
    client_of,
    content_of,
    import_forms,
    left_over,
)
from ..uploads.tus_client import STREAM, VERSION, Refused, TusClient, checksum, id_of

MB = 1024**2


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    import_forms(data)
    return data


@pytest.mark.parametrize(
    ("kills", "size"),
    [
        (8, 40 * MB),
        pytest.param(50, 200 * MB, marks=[pytest.mark.slow, pytest.mark.timeout(1800)]),
    ],
)
def test_killed_at_random_moments_of_a_large_upload(data: Path, kills: int, size: int) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    killing = Killing(data, content_of(size, seed), random.Random(seed))
    killing.begin()
    for left in range(kills, 0, -1):
        killing.send_some_and_kill(size // (kills + 1), left)
    killing.send_the_rest_and_hand_in()


class Killing:
    """One upload, through servers that come and go on the same data folder and port."""

    def __init__(self, data: Path, content: bytes, chance: random.Random) -> None:
        self._data = data
        self._content = content
        self._chance = chance
        self._told = 0  # what a server has said that it has
        self._server = Server(data=data)

    def begin(self) -> None:
        with self._server as server:
            size = len(self._content)
            self._path = client_of(server).created(SLUG, FIELD, "a.mp4", size)
            server.kill()

    def send_some_and_kill(self, most: int, left: int) -> None:
        """Sends up to so many bytes, but leaves something to do for `left` more kills, and kills the
        server while they come in."""
        with Server(data=self._data, port=self._server.port) as server:
            tus = client_of(server)
            offset = self._checked_offset(tus)
            poll(lambda: self._is_our_turn(tus, offset), "our turn after the killed server's")
            end = min(len(self._content) - left * 1000, offset + self._chance.randint(1, most))
            if self._chance.random() < 0.5:
                offset = self._send_pieces(tus, offset, (offset + end) // 2)
            with self._send_until(server.port, offset, end):
                seen = offset + int(self._chance.random() * (end - offset))
                poll(lambda: self._file.stat().st_size >= seen, f"{seen} bytes")
                server.kill()

    def _checked_offset(self, tus: TusClient) -> int:
        """What the server says that it has is no less than was told before, and is right."""
        offset = tus.offset(self._path)
        assert offset >= self._told
        with self._file.open("rb") as file:
            assert file.read(offset) == self._content[:offset]
        self._told = offset
        return offset

    @property
    def _file(self) -> Path:
        return self._data / "incoming" / id_of(self._path)

    def _is_our_turn(self, tus: TusClient, offset: int) -> bool:
        answer = tus.patch(self._path, offset, b"")
        assert answer.status in (204, 423), answer.body
        return answer.status == 204

    def _send_pieces(self, tus: TusClient, offset: int, end: int) -> int:
        """Whole pieces, each with its checksum; what is told to be there then must not be lost."""
        while offset < end:
            piece = self._content[offset : min(end, offset + MB)]
            answer = tus.patch(self._path, offset, piece, "crc32")
            assert answer.status == 204, answer.body
            offset = self._told = int(answer.headers["upload-offset"])
        return offset

    def _send_until(self, port: int, offset: int, end: int) -> socket.socket:
        """The beginning of a request for all the rest, in half of the cases with a checksum."""
        rest = self._content[offset:]
        lines = [
            f"PATCH {self._path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Tus-Resumable: {VERSION}",
            f"Upload-Offset: {offset}",
            f"Content-Type: {STREAM}",
            f"Content-Length: {len(rest)}",
        ]
        if self._chance.random() < 0.5:
            lines.append(f"Upload-Checksum: {checksum('crc32', rest)}")
        connection = socket.create_connection(("127.0.0.1", port), 60)
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + self._content[offset:end])
        return connection

    def send_the_rest_and_hand_in(self) -> None:
        with Server(data=self._data, port=self._server.port) as server:
            tus = client_of(server)
            self._checked_offset(tus)
            tus.send_rest(self._path, self._content)
            assert_handed_in(server.url, self._data, {"a.mp4": self._content}, [self._path])
            assert left_over(self._data) == []


@pytest.mark.parametrize(
    ("failpoint", "algorithm"),
    [
        ("upload: begun", ""),
        ("chunk: written", ""),
        ("chunk: written", "crc32"),
        ("chunk: counted", "crc32"),
        ("upload: durable", ""),
        ("upload: finished", "crc32"),
    ],
)
def test_killed_at_every_step(data: Path, failpoint: str, algorithm: str) -> None:
    content = content_of(MB + 1)
    begun: list[str] = []

    def begin_and_send(tus: TusClient) -> None:
        begun.append(tus.created(SLUG, FIELD, "a.mp4", len(content)))
        tus.patch(begun[0], 0, content, algorithm)

    with Server(data=data, environ={"FAILPOINT": failpoint}) as server:
        with pytest.raises((OSError, http.client.HTTPException)):
            begin_and_send(client_of(server))
        assert server.wait() == EXIT_CODE
    with Server(data=data, port=server.port) as server:
        tus = client_of(server)
        path = begun[0] if begun else tus.created(SLUG, FIELD, "a.mp4", len(content))
        tus.send_rest(path, content, algorithm=algorithm)
        assert_handed_in(server.url, data, {"a.mp4": content}, [path])
        with pytest.raises(Refused, match="404"):
            tus.offset(path)


def test_killed_while_a_new_upload_brings_its_first_bytes(data: Path) -> None:
    content = content_of(MB + 1)
    with Server(data=data, environ={"FAILPOINT": "upload: begun"}) as server:
        with pytest.raises((OSError, http.client.HTTPException)):
            client_of(server).create(SLUG, FIELD, "a.mp4", len(content), body=content)
        assert server.wait() == EXIT_CODE
    with Server(data=data) as server:
        tus = client_of(server)
        answer = tus.create(SLUG, FIELD, "a.mp4", len(content), body=content)
        assert_handed_in(server.url, data, {"a.mp4": content}, [answer.location])
