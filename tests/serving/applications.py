"""WSGI applications that tests serve with `--app tests.serving.applications:NAME`."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

StartResponse = Callable[[str, list[tuple[str, str]]], object]


def _answer(start_response: StartResponse, value: object) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(value).encode()]


def modules(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Says which modules the server process has loaded."""
    return _answer(start_response, sorted(sys.modules))


def body(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Says how long the request's body is and which SHA-256 it has, and the temporary folder."""
    digest, length = hashlib.sha256(), 0
    while chunk := environ["wsgi.input"].read(1 << 20):
        digest.update(chunk)
        length += len(chunk)
    said = {"length": length, "sha256": digest.hexdigest(), "folder": tempfile.gettempdir()}
    return _answer(start_response, said)


together = threading.Barrier(3)


def meet(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answers `/meet` once three requests are here at the same time."""
    if environ["PATH_INFO"] == "/meet":
        together.wait(30)
    return _answer(start_response, os.getpid())


def broken(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    raise RuntimeError("broken on purpose")


def ctrl_break(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answers `/break`, and has the process get what Ctrl-Break gives it."""
    if sys.platform == "win32" and environ["PATH_INFO"] == "/break":
        threading.Timer(0.2, signal.raise_signal, [signal.SIGBREAK]).start()
    return _answer(start_response, "sent")


ended = 0  # of what is never taken to its end
PIECES = [b"a" * 65_536, b"b", b"c" * 300_000, b"d" * 65_535, b"e" * 1_000_001] * 20
made = 0


def large(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """`/stream` and `/file` are PIECES; `/endless` never ends, and `/ended` says how many of these two did
    anyhow; all else says how much of it was made."""
    path = environ["PATH_INFO"]
    if path not in ("/stream", "/file", "/endless"):
        return _answer(start_response, ended if path == "/ended" else made)
    length = sum(map(len, PIECES))
    headers = [] if path == "/endless" else [("Content-Length", str(length))]
    start_response("200 OK", headers)
    if path == "/file":
        file = _File(b"".join(PIECES))
        return environ["wsgi.file_wrapper"](file)  # type: ignore[no-any-return]
    return iter(PIECES) if path == "/stream" else _endless()


class _File(io.BytesIO):
    """Tells when it is closed."""

    def close(self) -> None:
        global ended
        ended += not self.closed
        super().close()


def _endless() -> Iterator[bytes]:
    global made, ended
    try:
        while True:
            made += 100_000
            yield bytes(100_000)
    finally:
        ended += 1


def slow(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """`/slow?<path>` answers once there is a file of that path, which it first marks as begun; all else
    is the process's id and whether there are several."""
    if environ["PATH_INFO"] == "/slow":
        may_go = Path(environ["QUERY_STRING"])
        may_go.with_suffix(".begun").touch()
        while not may_go.exists():
            time.sleep(0.01)
    return _answer(start_response, [os.getpid(), environ["wsgi.multiprocess"]])


def dying(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Its process ends as one does that the system kills."""
    if environ["PATH_INFO"] == "/die":
        os._exit(9)
    return _answer(start_response, os.getpid())


def environment(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Says what texts the application was given."""
    texts = {name: value for name, value in environ.items() if isinstance(value, str)}
    return _answer(start_response, texts)
