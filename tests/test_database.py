"""The database layer, on both databases: one way to write, which loses nothing."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from webapp.config import load
from webapp.database import BUSY_TIMEOUT_SECONDS, snapshot, unit_of_work, writing
from webapp.events.tables import Event
from webapp.extensions import db
from webapp.forms.tables import Form, FormVersion

from .conftest import ImportForm, running_app
from .forms_in_toml import HOMEWORK

NOON = datetime(2026, 12, 1, 12, 30, 15, 123456, UTC)
WEBAPP = Path(__file__).parents[1] / "webapp"
THREADS, TURNS = 8, 10


def event(happened_at: datetime = NOON, kind: str = "test") -> Event:
    return Event(kind=kind, happened_at=happened_at, details={})


def count(table: type = Event) -> int:
    with snapshot() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def at_once(calls: list[Callable[[], object]]) -> None:
    """Makes the calls in a thread each, at once; raises what any of them raises."""
    errors: list[BaseException] = []
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        try:
            barrier.wait(30)
            call()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,), daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", BUSY_TIMEOUT_SECONDS * 1000),
    ],
)
def test_sqlite_is_durable_and_strict_on_every_connection(
    sqlite_app: Flask, pragma: str, expected: object
) -> None:
    with sqlite_app.app_context(), db.engine.connect() as one, db.engine.connect() as other:
        for connection in (one, other):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == expected


def test_a_foreign_key_is_checked(app: Flask) -> None:
    def add_orphan() -> None:
        with unit_of_work() as session:
            session.add(
                FormVersion(
                    form_id=999, number=1, definition={}, content_hash="", published_at=NOON
                )
            )

    with app.app_context():
        with pytest.raises(IntegrityError):
            add_orphan()
        assert count(FormVersion) == 0


def test_a_unit_of_work_commits_when_it_ends_well(app: Flask) -> None:
    with app.app_context():
        with unit_of_work() as session:
            session.add(event())
        assert count() == 1


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_unit_of_work_keeps_nothing_when_it_does_not(
    app: Flask, error: type[BaseException]
) -> None:
    def fail() -> None:
        with unit_of_work() as session:
            session.add(event())
            session.flush()
            raise error

    with app.app_context():
        with pytest.raises(error):
            fail()
        assert count() == 0
        with unit_of_work() as session:  # and the connection is as good as new
            session.add(event())
        assert count() == 1


def test_what_was_loaded_can_be_read_after_the_unit_of_work(app: Flask) -> None:
    with app.app_context():
        with unit_of_work() as session:
            made = event()
            session.add(made)
        with snapshot() as session:
            read = session.scalars(select(Event)).one()
        assert (made.id, made.kind) == (read.id, read.kind)


def test_a_unit_of_work_takes_the_write_lock_at_its_beginning(sqlite_app: Flask) -> None:
    """A read that turned into a write would fail at once, whatever the timeout."""
    with sqlite_app.app_context(), writing(db.engine).connect() as waiting:
        waiting.exec_driver_sql("PRAGMA busy_timeout = 0")
        waiting.rollback()
        with unit_of_work() as session:
            session.scalar(select(func.count()).select_from(Event))
            with pytest.raises(OperationalError, match="locked"):
                waiting.exec_driver_sql("SELECT 1")
            assert count() == 0  # readers are let through
        waiting.exec_driver_sql("SELECT 1")


def test_a_snapshot_sees_what_is_committed_by_then(app: Flask) -> None:
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Event)) == 0
        with unit_of_work() as session:
            session.add(event())
            session.flush()
            assert count() == 0
        assert count() == 1


def test_a_snapshot_cannot_change_anything(app: Flask) -> None:
    with app.app_context():
        with snapshot() as session:
            session.add(event())
        assert count() == 0


def test_many_threads_lose_no_update(app: Flask, import_form: ImportForm) -> None:
    form_id = import_form(HOMEWORK).id

    def count_up() -> None:
        with app.app_context():
            for _ in range(TURNS):
                with unit_of_work() as session:
                    query = select(Form).where(Form.id == form_id).with_for_update()
                    form = session.scalars(query).one()
                    form.submission_count += 1

    at_once([count_up] * THREADS)
    with app.app_context(), snapshot() as session:
        counted = session.scalars(select(Form.submission_count)).one()
    assert counted == THREADS * TURNS


def test_readers_and_writers_do_not_stop_each_other(app: Flask) -> None:
    def write() -> None:
        with app.app_context():
            for _ in range(TURNS):
                with unit_of_work() as session:
                    session.add(event())

    def read() -> None:
        with app.app_context():
            counts = [count() for _ in range(5 * TURNS)]
        assert counts == sorted(counts)

    at_once([write, read] * (THREADS // 2))
    with app.app_context():
        assert count() == TURNS * THREADS // 2


MOMENTS = [
    NOON,
    NOON.astimezone(timezone(timedelta(hours=5, minutes=45))),
    datetime(2000, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9998, 12, 31, 23, 59, 59, 999999, timezone(timedelta(hours=-12))),
    datetime(2026, 12, 1, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_moment_comes_back_as_the_same_moment_in_utc(app: Flask, moment: datetime) -> None:
    with app.app_context():
        with unit_of_work() as session:
            session.add(event(moment))
        with snapshot() as session:
            read = session.scalars(select(Event.happened_at)).one()
            found = session.scalar(select(func.count()).where(Event.happened_at == moment))
    assert read == moment
    assert read.utcoffset() == timedelta(0)
    assert found == 1


def test_moments_are_in_their_order_whatever_their_zone(app: Flask) -> None:
    with app.app_context():
        with unit_of_work() as session:
            session.add_all(event(moment) for moment in MOMENTS)
        with snapshot() as session:
            ordered = session.scalars(select(Event.happened_at).order_by(Event.happened_at)).all()
            later = select(func.count()).where(Event.happened_at > MOMENTS[1])
            assert session.scalar(later) == sum(moment > NOON for moment in MOMENTS)
    assert ordered == sorted(MOMENTS)


def test_a_moment_without_a_zone_is_refused(app: Flask) -> None:
    naive = NOON.replace(tzinfo=None)

    def add() -> None:
        with unit_of_work() as session:
            session.add(event(naive))

    with app.app_context():
        with pytest.raises(StatementError, match="has no time zone"):
            add()
        with pytest.raises(StatementError, match="has no time zone"), snapshot() as session:
            session.scalar(select(Event.id).where(Event.happened_at < naive))
        assert count() == 0


@pytest.mark.postgresql
def test_a_connection_that_the_server_dropped_is_replaced(
    tmp_path: Path, postgresql_url: str
) -> None:
    """As after a restart of PostgreSQL."""
    settings = load({"data": str(tmp_path), "database_url": postgresql_url}, {})
    for app in running_app(settings):
        with app.app_context():
            assert count() == 0
            with db.engine.connect() as connection:
                others = "pid <> pg_backend_pid() AND datname = current_database()"
                end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
                connection.execute(text(end))
            assert count() == 0
            with unit_of_work() as session:
                session.add(event())
            assert count() == 1


def test_only_a_unit_of_work_commits() -> None:
    """Anything else could keep half of what belongs together."""
    found = []
    for path in sorted(WEBAPP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "commit":
                found.append(f"{path.relative_to(WEBAPP).as_posix()}:{node.lineno}")
    assert [place.split(":")[0] for place in found] == ["database.py"], found
