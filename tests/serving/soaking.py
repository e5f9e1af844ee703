"""Clients as the internet has them, one after the other: well-behaved, gone in the middle, slow, idle."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ..bench import load

INDEX = load.request("GET", "/index")
BODY_BYTES = 2_000_000  # announced: more than the server keeps in memory
RESET = struct.pack("ii" if struct.calcsize("P") == 8 else "hh", 1, 0)  # linger(2): for no time
IDLE = 40  # connections of each client that it leaves alone


class Churn:
    """So many clients, each with a thread, that do one thing or another until they are told to stop."""

    def __init__(self, port: int, page: str, seed: int = 1) -> None:
        """`page` is the path of a form."""
        self.done: Counter[str] = Counter()
        self.errors: list[BaseException] = []
        self._port = port
        self._page = page
        self._seed = seed
        self._stop = threading.Event()
        self._ways: list[Callable[[random.Random], None]] = [
            self._keep_alive,
            self._close,
            self._pipeline,
            self._cut_head,
            self._cut_body,
            self._read_slowly,
        ]

    @property
    def names(self) -> set[str]:
        """Of all the ways."""
        return {_name(way) for way in self._ways}

    @contextmanager
    def running(self, clients: int) -> Iterator[None]:
        """Raises what a client has found wrong, at the end."""
        self._stop.clear()
        threads = [threading.Thread(target=self._run, args=[number]) for number in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(load.SECONDS)
        if self.errors:
            raise self.errors[0]

    def _run(self, number: int) -> None:
        dice = random.Random(self._seed * 1000 + number)
        idle: deque[load.Connection] = deque()
        try:
            while not self._stop.is_set():
                way = dice.choice(self._ways)
                way(dice)
                self.done[_name(way)] += 1
                self._leave_one_alone(idle)
        except BaseException as error:
            self.errors.append(error)
        finally:
            load.close(idle)

    def _leave_one_alone(self, idle: deque[load.Connection]) -> None:
        """The oldest is closed by the server where it has been idle for too long, else by us."""
        idle.append(load.Connection(self._port))
        if len(idle) > IDLE:
            idle.popleft().close()

    @contextmanager
    def _connection(self) -> Iterator[load.Connection]:
        connection = load.Connection(self._port)
        try:
            yield connection
        finally:
            connection.close()

    def _keep_alive(self, dice: random.Random) -> None:
        with self._connection() as connection:
            for _ in range(dice.randint(1, 20)):
                path = dice.choice(["/index", self._page])
                assert connection.exchange(load.request("GET", path)).status == 200

    def _close(self, dice: random.Random) -> None:
        with self._connection() as connection:
            request = load.request("GET", "/index", headers={"Connection": "close"})
            assert connection.exchange(request).status == 200
            assert connection.socket.recv(1) == b""

    def _pipeline(self, dice: random.Random) -> None:
        with self._connection() as connection:
            count = dice.randint(2, 10)
            connection.send(INDEX * count)
            for _ in range(count):
                assert connection.exchange(b"").status == 200

    def _cut_head(self, dice: random.Random) -> None:
        with self._connection() as connection:
            connection.send(INDEX[: dice.randrange(1, len(INDEX))])
            _reset_now_and_then(connection, dice)

    def _cut_body(self, dice: random.Random) -> None:
        kind = "multipart/form-data; boundary=x"
        headers = {"Content-Type": kind, "Content-Length": str(BODY_BYTES)}
        with self._connection() as connection:
            connection.send(load.request("POST", self._page, headers=headers))
            connection.send(b"x" * dice.randrange(BODY_BYTES))
            _reset_now_and_then(connection, dice)

    def _read_slowly(self, dice: random.Random) -> None:
        """Of many answers, that together are more than the system keeps for us."""
        with self._connection() as connection:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.send(load.request("GET", self._page) * 30)
            ends_at = time.monotonic() + dice.random()
            while time.monotonic() < ends_at and not self._stop.wait(0.02):
                assert connection.socket.recv(2048)
            _reset_now_and_then(connection, dice)


def _name(way: Callable[[random.Random], None]) -> str:
    return way.__name__.strip("_")


def _reset_now_and_then(connection: load.Connection, dice: random.Random) -> None:
    """As a phone does that loses its network, rather than one who closes the page."""
    if dice.random() < 0.5:
        with suppress(OSError):
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
