"""A server that moves when it is asked to; tests start it with `python -c`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from webapp.serving import server, signals, sockets
from webapp.serving.errors import CannotServe
from webapp.serving.listening import Listening

from ..running import poll

StartResponse = Callable[[str, list[tuple[str, str]]], object]
may_go, waiting = threading.Event(), 0


def serve(host: str, port: int, *, limits: bool = False) -> None:
    def changed(host: str) -> None:
        print("now on", host, flush=True)

    listening = Listening(host, port, changed=changed)

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        path, said = environ["PATH_INFO"], environ["QUERY_STRING"]
        return [json.dumps(_answer(listening, path, said)).encode()]

    signals.interrupt_on_stop()
    server.serve(
        application,
        sockets.listen(host, port),
        threads=4,
        body_limit=(lambda path: 1024**2) if limits else None,
        listening=listening,
    )


def _answer(listening: Listening, path: str, said: str) -> str:
    global waiting
    if path == "/listen":
        try:
            listening.listen_on(said)
        except CannotServe as reason:
            return str(reason)
    elif path == "/freeze":
        _freeze(listening, Path(said))
    elif path == "/waiting":
        return str(waiting)
    elif path == "/wait":
        waiting += 1
        may_go.wait(60)
        return "waited"
    elif path == "/go":
        may_go.set()
    return listening.host


def _freeze(listening: Listening, until: Path) -> None:
    """Has the loop accept nobody until there is such a file, and move then."""
    (first,) = listening._servers

    def freeze() -> None:
        poll(until.exists, f"a file {until}")

    first.trigger.pull_trigger(freeze)
    threading.Thread(target=listening.listen_on, args=["0.0.0.0"]).start()
