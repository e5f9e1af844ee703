"""Hand-ins that a real serve.py parses while they arrive."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from webapp.uploads.capacities import KNOWN_SECONDS

from ..forms_in_toml import HOMEWORK
from ..running import Server, poll
from ..visitor import Page, Visitor, multipart, over_http

MB = 1024**2
PATH = "/f/homework-3"
PDF = b"%PDF-1.7 "


def import_form(data: Path, text: str = HOMEWORK) -> None:
    file = data.parent / "form.toml"
    file.write_text(text, encoding="utf-8")
    Server.command("form", "import", file, data=data)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    import_form(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    with Server(data=data) as running:
        yield running


@pytest.fixture
def visitor(server: Server) -> Visitor:
    return Visitor(over_http(server.url))


def incoming(data: Path) -> list[str]:
    return [path.name for path in (data / "incoming").iterdir()]


def stored(data: Path) -> dict[str, bytes]:
    files = (path for path in (data / "files").rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files}


def heading(page: Page) -> str:
    found = re.search("<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    return found[1].strip() if found else page.text


class Sender:
    """Somebody who sends a hand-in in pieces."""

    def __init__(self, server: Server, *headers: str, path: str = PATH) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), 60)
        lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
        self.send("\r\n".join(lines).encode())

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def read(self) -> Page:
        answer = http.client.HTTPResponse(self._socket)
        answer.begin()
        return Page(answer.status, dict(answer.getheaders()), answer.read())

    def close(self) -> None:
        self._socket.close()


@contextmanager
def sending(server: Server, body: bytes, kind: str, path: str = PATH) -> Iterator[Sender]:
    length = f"Content-Length: {len(body)}"
    with closing(Sender(server, f"Content-Type: {kind}", length, path=path)) as sender:
        yield sender


def test_a_file_is_in_its_place_on_disk_while_the_rest_is_awaited(
    server: Server, visitor: Visitor, data: Path
) -> None:
    inputs = [(name, value or "Ann") for name, value in visitor.open(PATH).inputs]
    body, kind = multipart(inputs, [("essay", "a.pdf", PDF + b"x" * 300_000)])
    with sending(server, body, kind) as sender:
        sender.send(body[:-200])

        def size() -> int:
            return sum((data / "incoming" / name).stat().st_size for name in incoming(data))

        poll(lambda: size() > 299_000, "the file")
        sender.send(body[-200:])
        assert sender.read().status == 303
    assert stored(data) == {"a.pdf": PDF + b"x" * 300_000}
    assert incoming(data) == []


def test_a_chunked_hand_in_is_one(server: Server, visitor: Visitor, data: Path) -> None:
    body, kind = multipart(visitor.open(PATH).inputs, [("essay", "a.pdf", PDF)])
    sent = (f"Content-Type: {kind}", "Transfer-Encoding: chunked")
    with closing(Sender(server, *sent)) as sender:
        for start in range(0, len(body), 100):
            piece = body[start : start + 100]
            sender.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        sender.send(b"0\r\n\r\n")
        assert sender.read().status == 422  # without a name
    assert len(incoming(data)) == 1


def test_nothing_is_left_of_one_that_is_cut_off(
    server: Server, visitor: Visitor, data: Path
) -> None:
    body, kind = multipart(visitor.open(PATH).inputs, [("essay", "a.pdf", PDF + b"x" * MB)])
    with sending(server, body, kind) as sender:
        sender.send(body[:-100_000])
        poll(lambda: incoming(data) != [], "the file")
    poll(lambda: incoming(data) == [], "an empty data/incoming")
    assert stored(data) == {}


def test_one_that_is_too_large_is_told_so(server: Server, visitor: Visitor, data: Path) -> None:
    page = visitor.open(PATH)
    large = visitor.hand_in(page, PATH, {"name": "Ann"}, [("essay", "a.pdf", b"x" * 36 * MB)])
    assert (large.status, heading(large)) == (413, "This is too large")
    long = visitor.hand_in(page, PATH, {"name": "x" * 10**6})
    assert (long.status, heading(long)) == (413, "This is too large")
    many = visitor.hand_in(page, PATH, {"name": ["x"] * 100}, [("essay", "a.pdf", b"x" * 9 * MB)])
    assert (many.status, heading(many)) == (413, "This is too large")
    assert incoming(data) == []


def test_one_that_is_too_large_is_refused_before_it_is_sent(server: Server) -> None:
    kind = "Content-Type: multipart/form-data; boundary=b"
    sent = (kind, f"Content-Length: {10**12}", "Expect: 100-continue")
    with closing(Sender(server, *sent)) as sender:
        assert sender.read().status == 413


def test_one_that_is_broken_is_told_so(visitor: Visitor, data: Path) -> None:
    answer = visitor.post(PATH, b"--b\r\nhalf", "multipart/form-data; boundary=b")
    assert (answer.status, heading(answer)) == (400, "It did not arrive whole")


def test_one_for_no_form_is_kept_nowhere(server: Server, visitor: Visitor, data: Path) -> None:
    body, kind = multipart(visitor.open(PATH).inputs, [("essay", "a.pdf", PDF + b"x" * 9 * MB)])
    with sending(server, body, kind, path="/f/nothing") as sender:
        sender.send(body[:-100])
        assert incoming(data) == []
        sender.send(body[-100:])
        assert sender.read().status == 404


def test_one_from_another_site_leaves_nothing(visitor: Visitor, data: Path) -> None:
    page, files = visitor.open(PATH), [("essay", "a.pdf", PDF)]
    answer = visitor.hand_in(page, PATH, {"name": "Ann"}, files, Origin="https://evil.example")
    assert answer.status == 403
    assert incoming(data) == []


def test_a_form_that_takes_more_than_before_does_so_soon(visitor: Visitor, data: Path) -> None:
    page, files = visitor.open(PATH), [("essay", "a.pdf", PDF + b"x" * 40 * MB)]
    assert visitor.hand_in(page, PATH, {"name": "Ann"}, files).status == 413
    import_form(data, HOMEWORK.replace('"1 MB"', '"50 MB"'))
    page = visitor.open(PATH)

    def is_taken() -> bool:
        return visitor.hand_in(page, PATH, {"name": "Ann"}, files).status == 303

    poll(is_taken, f"room for it, {KNOWN_SECONDS} s after the last hand-in at most")


def test_a_stopped_server_leaves_nothing_of_what_was_arriving(
    server: Server, visitor: Visitor, data: Path
) -> None:
    body, kind = multipart(visitor.open(PATH).inputs, [("essay", "a.pdf", PDF + b"x" * MB)])
    with sending(server, body, kind) as sender:
        sender.send(body[:-100_000])
        poll(lambda: incoming(data) != [], "the file")
        assert server.stop() == 0
    assert incoming(data) == []
