"""What must be done before a data folder can be served: migrate the database, and clear up after
whatever ended the last time.

Done under a lock, so that several processes may start at once: one does it, the others wait and
find it done. Clearing up beside running servers is safe. Migrating is not: those of an older version
would find other tables than they know. So it is left to who knows that there are none: `serve.py` at its
start, which has claimed the data folder, and whoever starts another server. With several processes the
first one does it, alone; one that comes later, after a new version was put in place, refuses to start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from .accounts import invitations, sign_ins
from .config import CannotStart, Settings
from .database import Base, now, unit_of_work, writing
from .exports import scratch
from .extensions import db
from .failpoints import reach
from .filling import drafts
from .jobs import queue
from .limits import rules as limits
from .locks import FileLock
from .notices import deliveries
from .sessions import ServerSessions
from .storage.base import Storage
from .submissions import erasing, form_erasing, indexing, placing
from .uploads import rules as uploads

MIGRATIONS = Path(__file__).parent / "migrations"
SWEEP_JOB = "sweep"
STRAY_AFTER_SECONDS = 24 * 3600
_ADVISORY_LOCK = 0x696E74726179  # "intray"


def always() -> bool:
    return True


def prepare(app: Flask, may_migrate: Callable[[], bool] = always) -> None:
    """Makes the data folder of the application ready to serve; `may_migrate` is asked where the database
    would have to be migrated. Raises CannotStart, also where it may not."""
    settings: Settings = app.config["INTRAY"]
    with app.app_context():
        try:
            _prepare(settings.data, may_migrate)
        finally:
            # what forks from here, as under `gunicorn --preload`, must not share a connection
            db.engine.dispose()


def _prepare(data: Path, may_migrate: Callable[[], bool]) -> None:
    _check_that_the_database_answers(db.engine)
    with FileLock(data / "prepare.lock"), _advisory_lock(db.engine):
        _migrate(db.engine, data, may_migrate)
        sweep()
        with unit_of_work() as session:
            queue.add(session, SWEEP_JOB, now(), name=SWEEP_JOB)


def sweep() -> None:
    """Does what was left undone, and removes what nobody needs; never anything under files/."""
    storage: Storage = current_app.extensions["intray.storage"]
    placing.place_all(storage)
    reach("sweep: placed")
    erasing.erase_all_marked(storage)
    reach("sweep: erased")
    with unit_of_work() as session:
        expired = uploads.expire(session, now())
        indexing.index_older(session)
        form_erasing.go_on(session, now())
        sign_ins.sweep(session, now())
        invitations.sweep(session, now())
        limits.sweep(session, now())
        drafts.sweep(session, now())
        deliveries.sweep(session, now())
    reach("sweep: expired")
    uploads.discard(storage, expired)
    placing.forget_strays(storage, STRAY_AFTER_SECONDS)
    scratch.forget_old(current_app.config["INTRAY"].data / "incoming")
    reach("sweep: strays")
    sessions = current_app.session_interface
    if isinstance(sessions, ServerSessions):
        sessions.files.sweep()


def _check_that_the_database_answers(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            inspect(connection).has_table("alembic_version")
    except DBAPIError as wrong:
        reason = str(wrong.orig).strip().splitlines()[0].rstrip(".")
        raise CannotStart(f"The database cannot be used: {reason}.") from None


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[None]:
    """On PostgreSQL, keeps out processes that have another data folder and the same database."""
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _ADVISORY_LOCK})


def known_revisions() -> list[str]:
    """The revisions that this Intray knows, oldest first: the numbers that their files begin with."""
    files = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
    return [path.name.split("_", 1)[0] for path in files]


def database_revision(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar()
    return revision


def _migrate(engine: Engine, data: Path, may_migrate: Callable[[], bool]) -> None:
    known = known_revisions()
    with engine.connect() as connection:
        revision = database_revision(connection)
    if revision is not None and revision not in known:
        raise CannotStart(
            f"The database is of a newer Intray (revision {revision}, this one knows up to "
            f"{known[-1]}): start the newer Intray, or put a backup back."
        )
    if revision == known[-1]:
        return
    if revision is not None and not may_migrate():
        raise CannotStart(
            "This version of Intray changes the database, which the one that runs still uses: stop "
            "Intray and start it again."
        )
    if revision is None or engine.dialect.name != "sqlite":
        _upgrade(engine)
        return
    backup = data / "backups" / f"{now():%Y-%m-%d %H%M%S} before {known[-1]}.db"
    try:
        back_up(engine, backup)
        _upgrade(engine)
    except BaseException as wrong:
        # The database is as it was. A service that starts again and again must not fill the disk.
        backup.unlink(missing_ok=True)
        if isinstance(wrong, sqlite3.Error):
            raise CannotStart(f"The database cannot be backed up to {backup}: {wrong}.") from None
        raise


def back_up(engine: Engine, target: Path) -> None:
    """Copies the SQLite database as it is at this moment, by SQLite's own backup."""
    assert engine.url.database is not None
    with (
        closing(sqlite3.connect(engine.url.database)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)


def _upgrade(engine: Engine) -> None:
    from alembic import command  # slow to import, and seldom needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with _for_migrating(engine) as connection:
        config.attributes["connection"] = connection
        config.attributes["metadata"] = Base.metadata
        command.upgrade(config, "head")


@contextmanager
def _for_migrating(engine: Engine) -> Iterator[Connection]:
    """A transaction for migrations. On SQLite foreign keys are checked at its end and not during it:
    Alembic changes a table by copying and dropping it, while others' rows refer to it."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with writing(engine).connect() as connection:
        connection.detach()  # closed afterwards, so that no one else has it without foreign keys
        # before the transaction, since within one SQLite leaves this as it is
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            yield connection
            broken = connection.execute(text("PRAGMA foreign_key_check")).first()
            if broken is not None:
                raise CannotStart(
                    f"The database cannot be migrated: the table {broken[0]} refers to rows that are "
                    "missing. It is left as it was."
                )
