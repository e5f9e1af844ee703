"""Who waits for requests, and who answers them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from webapp.serving import server, sockets
from webapp.serving import threads as pool
from webapp.serving.figures import Figures
from webapp.serving.loop import Loop
from webapp.serving.stopping import Stopping

from ..running import poll
from .answering import Client, application, serving


def plain(start_response: Callable[..., Any], text: str = "") -> Iterable[bytes]:
    body = text.encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def test_quick_requests_do_not_go_from_thread_to_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stock Waitress has each of its threads answer in turn. Without what wakes others while this machine
    has no time for whoever answers, one or two do."""
    monkeypatch.setattr(pool, "IDLE_SHARE", float("inf"))
    monkeypatch.setattr(pool, "LOOK_SECONDS", 2.0)

    def who(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return plain(start_response, threading.current_thread().name)

    with serving(who, threads=8) as port, Client(port) as client:
        names = {client.ask("/")[2] for _ in range(400)}
    assert len(names) < 5  # while they start, one may come before another


def test_requests_that_wait_for_each_other_are_answered() -> None:
    """Each takes a thread of its own, although answers have been quick until then."""
    all_here = threading.Barrier(8)

    def meet(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/meet":
            all_here.wait(30)
        return plain(start_response)

    with serving(meet, threads=8) as port:
        clients = [Client(port) for _ in range(8)]
        for _ in range(3):
            for client in clients:
                assert client.ask("/")[0] == 200
            for client in clients:
                client.send("/meet")
            assert [client.read()[0] for client in clients] == [200] * 8
        for client in clients:
            client.__exit__()


def test_what_breaks_the_loop_ends_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody takes a turn of it again, of which only the consequences would be told."""
    turns: list[int] = []

    def broken(loop: Loop, waits: bool) -> None:
        turns.append(1)
        raise OSError(f"in turn {len(turns)}")

    monkeypatch.setattr(Loop, "step", broken)
    (listener,) = sockets.listen("127.0.0.1", 0)
    with pytest.raises(OSError, match=r"in turn 1$"):
        server.serve(application, [listener], threads=4, stopping=Stopping(5.0))
    assert turns == [1]


def test_the_loop_goes_on_while_all_threads_are_at_work() -> None:
    may_go = threading.Event()
    at_it: list[int] = []

    def wait(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        at_it.append(1)
        assert may_go.wait(60)
        return plain(start_response)

    with serving(wait, threads=2) as port, Client(port) as first, Client(port) as second:
        for number, client in enumerate((first, second), 1):
            client.send("/")
            poll(lambda number=number: len(at_it) == number, "a thread at work")
        for _ in range(3):
            with Client(port) as third:
                third.socket.sendall(b"nonsense\r\n\r\n")
                assert third.read()[0] == 400
        may_go.set()
        assert first.read()[0] == second.read()[0] == 200


def test_the_loop_has_its_turn_beside_many_requests_that_wait() -> None:
    answered: list[int] = []

    def count(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        time.sleep(0.003)  # as quick as most: nobody looks after such a thread
        answered.append(1)
        return plain(start_response)

    with serving(count, threads=1) as port, Client(port) as late:
        clients = [Client(port) for _ in range(200)]
        for client in clients:
            client.send("/")
        poll(lambda: answered, "the first answer")
        late.socket.sendall(b"nonsense\r\n\r\n")
        assert late.read()[0] == 400
        assert len(answered) < 100
        for client in clients:
            assert client.read()[0] == 200
            client.__exit__()


def test_a_broken_request_behind_a_good_one_is_answered() -> None:
    """Also where the thread that has answered the first one had been at the loop."""
    with serving(threads=1) as port, Client(port) as client:
        client.socket.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n")
        assert [client.read()[0], client.read()[0]] == [200, 400]


def test_what_ends_the_loop_ends_the_server() -> None:
    """Whoever has started it then starts another, rather than to have one that hears nobody."""
    (listener,) = sockets.listen("127.0.0.1", 0)
    figures = Figures()

    def fail() -> dict[int, float]:
        raise ZeroDivisionError

    looks = figures.looks
    figures.looks = lambda look: looks(fail)  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        server.serve(application, [listener], threads=2, figures=figures)
