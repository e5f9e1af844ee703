"""What `python serve.py` does: from options to a server, or to one sentence and exit code 2.

The standard library alone at module level: with `--app` nothing of Intray's own application, nor
Flask, is ever loaded.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import announcing, as_service, command_line, config, developing, opening
from .config import CannotStart, Settings
from .log_paths import without_secrets
from .opening import Door
from .serving import (
    access_log,
    bodies,
    console,
    data_folder,
    development,
    inherited,
    loader,
    memory,
    metrics,
    notifying,
    processes,
    reloading,
    server,
    signals,
    sockets,
)
from .serving.errors import CannotServe
from .serving.listening import Listening
from .serving.loader import Application
from .serving.proxies import Proxies
from .serving.stopping import Stopping
from .serving.worker import Place

if TYPE_CHECKING:
    from flask import Flask

STOP_SECONDS = 5.0  # what a job in progress is given; one cut short is done again
log = logging.getLogger("intray.serving")
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
HAND_INS = ("/f/",)  # beginnings of the paths that take files


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs until stopped; `arguments` are those of the process unless given.

    Returns the exit code: 0 when it was stopped, 2 after a sentence that says why it cannot start.
    """
    memory.share_one_arena()
    console.prepare()
    logging.basicConfig(format=LOG_FORMAT, level=logging.WARNING)
    signals.interrupt_on_stop()
    notifying.manager()  # before anything is started that might take it for its own
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 0
    except (CannotStart, CannotServe) as stopped:
        console.say_aside(str(stopped))
        code = 2
    except Exception:
        traceback.print_exc()
        code = 1
    console.hold_window()
    return code


def _run(arguments: Sequence[str] | None) -> int:
    asked = command_line.read(arguments)
    settings = config.load(asked.settings)
    if asked.service:
        as_service.print_service(asked, settings)
        return 0
    if settings.dev:
        development.refuse_strangers(settings.host)
        development.refuse_several(settings.processes)
        development.refuse_other_sockets(settings.socket, inherited.VARIABLE in os.environ)
    if settings.app:
        _serve_other(settings)
    else:
        _serve_intray(settings, config.said_at_start("host", asked.settings))
    return 0


def _serve_other(settings: Settings) -> None:
    if settings.dev:
        developing.develop(settings, lambda: loader.load(settings.app))
        return
    application = loader.load(settings.app) if settings.processes == 1 else None
    with opening.opened(settings) as door:
        announcing.explain_the_firewall(door.settings)
        if application is None:
            _share(door)
            return
        announcing.announce(door.settings)
        _serve(door, application)


def _serve_intray(settings: Settings, host_said_by: str) -> None:
    if settings.dev and development.is_reloaded():  # its parent has claimed the data folder
        developing.develop(settings, lambda: developing.debugged(settings))
        return
    claim = data_folder.Claim(settings.data)
    with ExitStack() as at_the_end:
        door = _opened(settings, claim, at_the_end)
        announcing.explain_the_firewall(door.settings)
        data_folder.prove_writable(settings.data)
        claim.take(opening.where(door.settings))
        at_the_end.callback(claim.release)
        _serve_claimed(door, host_said_by)


def _opened(settings: Settings, claim: data_folder.Claim, at_the_end: ExitStack) -> Door:
    try:
        return at_the_end.enter_context(opening.opened(settings))
    except CannotServe:
        claim.refuse_second()  # the better reason, where it is one
        raise


def _serve_claimed(door: Door, host_said_by: str) -> None:
    settings = door.settings
    warning = data_folder.worry(settings.data, os.environ)
    if warning:
        console.say_aside(warning)
    if settings.dev:
        sockets.close(door.listeners)  # Flask's server opens its own, and hands it on on reloading
        developing.develop(settings, lambda: developing.debugged(settings))
    elif settings.processes > 1:
        _share(door)
    else:
        _serve_made(door, door.given_by or host_said_by)


