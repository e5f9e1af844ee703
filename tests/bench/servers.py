"""Servers of WSGI applications that people would take in place of `serve.py`, with options as fair to each
as can be: as many processes and threads, connections that stay open, and room for thousands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..running import Server

THREADS = 8
OURS = "serve.py"
CONNECTIONS, BACKLOG, KEEP_ALIVE = "20000", "4096", "600"  # the last in seconds
AT = "127.0.0.1:{port}"


@dataclass(frozen=True)
class Application:
    """`name` in `module` is an application, or makes one when it is called."""

    module: str
    name: str
    is_made: bool

    @property
    def spec(self) -> str:
        return f"{self.module}:{self.name}"


INTRAY = Application("webapp", "create_app", is_made=True)
BARE = Application("tests.bench.bare", "hello", is_made=False)


def _stock_waitress(application: Application, processes: int) -> list[str]:
    options = [f"--listen={AT}", f"--threads={THREADS}", f"--backlog={BACKLOG}"]
    options += [f"--connection-limit={CONNECTIONS}", f"--channel-timeout={KEEP_ALIVE}"]
    options += ["--asyncore-use-poll"] if sys.platform != "win32" else []
    return ["waitress", *options, *["--call"] * application.is_made, application.spec]


def _gunicorn(application: Application, processes: int) -> list[str]:
    options = ["--bind", AT, "--worker-class", "gthread", "--threads", str(THREADS)]
    options += ["--workers", str(processes), "--worker-connections", CONNECTIONS]
    options += ["--keep-alive", KEEP_ALIVE, "--backlog", BACKLOG]
    return ["gunicorn", *options, application.spec + "()" * application.is_made]


def _granian(application: Application, processes: int) -> list[str]:
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", "{port}", "--no-ws"]
    options += ["--workers", str(processes), "--blocking-threads", str(THREADS)]
    options += ["--backlog", BACKLOG, "--backpressure", CONNECTIONS]
    options += ["--http1-header-read-timeout", "60000"]  # it counts for idle connections
    return ["granian", *options, *["--factory"] * application.is_made, application.spec]


@dataclass(frozen=True)
class _Peer:
    module: str
    command: Callable[[Application, int], list[str]]
    most_processes: int = 1000


_PEERS = {
    "waitress-serve": _Peer("waitress", _stock_waitress, most_processes=1),
    "gunicorn": _Peer("gunicorn", _gunicorn),
    "granian": _Peer("granian", _granian),
}


def missing() -> list[str]:
    """The names of peers that are not installed beside this Python."""
    return [name for name, peer in _PEERS.items() if find_spec(peer.module) is None]


def names(processes: int) -> list[str]:
    """The servers that can be had here with so many processes, ours first."""
    there = [name for name in _PEERS if name not in missing()]
    return [OURS, *(name for name in there if processes <= _PEERS[name].most_processes)]


def server(name: str, application: Application, processes: int, data: Path, path: str) -> Server:
    """One of them, not yet started. An answer to `path` tells that it serves."""
    if name == OURS:
        options = ["--threads", str(THREADS), "--processes", str(processes)]
        options += [] if application is INTRAY else ["--app", application.spec]
        return Server(*options, data=data, path=path)
    command: Sequence[str] = _PEERS[name].command(application, processes)
    return Server(command=[sys.executable, "-m", *command], data=data, path=path)
