"""Heads that are read in one pass are read as Waitress reads them, whatever is in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from webapp.serving.heads import Head

from .answering import Client, serving

READ = (
    "command",
    "completed",
    "connection_close",
    "content_length",
    "chunked",
    "empty",
    "expect_continue",
    "first_line",
    "fragment",
    "headers",
    "headers_finished",
    "path",
    "proxy_netloc",
    "proxy_scheme",
    "query",
    "request_uri",
    "url_scheme",
    "version",
)
BROWSER = (
    b"GET /f/jobs?page=2&q=a%20b HTTP/1.1\r\n"
    b"Host: 192.0.2.7:8000\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/130.0\r\n"
    b"Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"
    b"Accept-Language: zh-CN,en;q=0.5\r\n"
    b"Cookie: session=abc; other=1\r\n"
    b"X-Name: caf\xe9\r\n"
    b"Connection: keep-alive\r\n\r\n"
)
LINES = [
    b"GET / HTTP/1.1",
    b"HEAD /a?b HTTP/1.1",
    b"GET /a?b?c#d HTTP/1.1",
    b"GET /a#d?c HTTP/1.1",
    b"GET //a/b HTTP/1.1",
    b"GET ///a HTTP/1.1",
    b"GET /a//b HTTP/1.1",
    b"GET /%2f%41%zz% HTTP/1.1",
    b"GET /caf\xc3\xa9 HTTP/1.1",
    b"GET /a:80/b HTTP/1.1",
    b"GET /;a=b,c@d[e]\\'\"<>{}|^` HTTP/1.1",
    b"GET /?[]\\'\"<>{}|^`%0d%0a HTTP/1.1",
    b"GET ?a HTTP/1.1",
    b"GET * HTTP/1.1",
    b"GET http://other:80/a?b HTTP/1.1",
    b"CONNECT other:80 HTTP/1.1",
    b"GET /  HTTP/1.1",
    b"GET / HTTP/1.1 ",
    b" GET / HTTP/1.1",
    b"get / HTTP/1.1",
    b"G-T / HTTP/1.1",
    b"GET / HTTP/1.0",
    b"GET / HTTP/1.2",
    b"GET / HTTP/1.1x",
    b"GET /",
    b"GET /\x00 HTTP/1.1",
    b"GET /\x7f HTTP/1.1",
    b"GET /a\tb HTTP/1.1",
    b"GET /a\rb HTTP/1.1",
    b"GET /a\nb HTTP/1.1",
    b"POST / HTTP/1.1",
]
FIELDS = [
    b"Host: a",
    b"Host:a",
    b"Host:  \t a \t ",
    b"Host:",
    b"Host: ",
    b"host: b",
    b": nameless",
    b"Host : a",
    b" Host: a",
    b"\tfolded",
    b"nothing",
    b"A_B: c",
    b"A-B: c",
    b"!#$%&'*+-.^`|~: token",
    b"(A): b",
    b"A\xe9: b",
    b"A: \xe9\xa0\x85",
    b"A: b\x00c",
    b"A: b\x0bc",
    b"A: b\x7fc",
    b"A: b\rc",
    b"A: b\nc",
    b"A: b: c",
    b"Connection: close",
    b"Connection: Close",
    b"Connection: keep-alive, close",
    b"Cookie: a=b",
    b"Content-Type: text/plain",
    b"Content-Length: 0",
    b"Content-Length: 5",
    b"Content-Length: +5",
    b"Content-Length: 5, 5",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: \x0bchunked",
    b"Expect: 100-continue",
    b"",
]


class Ours(Head, HTTPRequestParser):  # type: ignore[misc]
    pass


def outcome(kind: Callable[[Adjustments], Any], head: bytes) -> dict[str, Any]:
    parser = kind(Adjustments())
    taken = parser.received(head)
    error = parser.error and (type(parser.error), parser.error.body)
    read = {name: getattr(parser, name, None) for name in READ}
    return read | {
        "taken": taken,
        "error": error,
        "has a body": parser.body_rcv is not None,
    }


def check(head: bytes) -> None:
    stock, ours = outcome(HTTPRequestParser, head), outcome(Ours, head)
    if stock["error"]:  # what was read before it was found to be wrong, nobody asks for
        stock, ours = ({key: each[key] for key in ("taken", "error")} for each in (stock, ours))
    assert ours == stock, head


def heads(lines: Iterable[bytes]) -> bytes:
    return b"\r\n".join([*lines, b"", b""])


@pytest.mark.parametrize("line", LINES)
def test_request_line(line: bytes) -> None:
    check(heads([line, b"Host: a"]))
    check(heads([line]))


@pytest.mark.parametrize("field", FIELDS)
def test_field(field: bytes) -> None:
    check(heads([LINES[0], field]))
    check(heads([LINES[0], b"Host: a", field, b"B: c"]))
    check(heads([LINES[0], field, field]))


def test_a_plain_one_is_read_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse_header(self: Any, head: bytes) -> None:
        raise AssertionError("Waitress was asked")

    monkeypatch.setattr(HTTPRequestParser, "parse_header", parse_header)
    parser = Ours(Adjustments())
    assert parser.received(BROWSER) == len(BROWSER)
    assert parser.headers["X_NAME"] == "caf\xe9"
    assert (parser.path, parser.query) == ("/f/jobs", "page=2&q=a%20b")


def test_any_mixture() -> None:
    chance = random.Random(7)
    for _ in range(3000):
        fields = chance.choices(FIELDS, k=chance.randrange(6))
        check(heads([chance.choice(LINES), *fields]))


def test_any_damage() -> None:
    """One or two bytes of a browser's head are others, or gone, or there twice."""
    chance = random.Random(11)
    odd = b"\r\n\t :_-%?#/\x00\x0b\x7f\x85\xa0\xffA"
    for _ in range(6000):
        head = bytearray(BROWSER)
        for _ in range(chance.randrange(1, 3)):
            at = chance.randrange(len(head))
            head[at : at + chance.randrange(2)] = bytes(chance.choices(odd, k=chance.randrange(3)))
        check(bytes(head))


