"""Stock Waitress and ours give the same answers, but where a defect is mended, which is named."""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from .answering import application, serving

LAST = b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
_DATE = re.compile(rb"Date: [^\r]*\r\n")


def get(path: str, *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    lines = [f"{method} {path} HTTP/{version}", "Host: a", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def post(body: bytes, *headers: str, path: str = "/body") -> bytes:
    return get(path, f"Content-Length: {len(body)}", *headers, method="POST") + body


CHUNKED = "Transfer-Encoding: chunked"

# What is the same, byte for byte but for the date.
SAME: dict[str, bytes] = {
    "one": get("/hello"),
    "two on one connection": get("/hello") + get("/empty"),
    "many at once": get("/hello") * 20 + post(b"x" * 10) * 5,
    "HTTP/1.0": get("/hello", version="1.0"),
    "HTTP/1.0 that stays": get("/hello", "Connection: keep-alive", version="1.0"),
    "HTTP/1.0 in pieces": get("/pieces", version="1.0"),
    "HTTP/0.9": b"GET /hello\r\n\r\n",
    "HTTP/2.0": get("/hello", version="2.0"),
    "closed": get("/hello", "Connection: close"),
    "Close": get("/hello", "Connection: Close"),
    "a body": post(b"x" * 1000),
    "no body": post(b""),
    "a body in chunks": get("/body", CHUNKED, method="POST") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    "trailers": get("/body", CHUNKED, method="POST") + b"3\r\nabc\r\n0\r\nX: y\r\n\r\n",
    "chunk extensions": get("/body", CHUNKED, method="POST") + b"3;a=b\r\nabc\r\n0\r\n\r\n",
    "leading line breaks": b"\r\n\r\n" + get("/hello"),
    "too few bytes": get("/short"),
    "too many bytes": get("/long"),
    "an error": get("/error"),
    "a query": get("/hello?a=b&c=%20"),
    "an absolute target": get("http://other/hello"),
    "escapes": get("/%68ello"),
    "slashes": get("//hello"),
    "OPTIONS *": get("*", method="OPTIONS"),
    "a long path": get("/" + "a" * 5000),
    "too long headers": get("/hello", "X: " + "a" * 300_000),
    "100-continue": get("/body", "Content-Length: 3", "Expect: 100-continue", method="POST")
    + b"abc",
    # shapes of request smuggling: GHSA-g2xc-35jw-c63p, GHSA-m5ff-3wj3-8ph4, GHSA-4ppp-gpcr-7qf6,
    # GHSA-4f7p-27jc-3c36, GHSA-9298-4cf8-g4wj
    "two lengths": get("/body", "Content-Length: 3", "Content-Length: 4", method="POST") + b"abc",
    "a list of lengths": get("/body", "Content-Length: 3, 3", method="POST") + b"abc",
    "a signed length": get("/body", "Content-Length: +3", method="POST") + b"abc",
    "a negative length": get("/body", "Content-Length: -3", method="POST") + b"abc",
    "a length with spaces": get("/body", "Content-Length: 1 0", method="POST") + b"0123456789",
    "length and chunks": get("/body", "Content-Length: 3", CHUNKED, method="POST") + b"0\r\n\r\n",
    "another coding": get("/body", "Transfer-Encoding: gzip, chunked", method="POST")
    + b"0\r\n\r\n",
    "a coding with a tab": get("/body", "Transfer-Encoding:\x0bchunked", method="POST")
    + b"0\r\n\r\n",
    "identity": get("/body", "Transfer-Encoding: identity", method="POST"),
    "a bare line feed": b"GET /hello HTTP/1.1\nHost: a\n\n",
    "a bare line feed in headers": b"GET /hello HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
    "a space before the colon": b"GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",
    "a folded header": b"GET /hello HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
    "a header without a name": b"GET /hello HTTP/1.1\r\n: a\r\n\r\n",
    "a header that is none": b"GET /hello HTTP/1.1\r\nnonsense\r\n\r\n",
    "a control character": b"GET /hello HTTP/1.1\r\nX: a\x00b\r\n\r\n",
    "a bad chunk size": get("/body", CHUNKED, method="POST") + b"0x3\r\nabc\r\n0\r\n\r\n",
    "a signed chunk size": get("/body", CHUNKED, method="POST") + b"+3\r\nabc\r\n0\r\n\r\n",
    "a chunk that is too long": get("/body", CHUNKED, method="POST") + b"3\r\nabcd\r\n0\r\n\r\n",
    "a lower-case method": get("/hello", method="get"),
    "a broken first line": b"GET /hello\x00 HTTP/1.1\r\n\r\n",
    "no first line": b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
    "an underscore in a name": get("/hello", "Content_Length: 5"),
}

# Where stock Waitress closes a connection whose answer has an end, or sends what nobody reads.
MENDED: dict[str, tuple[bytes, str]] = {
    "204": (get("/nothing"), "it closes the connection"),
    "304": (get("/same"), "it closes the connection"),
    "chunks": (get("/pieces"), "it closes the connection"),
    "HEAD": (get("/pieces", method="HEAD"), "it closes the connection after content"),
    "HEAD with a length": (get("/hello", method="HEAD"), "it sends content"),
}


@pytest.fixture(scope="module")
def stock() -> Iterator[int]:
    from waitress.server import create_server  # type: ignore[import-untyped]

    loop: dict[int, Any] = {}
    server = create_server(application, map=loop, host="127.0.0.1", port=0, ident=None)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.effective_port

    def end() -> None:
        raise SystemExit

    for each in list(loop.values()):
        if hasattr(each, "trigger") and hasattr(each, "pull_trigger"):
            with suppress(AttributeError):
                each.readable = end  # asked in the loop's next turn
            each.pull_trigger()
    thread.join(60)
    assert not thread.is_alive()
    server.close()


@pytest.fixture(scope="module")
def ours() -> Iterator[int]:
    with serving() as port:
        yield port


def answers(port: int, request: bytes, cuts: int = 1) -> bytes:
    """All that comes until the server hangs up, which it is asked to do."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        content = request + LAST
        step = -(-len(content) // cuts)
        received = b""
        with suppress(ConnectionError):
            for start in range(0, len(content), step):
                connection.sendall(content[start : start + step])
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                received += piece
    return _DATE.sub(b"", received)


@pytest.mark.skipif(sys.platform == "win32", reason="Waitress ends otherwise there")
@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("cuts", [1, 7])
def test_the_answers_are_the_same(stock: int, ours: int, name: str, cuts: int) -> None:
    expected = answers(stock, SAME[name], cuts)
    assert expected.startswith(b"HTTP/1.")
    assert answers(ours, SAME[name], cuts) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="Waitress ends otherwise there")
@pytest.mark.parametrize("name", MENDED)
def test_the_answers_differ_where_a_defect_is_mended(stock: int, ours: int, name: str) -> None:
    request, _ = MENDED[name]
    given = answers(ours, request)
    assert given != answers(stock, request)
    assert given.count(b"HTTP/1.1 ") == 2  # the connection has stayed open, and was understood
    assert given.endswith(b"\r\n\r\nHello")
