"""Flask's own server with its reloader and debugger, which runs any code that a visitor types."""

from __future__ import annotations

import os
from collections.abc import Callable

from .addresses import is_loopback
from .errors import CannotServe
from .loader import Application


def refuse_strangers(host: str) -> None:
    """Raises CannotServe unless `host` is reached from this computer alone."""
    if not is_loopback(host):
        raise CannotServe(
            f"--dev lets whoever reaches it run programs here, so it listens on 127.0.0.1 only, "
            f"not on {host}."
        )


def refuse_other_sockets(socket: str, given: bool) -> None:
    """Raises CannotServe unless it is to listen on host and port: Flask's server opens these itself."""
    if socket or given:
        raise CannotServe("--dev listens on a port: start it without --socket, and by hand.")


def refuse_several(processes: int) -> None:
    """Raises CannotServe unless it is one: Flask's server and its debugger have no more."""
    if processes > 1:
        raise CannotServe("--dev serves with one process, so it goes without --processes.")


def is_reloaded() -> bool:
    """Whether this is the process that answers, rather than the one that watches over it."""
    return os.environ.get("WERKZEUG_RUN_MAIN") == "true"


def serve(make_application: Callable[[], Application], host: str, port: int) -> None:
    """Serves until stopped, and anew after each change of the code. The application is made in the
    process that answers; the watching one has no need of it."""
    from werkzeug.serving import run_simple

    application = _made(make_application) if is_reloaded() else _nothing
    run_simple(host, port, application, use_reloader=True, use_debugger=True, threaded=True)


def _made(make_application: Callable[[], Application]) -> Application:
    """The application; where its code has an error, one that has the debugger show it, so that
    saving the mended code is enough to go on."""
    try:
        return make_application()
    except CannotServe:
        raise
    except Exception as error:
        broken = error

    def show_error(*_: object) -> list[bytes]:
        raise broken

    return show_error


def _nothing(*_: object) -> list[bytes]:
    raise AssertionError("The process that watches the code answers no requests.")