def test_what_the_application_is_told() -> None:
    """The same environ as Waitress's, but for what is ours and for what differs from socket to socket."""
    told: list[dict[str, Any]] = []

    def tell(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        told.append(environ | {"wsgi.input": environ["wsgi.input"].read()})
        start_response("200 OK", [("Content-Length", "0")])
        return []

    posted = b"POST //a/%41 HTTP/1.1\r\nHost: b\r\nContent-Type: c\r\nContent-Length: 2\r\n\r\nde"
    closing = BROWSER.replace(b"keep-alive", b"close")
    with serving(tell) as port, Client(port) as client:
        client.socket.sendall(posted + closing)
        while client.socket.recv(4096):
            pass
    for given, sent in zip(told, (posted, closing), strict=True):
        expected = stock_environ(sent, int(given["SERVER_PORT"]), given["REMOTE_PORT"])
        for each in (given, expected):
            for own in (
                "waitress.client_disconnected",
                "serving.metrics",
                "serving.request_id",
            ):
                each.pop(own, None)
        assert given == expected


def stock_environ(sent: bytes, port: int, remote_port: str) -> dict[str, Any]:
    """Of stock Waitress for the same request."""
    from waitress.task import WSGITask

    adjustments = Adjustments(ident=None)
    # the name that Waitress gives a server whose socket it was handed
    server = SimpleNamespace(adj=adjustments, server_name="waitress.invalid", effective_port=port)
    channel = SimpleNamespace(
        addr=("127.0.0.1", remote_port), check_client_disconnected=None, server=server
    )
    parser = HTTPRequestParser(adjustments)
    taken = parser.received(sent)
    if not parser.completed:
        parser.received(sent[taken:])
    environ: dict[str, Any] = WSGITask(channel, parser).get_environment()
    return environ | {"wsgi.input": environ["wsgi.input"].read()}
