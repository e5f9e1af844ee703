"""An application that answers in all the ways there are, and a server for it in this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from webapp.serving import server, sockets
from webapp.serving.access_lines import Told
from webapp.serving.stopping import Stopping

PIECE = b"x" * 100_000
PIECES = 300


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What it does is told by the path."""
    path = environ["PATH_INFO"]
    plain = [("Content-Type", "text/plain")]
    if path == "/nothing":
        start_response("204 No Content", [])
        return []
    if path == "/same":
        start_response("304 Not Modified", [("ETag", '"1"')])
        return []
    if path == "/pieces":
        start_response("200 OK", plain)
        return iter([b"one, ", b"two, ", b"three"])
    if path == "/large":
        start_response("200 OK", plain)
        return (PIECE for _ in range(PIECES))
    if path == "/short":
        start_response("200 OK", [*plain, ("content-length", "9")])
        return [b"short"]
    if path == "/long":
        start_response("200 OK", [*plain, ("Content-Length", "4")])
        return [b"longer"]
    if path == "/error":
        raise ValueError("an error in the application")
    if path == "/empty":
        start_response("200 OK", [*plain, ("Content-Length", "0")])
        return []
    if path == "/body":
        body = environ["wsgi.input"].read()
        start_response("200 OK", [*plain, ("x-LENGTH", str(len(body)))])
        return [body]
    start_response("200 OK", [*plain, ("Content-Length", "5"), ("Server", "ours")])
    return [b"Hello"]


@contextmanager
def serving(
    app: Callable[..., Any] = application,
    threads: int = 2,
    seconds: float = 30.0,
    exchanges: Callable[[Told], None] | None = None,
) -> Iterator[int]:
    """The port of a server in this process; `seconds` is what it is given to stop."""
    (listener,) = sockets.listen("127.0.0.1", 0)
    port: int = listener.getsockname()[1]
    stopping = Stopping(seconds)
    options = {"threads": threads, "stopping": stopping, "exchanges": exchanges}
    thread = threading.Thread(target=server.serve, args=[app, [listener]], kwargs=options)
    thread.start()
    try:
        yield port
    finally:
        stopping.ask()
        thread.join(60)
        assert not thread.is_alive(), "the server does not stop"


class Client:
    """A connection to it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def send(self, path: str, *headers: str, method: str = "GET", version: str = "1.1") -> None:
        lines = [f"{method} {path} HTTP/{version}", "Host: localhost", *headers, "", ""]
        self.socket.sendall("\r\n".join(lines).encode("latin-1"))

    def read(self, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and content of the next answer."""
        status = int(self._file.readline().split(b" ")[1])
        headers: dict[str, str] = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name] = value.strip()
        body = b""
        if has_body and headers.get("Transfer-Encoding") == "chunked":
            while size := int(self._file.readline(), 16):
                body += self._file.read(size)
                self._file.readline()
            self._file.readline()
        elif has_body:
            body = self._file.read(int(headers.get("Content-Length", "0")))
        return status, headers, body

    def rest(self) -> bytes:
        """All that still comes, until the server hangs up."""
        return self._file.read()

    def ask(self, path: str, *headers: str) -> tuple[int, dict[str, str], bytes]:
        self.send(path, *headers)
        return self.read(has_body=path not in ("/nothing", "/same"))
