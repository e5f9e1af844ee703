"""Several who send the same upload, and requests that break off: on connections held by the test."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from ..running import Server, poll
from ..visitor import Page, Visitor, over_http
from .conftest import Place
from .sending import assert_stored, content_of, left_over
from .tus_client import STREAM, VERSION, Refused, checksum, id_of

CONTENT = content_of(200_000)


@pytest.fixture
def place(shared_server: tuple[Server, Path]) -> Place:
    server, data = shared_server
    return Place(over_http(server.url), data)


class Held:
    """A PATCH whose body goes out when the test says so."""

    def __init__(self, port: int, path: str, offset: int, length: int, *more: str) -> None:
        lines = [
            f"PATCH {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Tus-Resumable: {VERSION}",
            f"Upload-Offset: {offset}",
            f"Content-Type: {STREAM}",
            *more,
        ]
        if not any(line.startswith("Transfer-Encoding") for line in more):
            lines.append(f"Content-Length: {length}")
        self._socket = socket.create_connection(("127.0.0.1", port), 60)
        self.send("\r\n".join([*lines, "", ""]).encode())

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def answer(self) -> Page:
        """Its status and headers."""
        with self._socket.makefile("rb") as file:
            status = int(file.readline().split()[1])
            headers = {}
            while line := file.readline().strip():
                name, _, value = line.decode().partition(": ")
                headers[name.lower()] = value
            body = file.read(int(headers.get("content-length", "0")))
        return Page(status, headers, body)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def has_offset(place: Place, path: str, offset: int) -> None:
    poll(lambda: place.tus.offset(path) == offset, f"{offset} bytes of {path}")


def handed_in(place: Place, server: Server, content: bytes, path: str) -> None:
    answer = place.hand_in(path)
    assert answer.status == 303, answer.text
    assert_stored(server.url, answer.location, place.data, {"a.mp4": content})


@pytest.fixture
def server(shared_server: tuple[Server, Path]) -> Server:
    return shared_server[0]


def test_what_arrived_of_a_cut_request_counts(place: Place, server: Server) -> None:
    path = place.begin(len(CONTENT))
    with Held(server.port, path, 0, len(CONTENT)) as first:
        first.send(CONTENT[:70_001])
        has_offset(place, path, 70_001)
    assert place.tus.send_rest(path, CONTENT, algorithm="") >= 0
    handed_in(place, server, CONTENT, path)


def test_nothing_of_a_cut_piece_with_a_checksum_counts(place: Place, server: Server) -> None:
    path = place.begin(len(CONTENT))
    told = f"Upload-Checksum: {checksum('sha256', CONTENT)}"
    with Held(server.port, path, 0, len(CONTENT), told) as first:
        first.send(CONTENT[:-1])
        file = place.data / "incoming" / id_of(path)
        poll(lambda: file.stat().st_size == len(CONTENT) - 1, "the bytes")
        assert place.tus.offset(path) == 0
    place.tus.send_rest(path, CONTENT)
    handed_in(place, server, CONTENT, path)


def test_one_sends_and_another_waits(place: Place, server: Server) -> None:
    path = place.begin(len(CONTENT))
    with Held(server.port, path, 0, 100_000) as first:
        first.send(CONTENT[:50_000])
        has_offset(place, path, 50_000)
        for offset in (50_000, 0):
            answer = place.tus.patch(path, offset, b"\0" * 1000)
            assert answer.status in (409, 423), answer.body
        assert "retry-after" in place.tus.patch(path, 50_000, b"\0" * 1000).headers
        first.send(CONTENT[50_000:100_000])
        assert first.answer().status == 204
    place.tus.send_rest(path, CONTENT)
    handed_in(place, server, CONTENT, path)


def test_who_falls_silent_loses_the_turn(place: Place, server: Server) -> None:
    path = place.begin(len(CONTENT))
    with Held(server.port, path, 0, len(CONTENT)) as first:
        first.send(CONTENT[:50_000])
        has_offset(place, path, 50_000)
        answers: list[Page] = []

        def second_goes_on() -> bool:
            answers.append(place.tus.patch(path, 50_000, CONTENT[50_000:120_000]))
            return answers[-1].status == 204

        poll(second_goes_on, "the turn of the second")
        first.send(b"\0" * (len(CONTENT) - 50_000))
        assert first.answer().status in (409, 423)
    assert {answer.status for answer in answers[:-1]} <= {423}
    assert place.tus.offset(path) == 120_000
    place.tus.send_rest(path, CONTENT)
    handed_in(place, server, CONTENT, path)


def test_many_at_once_with_the_same_file(place: Place, server: Server) -> None:
    path = place.begin(len(CONTENT))
    _at_once(place, [(path, CONTENT, piece) for piece in (7_000, 11_000, 50_000, 200_000)])
    handed_in(place, server, CONTENT, path)


def test_two_at_once_with_different_files_are_not_mixed_within_a_piece(
    place: Place, server: Server
) -> None:
    size, piece = 64 * 10_000, 10_000
    path = place.begin(size)
    _at_once(place, [(path, letter * size, piece) for letter in (b"a", b"b", b"c")])
    answer = place.hand_in(path)
    assert answer.status == 303, answer.text
    reference = answer.location.split("/r/")[1].split("?")[0]
    (stored,) = (place.data / "files").glob(f"*/* {reference}*/a.mp4")
    content = stored.read_bytes()
    pieces = [content[begin : begin + piece] for begin in range(0, size, piece)]
    assert len(content) == size
    assert {len(set(one)) for one in pieces} == {1}


def _at_once(place: Place, sent: list[tuple[str, bytes, int]]) -> None:
    wrong: list[BaseException] = []

    def send(path: str, content: bytes, piece: int) -> None:
        try:
            place.tus.send_rest(path, content, piece=piece)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=send, args=one) for one in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert wrong == []


def test_it_is_removed_while_somebody_sends(place: Place, server: Server) -> None:
    path = place.begin(len(CONTENT))
    with Held(server.port, path, 0, len(CONTENT)) as first:
        first.send(CONTENT[:50_000])
        has_offset(place, path, 50_000)
        assert place.tus.delete(path).status == 204
        first.send(CONTENT[50_000:])
        assert first.answer().status in (404, 409, 423)
    with pytest.raises(Refused, match="404"):
        place.tus.offset(path)
    poll(lambda: not [n for n in left_over(place.data) if id_of(path) in n], "nothing left")


@pytest.mark.parametrize("told", [(), ("Expect: 100-continue",)])
def test_a_body_in_chunks(place: Place, server: Server, told: tuple[str, ...]) -> None:
    path = place.begin(len(CONTENT))
    with Held(server.port, path, 0, 0, "Transfer-Encoding: chunked", *told) as sender:
        for begin in range(0, len(CONTENT), 30_000):
            piece = CONTENT[begin : begin + 30_000]
            sender.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        sender.send(b"0\r\n\r\n")
        answer = sender.answer()
        if told:
            assert answer.status == 100
            answer = sender.answer()
        assert answer.status == 204
    handed_in(place, server, CONTENT, path)


def test_a_body_in_chunks_that_goes_past_the_end(place: Place, server: Server) -> None:
    path = place.begin(1000)
    with Held(server.port, path, 0, 0, "Transfer-Encoding: chunked") as sender:
        sender.send(b"3e8\r\n%b\r\n" % CONTENT[:1000])
        sender.send(b"1\r\nx\r\n0\r\n\r\n")
        assert sender.answer().status == 413
    assert place.tus.offset(path) <= 1000
    place.tus.send_rest(path, CONTENT[:1000])
    handed_in(place, server, CONTENT[:1000], path)


@pytest.mark.parametrize("reason", ["offset", "gone"])
def test_a_large_body_that_is_not_wanted_is_answered(
    place: Place, server: Server, reason: str
) -> None:
    """The sender of it reads the answer, rather than meet a closed connection."""
    large = b"x" * 8 * 1024**2
    path = place.begin(len(large))
    if reason == "gone":
        place.tus.delete(path)
    answer = place.tus.patch(path, 5 if reason == "offset" else 0, large)
    assert answer.status == {"offset": 409, "gone": 404}[reason]


def test_it_is_told_how_much_is_there_while_it_comes(place: Place, server: Server) -> None:
    path = place.begin(len(CONTENT))
    with Held(server.port, path, 0, len(CONTENT)) as sender:
        seen = []
        for end in range(20_000, len(CONTENT) + 1, 20_000):
            sender.send(CONTENT[end - 20_000 : end])
            has_offset(place, path, end)
            seen.append(end)
        assert sender.answer().status == 204
    assert Visitor(over_http(server.url)).open("/healthz").status == 200
