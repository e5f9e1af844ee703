"""Putting the application together: settings in, a Flask application out."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import IntegerConverter, Map

from . import assets, data_folder, errors, headers, hosts, language, preparation
from .accounts import guard, security
from .accounts import tables as account_tables
from .accounts.routes import blueprint as accounts
from .builder.routes import blueprint as builder
from .commits import Commits
from .config import CannotStart, Settings
from .corrections.routes import blueprint as corrections
from .database import engine_options, now, prepare_engine, snapshot
from .events import tables as event_tables
from .exports.routes import blueprint as exports
from .extensions import db
from .filling import drafts, kept
from .filling import tables as filling_tables
from .filling.paged.routes import blueprint as paged
from .filling.routes import blueprint as filling
from .forms.capacity import Capacity, find_capacity
from .forms.published import PublishedForms
from .framework import Answer, Intray, current_request
from .home.routes import blueprint as home
from .inbox.routes import blueprint as inbox
from .invited.admission import find_link_capacity
from .jobs.worker import Worker, every
from .limits import tables as limit_tables
from .look import tables as look_tables
from .look.routes import blueprint as look
from .mail.routes import blueprint as mail
from .notices import jobs as notice_jobs
from .notices.routes import blueprint as notices
from .roster import mailing
from .roster.routes import blueprint as roster
from .sessions import ServerSessions, SessionFiles
from .settings import tables as setting_tables
from .setup.link import setup_path
from .setup.routes import blueprint as setup
from .showcase.routes import blueprint as showcase
from .storage.base import Storage
from .storage.local import LocalStorage
from .submissions.details import capacity_to_correct
from .submissions.erasing import ERASE_JOB, EraseJob
from .submissions.form_erasing import ERASE_FORM_JOB, EraseFormJob
from .submissions.indexing import INDEX_JOB, IndexJob
from .submissions.placing import PLACE_JOB, PlaceJob
from .submissions.receipts import may_correct
from .uploads.arriving import Arrivals
from .uploads.finishing import FINISH_JOB, FinishJob
from .uploads.following import Follower
from .uploads.multipart import IntrayRequest
from .uploads.routes import blueprint as uploads
from .users.routes import blueprint as users

__all__ = [
    "account_tables",
    "build",
    "event_tables",
    "filling_tables",
    "limit_tables",
    "look_tables",
    "setting_tables",
]

log = logging.getLogger("intray")

PERSONAL, DRAFT = "p/", "c/"  # what private links begin with; no slug does
SWEEP_EVERY = timedelta(hours=1)


class RowId(IntegerConverter):
    """The id of a row in an address: no greater than what every database takes for one."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**31 - 1)


def build(settings: Settings, may_migrate: Callable[[], bool] = preparation.always) -> Flask:
    """The application for these settings, its data folder prepared. Raises CannotStart."""
    data_folder.make_data_folder(settings.data)
    if not settings.database_url:
        data_folder.keep_database_private(settings.data)
    app = Intray("webapp", static_folder=None)
    app.request_class = IntrayRequest
    app.response_class = Answer
    app.config["INTRAY"] = settings
    app.config["SQLALCHEMY_ENGINES"] = {"default": engine_options(settings)}
    app.secret_key = data_folder.secret_key(settings.data)
    app.extensions["intray.kept_pages"] = kept.KeptPages()
    app.session_interface = ServerSessions(SessionFiles(settings.data / "sessions"))
    _add_storage(app, LocalStorage(settings.data))
    _add_database(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["id"] = RowId
    app.url_map.merge_slashes = False  # it would redirect to an address made from the Host header
    _add_rooms(app)
    _add_worker(app)
    preparation.prepare(app, may_migrate)
    return app


def log_how_to_set_up(app: Flask) -> None:
    """Logs the path of set-up, as long as nobody has been there: where other servers serve it, Intray
    does not know."""
    settings: Settings = app.config["INTRAY"]
    with app.app_context():
        path = setup_path(settings, now())
        db.engine.dispose()  # what forks from here must not share a connection
    if path:
        log.warning("Set Intray up: open %s%s", settings.public_url or "at its address ", path)


def _add_storage(app: Flask, storage: Storage) -> None:
    follower = Follower(storage)
    app.extensions["intray.storage"] = storage
    app.extensions["intray.follower"] = follower
    app.extensions["intray.may_correct"] = may_correct

    def find(slug: str) -> Capacity | None:
        with app.app_context(), snapshot() as session:
            if slug.startswith(PERSONAL):
                return find_link_capacity(session, slug.removeprefix(PERSONAL))
            if slug.startswith(DRAFT):
                return drafts.find_capacity(session, slug.removeprefix(DRAFT))
            return find_capacity(session, slug) or capacity_to_correct(session, slug)

    app.extensions["intray.arrivals"] = Arrivals(storage, follower, find)


def _add_database(app: Flask) -> None:
    try:
        db.init_app(app)
    except ModuleNotFoundError as missing:
        raise CannotStart(
            f"PostgreSQL needs the package {missing.name}: pip install psycopg[binary]."
        ) from None
    # Intray has no asynchronous sessions: to close none, a thread would be started in each request.
    app.teardown_appcontext_funcs = [
        close for close in app.teardown_appcontext_funcs if not inspect.iscoroutinefunction(close)
    ]
    with app.app_context():
        prepare_engine(db.engine)
        app.extensions["intray.published_forms"] = PublishedForms(Commits(db.engine).mark)


def _add_rooms(app: Flask) -> None:
    for room in (errors, headers, language, hosts, assets, security, guard):
        room.init_app(app)
    kinds = Blueprint("forms", "webapp.forms", template_folder="templates")
    for blueprint in (
        home,
        filling,
        paged,
        uploads,
        kinds,
        setup,
        accounts,
        users,
        inbox,
        corrections,
        exports,
        mail,
        notices,
        builder,
        look,
        roster,
    ):
        app.register_blueprint(blueprint)
    if app.config["INTRAY"].dev:
        app.register_blueprint(showcase)
    app.after_request(_let_the_client_finish)
    app.teardown_request(_forget_files)


def _let_the_client_finish(response: Response) -> Response:
    if response.status_code >= 400:
        cast(IntrayRequest, request).drain()
    return response


def _forget_files(error: BaseException | None) -> None:
    cast(IntrayRequest, current_request()).forget_files()


def _add_worker(app: Flask) -> None:
    worker = Worker(app)
    worker.handles(preparation.SWEEP_JOB, every(SWEEP_EVERY, preparation.sweep))
    worker.handles(PLACE_JOB, PlaceJob(app.extensions["intray.storage"]))
    worker.handles(INDEX_JOB, IndexJob())
    worker.handles(ERASE_JOB, EraseJob(app.extensions["intray.storage"]))
    worker.handles(ERASE_FORM_JOB, EraseFormJob(app.extensions["intray.storage"]))
    finish = FinishJob(app.extensions["intray.storage"], app.extensions["intray.follower"])
    worker.handles(FINISH_JOB, finish, lane="uploads")  # which may take as long as the disk does
    notice_jobs.register(worker, lambda: app.config["INTRAY"])
    mailing.register(worker, lambda: app.config["INTRAY"])
    app.extensions["intray.jobs"] = worker

    # Under other servers this is the first moment at which a process is surely not to fork again.
    @app.before_request
    def start_worker(**_: Any) -> None:
        worker.start()
