"""A server that stops: what is in flight is finished, and nothing that was accepted is lost."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from webapp.serving import server, sockets
from webapp.serving.stopping import Stopping

from ..running import poll
from .answering import PIECE, PIECES, Client, application
from .test_connections import Gate


class Running:
    """A server in a thread."""

    def __init__(self, app: object = application, seconds: float = 30.0) -> None:
        (listener,) = sockets.listen("127.0.0.1", 0)
        self.port: int = listener.getsockname()[1]
        self.stopping = Stopping(seconds)
        options = {"threads": 4, "stopping": self.stopping}
        self._thread = threading.Thread(target=server.serve, args=[app, [listener]], kwargs=options)
        self._thread.start()

    @property
    def has_ended(self) -> bool:
        return not self._thread.is_alive()

    def wait(self) -> None:
        self._thread.join(60)
        assert self.has_ended

    def is_accepting(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
        except ConnectionError:
            return False
        return True


def test_a_request_in_flight_is_answered() -> None:
    gate = Gate()
    running = Running(gate)
    with Client(running.port) as client:
        client.send("/wait")
        poll(lambda: gate.waiting == 1, "the request")
        running.stopping.ask()
        poll(lambda: not running.is_accepting(), "a closed door")
        assert not running.has_ended
        gate.may_go.set()
        status, headers, body = client.read()
        assert (status, headers["Connection"], body) == (200, "close", b"Hello")
    running.wait()


def test_a_large_answer_arrives_whole() -> None:
    running = Running()
    with Client(running.port) as client:
        client.send("/large")
        assert client.socket.recv(1)
        running.stopping.ask()
        poll(lambda: not running.is_accepting(), "a closed door")
        received = len(client.rest())
    assert received > PIECES * len(PIECE)
    running.wait()


def test_a_body_on_its_way_is_waited_for() -> None:
    running = Running()
    with Client(running.port) as client:
        client.send("/body", "Content-Length: 10", method="POST")
        client.socket.sendall(b"12345")
        with Client(running.port) as other:  # by then the loop has read that
            assert other.ask("/hello")[0] == 200
        running.stopping.ask()
        poll(lambda: not running.is_accepting(), "a closed door")
        client.socket.sendall(b"67890")
        assert client.read()[2] == b"1234567890"
    running.wait()


def test_one_that_takes_longer_than_it_is_given_is_left() -> None:
    gate = Gate()
    running = Running(gate, seconds=0.5)
    with Client(running.port) as client:
        client.send("/wait")
        poll(lambda: gate.waiting == 1, "the request")
        running.stopping.ask()
        running.wait()
    gate.may_go.set()


def test_asked_twice_it_stops_at_once() -> None:
    gate = Gate()
    running = Running(gate)
    with Client(running.port) as client:
        client.send("/wait")
        poll(lambda: gate.waiting == 1, "the request")
        running.stopping.ask()
        running.stopping.ask()
        running.wait()
    gate.may_go.set()


def test_idle_connections_do_not_keep_it() -> None:
    running = Running()
    idle = [Client(running.port) for _ in range(20)]
    began = time.monotonic()
    running.stopping.ask()
    running.wait()
    assert time.monotonic() - began < 20
    for each in idle:
        each.__exit__()


@pytest.mark.parametrize("keeps_alive", [True, False])
def test_under_load_no_request_is_lost(keeps_alive: bool) -> None:
    """Each client asks until it is told that the connection is closed, or nobody answers the door."""
    running = Running()
    answered, lost = [], []
    refused = threading.Barrier(9)

    def ask_on() -> None:
        while True:
            try:
                client = Client(running.port)
            except ConnectionError:
                break
            with client:
                is_open = True
                while is_open:
                    try:
                        client.send("/hello", *([] if keeps_alive else ["Connection: close"]))
                        status, headers, _ = client.read()
                    except (OSError, IndexError) as wrong:
                        lost.append(wrong)
                        break
                    answered.append(status)
                    is_open = "Connection" not in headers
        refused.wait(60)

    threads = [threading.Thread(target=ask_on) for _ in range(8)]
    for thread in threads:
        thread.start()
    poll(lambda: len(answered) > 200, "some answers")
    running.stopping.ask()
    refused.wait(60)
    running.wait()
    for thread in threads:
        thread.join()
    assert not lost
    assert set(answered) == {200}
