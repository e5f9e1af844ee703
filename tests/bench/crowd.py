"""Idle keep-alive connections, in a process of their own, which has descriptors of its own.

`python -m tests.bench.crowd PORT PATH COUNT` asks once on each connection, says `held`, holds them until its
standard input ends, and says how many are open then.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

from webapp.serving.capacity import most_connections

from ..running import TOP
from . import load

BATCH = 250  # connections that ask at the same time
SECONDS = 90.0  # in which all must have been answered


class Crowd:
    """So many idle connections to a server, while inside `with`. Raises LoadError where it takes them not."""

    def __init__(self, port: int, path: str, count: int) -> None:
        self._count = count
        self._command = [sys.executable, "-m", "tests.bench.crowd", str(port), path, str(count)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=TOP,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        said = self._say()
        if said != "held":
            self.__exit__(None, None, None)
            raise load.LoadError(f"idle connections: {said}")
        return self

    def lost(self) -> int:
        """How many the server has closed. They are given up with that."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._count - int(self._say() or 0)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        with self._process:
            pass

    def _say(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _hold(port: int, path: str, count: int) -> None:
    held: list[load.Connection] = []
    ends_at = time.monotonic() + SECONDS
    while len(held) < count:
        held += _batch(port, path, min(BATCH, count - len(held)))
        if time.monotonic() > ends_at:
            raise load.LoadError(f"{len(held)} of {count} within {SECONDS:.0f} seconds")
    print("held", flush=True)
    sys.stdin.read()
    print(sum(_is_open(connection.socket) for connection in held), flush=True)


def _batch(port: int, path: str, count: int) -> list[load.Connection]:
    opened = load.open_connections(port, count)
    request = load.request("GET", path)
    for connection in opened:
        connection.send(request)
    for connection in opened:
        while (answer := connection.receive()) is None:
            pass
        if answer.status != 200:
            raise load.LoadError(f"answered {answer.status}")
    return opened


def _is_open(held: socket.socket) -> bool:
    held.setblocking(False)
    try:
        return bool(held.recv(1))
    except BlockingIOError:
        return True
    except OSError:
        return False


if __name__ == "__main__":
    most_connections()
    try:
        _hold(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    except (load.LoadError, OSError) as wrong:
        print(wrong, flush=True)
        sys.exit(1)
