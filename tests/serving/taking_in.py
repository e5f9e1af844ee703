"""A server whose receiver takes in what is sent to `/take…`; tests start it with `python -c`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from webapp.serving import server, signals, sockets
from webapp.serving.bodies import Refusal
from webapp.serving.errors import CannotServe
from webapp.serving.listening import Listening

StartResponse = Callable[[str, list[tuple[str, str]]], object]
TEAPOT = Refusal("418 I'm a Teapot", "Not this.")
SMALL = 1000  # bytes: what `/take/little` refuses when there are more
events: list[str] = []


class Taken:
    """A body that tells what is done with it; its path says what goes wrong."""

    def __init__(self, path: str) -> None:
        self.refusal = TEAPOT if path == "/take/nothing" else None
        self.path = path
        self.content = b""

    def append(self, data: bytes) -> None:
        if self.path == "/take/broken":
            raise OSError("broken on purpose")
        self.content += data
        if self.path == "/take/little" and len(self.content) > SMALL:
            self.refusal = TEAPOT

    def end(self) -> None:
        self._tell("end")
        if self.path == "/take/broken-end":
            raise OSError("broken on purpose")

    def abandon(self) -> None:
        self._tell("abandon")
        if self.path == "/take/broken-abandon":
            raise OSError("broken on purpose")

    def instead_of(self, refusal: Refusal) -> Refusal:
        return refusal

    def read(self, size: int = -1) -> bytes:
        return b""

    def close(self) -> None:
        self._tell("close")

    def _tell(self, what: str) -> None:
        events.append(f"{what} {self.path} {len(self.content)}")
        print(events[-1], flush=True)


def receiver(method: str, path: str, headers: Mapping[str, str]) -> Taken | None:
    if path == "/take/unknown":
        raise LookupError("broken on purpose")
    events.append(f"{method} {path} {headers.get('CONTENT_LENGTH')} {headers.get('X_SAID')}")
    return Taken(path) if path.startswith("/take") else None


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    body, path = environ["wsgi.input"], environ["PATH_INFO"].encode("latin-1").decode()
    events.append(f"call {path}")
    said: object = list(events)
    if path == "/listen":
        said = _listen_on(environ["QUERY_STRING"])
    elif path != "/events":
        taken = body.content.decode() if isinstance(body, Taken) else None
        length = environ.get("CONTENT_LENGTH")
        said = {"read": body.read().decode(), "taken": taken, "length": length}
    return [json.dumps(said).encode()]


def serve(port: int, **options: Any) -> None:
    """Serves with these options of Waitress; `limit` is the greatest body that nobody takes in."""
    global listening
    limit = options.pop("limit", 1 << 20)
    spool = options.pop("spool", None)
    server.OPTIONS.update(options)
    listening = Listening("127.0.0.1", port)
    signals.interrupt_on_stop()
    server.serve(
        application,
        sockets.listen("127.0.0.1", port),
        threads=2,
        spool=Path(spool) if spool else None,
        body_limit=lambda path: limit,
        listening=listening,
        receiver=receiver,
    )
    print("ended", os.getpid(), flush=True)


def _listen_on(host: str) -> str:
    try:
        listening.listen_on(host)
    except CannotServe as reason:
        return str(reason)
    return host


listening: Listening
