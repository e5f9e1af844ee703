"""A load client: so many keep-alive connections, each with one request under way at a time.

One thread with a selector and next to no parsing, so that it takes a fraction of what a Python server
takes for the same request; `Sample.client_share` tells whether that held.
"""

from __future__ import annotations

import itertools
import math
import re
import selectors
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

SECONDS = 60.0  # after which a server that does not answer is given up
_RECV_BYTES = 64 * 1024  # what the C library can give without asking the system for it each time
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class LoadError(Exception):
    """The server did not answer as it should; the text says how it did."""


@dataclass(frozen=True)
class Answer:
    """An answer of the server."""

    status: int
    head: bytes  # the status line and the headers
    body: bytes


@dataclass
class Sample:
    """What was seen while requests were sent one after the other on each of some connections."""

    latencies: list[float] = field(default_factory=list)  # seconds, of each request
    seconds: float = 0.0  # that it took in all
    client_seconds: float = 0.0  # of the processor, in this process

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    @property
    def client_share(self) -> float:
        """How busy this process was, 0 to 1: near 1 the client is what was measured."""
        return self.client_seconds / self.seconds

    def percentile(self, percent: int) -> float:
        """The time in seconds that so many percent of the requests did not exceed."""
        rank = math.ceil(len(self.latencies) * percent / 100)
        return sorted(self.latencies)[rank - 1]


def joined(samples: Iterable[Sample]) -> Sample:
    """All that was seen in several samples."""
    whole = Sample()
    for sample in samples:
        whole.latencies += sample.latencies
        whole.seconds += sample.seconds
        whole.client_seconds += sample.client_seconds
    return whole


def request(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of a request (RFC 9112), as a browser would send them to the same address."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: text/html"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """A keep-alive connection to a server on this computer, with one request under way at most."""

    def __init__(self, port: int, timeout: float = SECONDS) -> None:
        self._port = port
        self._timeout = timeout
        self._received = b""
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port), self._timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self.socket.close()

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> Answer | None:
        """The next answer, once it is whole; takes in what is there where it is not yet. Raises
        LoadError where the server hangs up before that."""
        answer = self._whole() if self._received else None
        if answer is not None:  # of several that came together
            return answer
        chunk = self.socket.recv(_RECV_BYTES)
        if not chunk:
            raise LoadError(f"The server closed the connection after {self._received[:300]!r}")
        self._received += chunk
        return self._whole()

    def _whole(self) -> Answer | None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self._received[:end]
        length = _LENGTH.search(head)
        if length is None:
            raise LoadError(f"An answer without a length: {head!r}")
        whole = end + 4 + int(length[1])
        if len(self._received) < whole:
            return None
        answer = Answer(int(head[9:12]), head, self._received[end + 4 : whole])
        self._received = self._received[whole:]
        return answer

    def exchange(self, request: bytes) -> Answer:
        """Sends a request and waits for the answer to it."""
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer


def open_connections(port: int, count: int) -> list[Connection]:
    """So many. One after the other: while the server's backlog is full, the system holds the next one
    back, where many at once would be dropped and tried again a second later."""
    opened: list[Connection] = []
    try:
        for _ in range(count):
            opened.append(Connection(port))
    except OSError:
        close(opened)
        raise
    return opened


def close(opened: Iterable[Connection]) -> None:
    for connection in opened:
        connection.close()


def run(
    port: int, requests: Iterable[bytes], *, connections: int, status: int, seconds: float
) -> Sample:
    """Sends the requests for so long, or until there are no more, and has the last ones answered.

    Each connection sends one request at least. Raises LoadError where an answer has another status, or
    where the last ones have not come SECONDS later.
    """
    supply = iter(requests)
    opened = open_connections(port, connections)
    sample = Sample()
    started, processor = time.perf_counter(), time.process_time()
    try:
        for _ in _answers(opened, supply, status, sample, started + seconds):
            pass
    finally:
        close(opened)
    sample.seconds = time.perf_counter() - started
    sample.client_seconds = time.process_time() - processor
    return sample


def collect(port: int, request: bytes, count: int, *, connections: int = 8) -> list[Answer]:
    """The answers to the same request, sent so many times."""
    supply = itertools.repeat(request, count)
    opened = open_connections(port, min(connections, count))
    try:
        return list(_answers(opened, supply, 200, Sample(), float("inf")))
    finally:
        close(opened)


def _answers(
    opened: list[Connection], supply: Iterator[bytes], status: int, sample: Sample, deadline: float
) -> Iterator[Answer]:
    with selectors.DefaultSelector() as selector:
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            _send_next(selector, connection, supply, float("inf"))
        while selector.get_map():
            ready = selector.select(SECONDS)
            if not ready or time.perf_counter() > deadline + SECONDS:
                late = f"{len(selector.get_map())} of {len(opened)} connections"
                raise LoadError(f"No answer within {SECONDS:.0f} seconds on {late}.")
            for key, _ in ready:
                connection = key.data
                answer = connection.receive()
                if answer is None:
                    continue
                sample.latencies.append(time.perf_counter() - connection.sent_at)
                if answer.status != status or _CLOSE.search(answer.head):
                    told = answer.head + b"\n" + answer.body[:500]
                    raise LoadError(f"Not the answer expected: {told.decode(errors='replace')}")
                _send_next(selector, connection, supply, deadline)
                yield answer


def _send_next(
    selector: selectors.BaseSelector,
    connection: Connection,
    supply: Iterator[bytes],
    deadline: float,
) -> None:
    request = None if time.perf_counter() >= deadline else next(supply, None)
    if request is None:
        selector.unregister(connection.socket)
    else:
        connection.send(request)
