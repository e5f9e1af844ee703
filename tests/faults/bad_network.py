"""A network that cuts connections and alters bytes: a proxy on this computer, as chance will have it."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from dataclasses import dataclass
from typing import Self

CUT, ALTER, NOTHING = "cut", "alter", "nothing"
FORWARD, BACKWARD = "forward", "backward"
_PIECE = 32 * 1024


@dataclass
class _Fault:
    """What happens to one connection: to which of its directions, after so many bytes."""

    kind: str
    direction: str
    after: int


class BadNetwork:
    """Takes connections at `port` and hands them on to the server's port. Each may suffer one fault:
    it is cut off, or up to three of its bytes are altered."""

    def __init__(self, server_port: int, seed: int, *, alters: bool, most_bytes: int) -> None:
        """Faults come within the first `most_bytes` of a direction."""
        self.faults: list[str] = []
        self.is_good = False  # from now on nothing happens to new connections
        self._server_port = server_port
        self._chance = random.Random(seed)
        self._kinds = (CUT, ALTER, NOTHING) if alters else (CUT, CUT, NOTHING)
        self._most_bytes = most_bytes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._open):
            _shut(one)
        for thread in self._threads:
            thread.join(10)

    def _start(self, run: object, *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port), 10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            self._open |= {client, server}
            fault = self._next_fault()
            self._start(self._hand_on, client, server, fault, FORWARD)
            self._start(self._hand_on, server, client, fault, BACKWARD)

    def _next_fault(self) -> _Fault:
        kind = NOTHING if self.is_good else self._chance.choice(self._kinds)
        direction = self._chance.choice((FORWARD, FORWARD, BACKWARD))
        most = self._most_bytes if direction == FORWARD else 700
        return _Fault(kind, direction, self._chance.randrange(most))

    def _hand_on(
        self, source: socket.socket, target: socket.socket, fault: _Fault, direction: str
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                hit = (
                    fault.kind != NOTHING
                    and fault.direction == direction
                    and passed <= fault.after < passed + len(piece)
                )
                if hit:
                    piece = self._spoil(piece, fault, fault.after - passed)
                target.sendall(piece)
                passed += len(piece)
                if hit and fault.kind == CUT:
                    break
        _shut(source)
        _shut(target)

    def _spoil(self, piece: bytes, fault: _Fault, at: int) -> bytes:
        self.faults.append(f"{fault.kind} {fault.direction}")
        if fault.kind == CUT:
            return piece[:at]
        altered = bytearray(piece)
        for number in range(at, min(at + self._chance.randint(1, 3), len(piece))):
            altered[number] ^= self._chance.randint(1, 255)
        return bytes(altered)


def _shut(one: socket.socket) -> None:
    """Ends both directions, and whoever waits in one of them."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
