"""What stock Waitress does worse with its connections; each of these fails on it."""

from __future__ import annotations

import errno
import itertools
import logging
import os
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from webapp.serving import accepting, connections, pollers, server
from webapp.serving import threads as pool

from ..running import poll
from .answering import PIECE, PIECES, Client, application, serving


@pytest.mark.parametrize("path", ["/nothing", "/same", "/pieces"])
def test_the_connection_stays_open(path: str) -> None:
    """Stock Waitress closes it wherever there is no Content-Length."""
    with serving() as port, Client(port) as client:
        for _ in range(3):
            assert "Connection" not in client.ask(path)[1]
        assert client.ask("/hello")[2] == b"Hello"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into epoll")
def test_a_crowd_at_the_door_is_let_in_however_many_are_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Told of by epoll alone, it would wait in line behind all connections that are ready already."""
    told: list[int] = []  # once of whoever listens; here all that is ready before any connection is
    may_tell = threading.Event()
    wait = pollers.Epoll.wait

    def wait_once(self: pollers.Epoll, seconds: float) -> list[tuple[int, int]]:
        ready = []
        for number, events in wait(self, min(seconds, 0.05)):
            if number == listener:
                if told or not may_tell.is_set():
                    continue
                told.append(number)
            ready.append((number, events))
        return ready

    monkeypatch.setattr(accepting, "ACCEPTS", 4)
    monkeypatch.setattr(pollers.Epoll, "wait", wait_once)
    with serving() as port, ExitStack() as open_clients:
        listener = descriptor_of(port)
        clients = [open_clients.enter_context(Client(port)) for _ in range(20)]
        may_tell.set()
        for client in clients:
            assert client.ask("/hello")[2] == b"Hello"
        assert len(told) == 1


def descriptor_of(port: int) -> int:
    """Of the socket in this process that listens there."""
    for number in [int(link.name) for link in Path("/proc/self/fd").iterdir()]:
        with suppress(OSError):  # of what lists them, which is closed by now
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                with socket.socket(fileno=os.dup(number)) as found:
                    is_listening = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                    if is_listening and found.getsockname()[1] == port:
                        return number
    raise LookupError(port)


def test_an_answer_to_head_has_no_content() -> None:
    with serving() as port, Client(port) as client:
        for path in ("/pieces", "/hello", "/large"):
            client.send(path, method="HEAD")
            assert client.read(has_body=False)[0] == 200
        assert client.ask("/hello")[2] == b"Hello"


def test_headers_that_never_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 1.0)
    with serving() as port, Client(port) as client:
        client.socket.sendall(b"GET /hello HTTP/1.1\r\n")
        for number in itertools.count():
            try:
                client.socket.sendall(b"X-%d: y\r\n" % number)
            except ConnectionError:
                break
            client.socket.settimeout(0.2)
            try:
                answer = client.socket.recv(1000)
            except TimeoutError:
                continue
            assert answer.startswith(b"HTTP/1.0 408 ") or answer.startswith(b"HTTP/1.1 408 ")
            break
        assert number < 100


def test_a_body_that_trickles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_WINDOW_SECONDS", 1.0)
    with serving() as port, Client(port) as client:
        client.send("/body", "Content-Length: 1000000", method="POST")
        deadline = time.monotonic() + 30
        client.socket.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() < deadline:
            client.socket.sendall(b"x")
            try:
                answer = client.socket.recv(1000)
            except TimeoutError:
                continue
        assert b" 408 " in answer


def test_a_body_that_comes_fast_enough_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_WINDOW_SECONDS", 0.5)
    with serving() as port, Client(port) as client:
        client.send("/body", "Content-Length: 100000", method="POST")
        for _ in range(20):
            client.socket.sendall(b"x" * 5000)
            time.sleep(0.1)
        assert len(client.read()[2]) == 100_000


def test_a_client_that_reads_nothing_holds_no_other() -> None:
    """With one thread, which waits for it."""
    with serving(threads=1) as port, Client(port) as slow, Client(port) as other:
        slow.send("/large")
        assert slow.socket.recv(10)
        for _ in range(3):
            assert other.ask("/hello")[2] == b"Hello"
        slow.socket.close()
    assert PIECES * len(PIECE) > 16 * 1024**2  # more than stock Waitress reads ahead


def test_many_that_read_nothing_hold_no_other() -> None:
    """More of them than threads, each in the middle of an answer that is made while it is sent."""
    with serving(threads=2) as port, ExitStack() as stack:
        for _ in range(6):
            slow = stack.enter_context(Client(port))
            slow.send("/large")
            assert slow.socket.recv(10)
        with Client(port) as other:
            assert other.ask("/hello")[2] == b"Hello"
            assert len(other.ask("/pieces")[2]) > 0


class Gate:
    """An application whose requests wait until they may go on."""

    def __init__(self) -> None:
        self.may_go = threading.Event()
        self.waiting = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/wait":
            self.waiting += 1
            assert self.may_go.wait(60)
        return application(environ, start_response)


def test_who_would_wait_too_long_is_told_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also with a body, of which nothing is waited for; and it is said once."""
    monkeypatch.setattr(pool, "MOST_SECONDS", 0.2)
    gate = Gate()
    with serving(gate, threads=1) as port, Client(port) as first, Client(port) as second:
        first.send("/wait")
        poll(lambda: gate.waiting == 1, "the first request")
        second.send("/hello")
        time.sleep(0.5)  # that is how long it has to wait
        for headers in ((), ("Content-Length: 1000000",)):
            with Client(port) as third:
                third.send("/hello", *headers, method="POST")
                status, answered, _ = third.read()
                assert (status, answered["Retry-After"]) == (503, "10")
        assert sum("new ones are answered 503" in text for text in caplog.messages) == 1
        gate.may_go.set()
        assert first.read()[0] == second.read()[0] == 200
        assert second.ask("/hello")[0] == 200


def test_without_descriptors_it_rests_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Stock Waitress asks again at once, and writes a line each time."""
    asked = []

    def fail(self: Any) -> None:
        asked.append(1)
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with serving() as port:
        with Client(port) as client:
            assert client.ask("/hello")[0] == 200
        with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
            patched.setattr(accepting.Server, "accept", fail, raising=False)
            late = Client(port)
            late.send("/hello")
            poll(lambda: len(asked) >= 2, "two attempts")
            assert len(asked) < 10
            patched.undo()
        assert late.read()[0] == 200
        late.__exit__()


def test_beyond_the_limit_others_wait(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "most_connections", lambda: 10)
    with serving() as port:
        clients = [Client(port) for _ in range(20)]
        for client in clients:
            client.send("/hello")
        answered = clients[0].read()
        assert answered[2] == b"Hello"
        for before, client in itertools.pairwise(clients):
            before.__exit__()
            assert client.read()[2] == b"Hello"
        clients[-1].__exit__()
    assert 0 < sum("as many as may be" in text for text in caplog.messages) < 20


def test_many_that_say_nothing_cost_nothing() -> None:
    """More than select() can hold."""
    with serving() as port:
        idle = [Client(port) for _ in range(1500)]
        try:
            with Client(port) as client:
                for _ in range(100):
                    assert client.ask("/hello")[2] == b"Hello"
        finally:
            for each in idle:
                each.__exit__()
