"""The database: its engine, its one way to write, and the types that every table shares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from .config import Settings
from .extensions import db

BUSY_TIMEOUT_SECONDS = 30.0

# Without names for constraints, later migrations on SQLite cannot drop or change them.
NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table is made from."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: takes and gives aware datetimes, and keeps them in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value.astimezone(UTC) if value else None
        return value.replace(tzinfo=UTC)  # SQLite keeps no zone


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def database_address(settings: Settings) -> URL | str:
    """Where the database is: as set, else `intray.db` in the data folder."""
    if settings.database_url:
        return settings.database_url
    return URL.create("sqlite", database=str(settings.data / "intray.db"))


def engine_options(settings: Settings) -> dict[str, Any]:
    """What `create_engine` needs; one connection for each thread and no ceiling above that,
    since other servers choose their threads themselves."""
    options: dict[str, Any] = {
        "url": database_address(settings),
        "pool_size": settings.threads,
        "max_overflow": -1,
        "hide_parameters": True,  # answers and private keys are not for the log
    }
    if is_sqlite(settings):
        options["connect_args"] = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    else:
        options["pool_pre_ping"] = True
    return options


def is_sqlite(settings: Settings) -> bool:
    return not settings.database_url or settings.database_url.startswith("sqlite")


def prepare_engine(engine: Engine) -> None:
    """Makes SQLite durable, strict and honest about transactions; nothing to do for PostgreSQL."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, record: object) -> None:
    connection.isolation_level = None  # sqlite3 then leaves BEGIN to us
    # secure_delete: what is erased is overwritten, and does not lie in a free page for years.
    pragmas = (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    )
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if "turn" in options:
        options["turn"].take()
    # A read that turns into a write fails at once with SQLITE_BUSY_SNAPSHOT, whatever the timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


class Turn:
    """One unit of work's place in the queue of this process's threads that write to SQLite.

    SQLite keeps them apart as well. But whoever waits for it sleeps, up to 100 ms at a time, and whoever
    wakes first is next: with a few people handing in at once, one of them waits a second.
    """

    _queue = Lock()

    def __init__(self) -> None:
        self._is_held = False

    def take(self) -> None:
        """Returns when nobody else's turn is on; or after as long as SQLite would wait, which then tells
        what is wrong."""
        if not self._is_held:
            self._is_held = self._queue.acquire(timeout=BUSY_TIMEOUT_SECONDS)

    def end(self) -> None:
        """Lets the next one write."""
        if self._is_held:
            self._is_held = False
            self._queue.release()


def writing(engine: Engine, turn: Turn | None = None) -> Engine:
    """The same engine, whose transactions are allowed to write, when it is their turn."""
    return engine.execution_options(writes=True, **({"turn": turn} if turn else {}))


def insert_into(session: Session, table: type[Base]) -> Any:
    """An INSERT that can say what becomes of a conflict, as SQLite and PostgreSQL have it alike. Each
    dialect takes long to load, and one is enough."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """A session of its own that commits when the block ends well and rolls back when it does not.

    It is the only thing that commits. Load what is to be changed inside the block: what was read
    outside is another transaction's.
    """
    turn = Turn()
    try:
        with Session(writing(db.engine, turn), expire_on_commit=False) as session:
            yield session
            session.commit()
    finally:
        turn.end()


@contextmanager
def snapshot() -> Iterator[Session]:
    """A session of its own that only reads, and sees all that is committed by now; what `db.session`
    sees is as old as its first statement."""
    with Session(db.engine) as session:
        yield session
        session.expunge_all()