def _share(door: Door) -> None:
    """Nothing of an application is ever loaded in this process then."""
    settings, manager = door.settings, notifying.manager()
    manager.status = announcing.status(settings)
    requests = reloading.Requests(settings.data)
    if not settings.app:
        requests.take()  # one that nobody was there for
    processes.watch(
        _work,
        settings,
        door.listeners,
        settings.processes,
        stop_seconds=settings.stop_seconds,
        manager=manager,
        is_to_reload=bool if settings.app else requests.take,
        is_last=not door.given_by,
    )


def _work(settings: Settings, place: Place) -> None:
    """One of several processes."""
    console.prepare()
    logging.basicConfig(format=LOG_FORMAT, level=logging.WARNING)
    door = Door(settings, place.listeners, "--processes")
    try:
        if settings.app:
            application = loader.load(settings.app)
            if place.speaks:
                announcing.announce(settings)
            _serve(door, application, place)
        else:
            # each process would have to listen elsewhere, and the one that watches as well
            _serve_made(door, door.given_by, place)
    except CannotStart as stopped:
        raise CannotServe(str(stopped)) from None


def _serve_made(door: Door, host_said_by: str, place: Place | None = None) -> None:
    from . import create_app

    settings = door.settings
    is_first = place is None or place.speaks
    app = create_app(settings, lambda: is_first)
    listening = None if settings.socket else _listening(app, settings, host_said_by)
    worker = app.extensions["intray.jobs"]
    if is_first:
        announcing.announce(settings)
        announcing.open_where_seen(announcing.say_how_to_set_up(app, settings))
    worker.start()
    try:
        _serve(
            door,
            app,
            place,
            hidden=without_secrets,
            spool=settings.data / "incoming",
            body_limit=body_limit,
            listening=listening,
            receiver=app.extensions.get("intray.arrivals"),
        )
    finally:
        worker.stop(STOP_SECONDS)


def _serve(
    door: Door,
    application: Application,
    place: Place | None = None,
    *,
    hidden: Callable[[str], str] = str,
    **options: Any,
) -> None:
    settings = door.settings
    name, form = settings.access_log, settings.access_log_format
    process = place.number if place else 1
    accesses = access_log.open_log(
        settings.data / "logs", name, process, hidden=hidden, format=form
    )
    if settings.app and settings.metrics_from:
        readers = metrics.Readers.parse(settings.metrics_from)
        application = metrics.answering(application, readers)
    manager = notifying.manager()
    own = Stopping(settings.stop_seconds, manager.stopping, is_last=not door.given_by)
    stopping = place.stopping if place else own
    closed_terminal = [] if place else signals.RELOAD
    if place:
        place.ready()
    else:
        manager.status = announcing.status(settings)
        manager.ready()
    try:
        with signals.told_of(
            closed_terminal, _refuse_to_reload if manager.is_there else stopping.ask
        ):
            server.serve(
                application,
                door.listeners,
                threads=settings.threads,
                stopping=stopping,
                processes=settings.processes,
                exchanges=accesses.add if accesses else None,
                proxies=Proxies.parse(settings.trusted_proxy),
                figures=place.figures if place else None,
                hidden=hidden,
                **options,
            )
    finally:
        if accesses is not None:
            accesses.close()


def _refuse_to_reload() -> None:
    """A service manager asks for that as a closed terminal does for the end."""
    log.warning(
        "One process cannot be replaced while it serves: restart it, or give it --processes."
    )


def _listening(app: Flask, settings: Settings, host_said_by: str) -> Listening:
    """Lets the application change what the server listens on."""

    def changed(host: str) -> None:
        app.config["INTRAY"] = replace(settings, host=host)
        announcing.announce_to_the_network_aside(app.config["INTRAY"])

    listening = Listening(settings.host, settings.port, fixed_by=host_said_by, changed=changed)
    app.extensions["intray.listening"] = listening
    return listening


def body_limit(path: str) -> int:
    """The greatest request body at a path, in bytes, as far as the disk has room for it."""
    return bodies.UNLIMITED if path.startswith(HAND_INS) else bodies.IN_MEMORY
