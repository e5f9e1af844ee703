"""Preparing a data folder: migrations that keep everything, under a lock, with a backup."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from webapp import preparation
from webapp.config import CannotStart, Settings, load
from webapp.data_folder import make_data_folder
from webapp.database import Base, database_address
from webapp.extensions import db
from webapp.submissions import searching

from .conftest import running_app
from .running import Server, run

TOP = Path(__file__).parents[1]
REVISIONS = preparation.known_revisions()
LATER = datetime(2999, 1, 1, tzinfo=UTC)

Rows = dict[str, list[dict[str, Any]]]


@contextmanager
def connected(settings: Settings) -> Iterator[sa.Connection]:
    """The database without Intray; what is done is committed."""
    engine = sa.create_engine(database_address(settings))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def migrate_to(settings: Settings, revision: str) -> None:
    """Makes the empty database as the Intray of that revision did."""
    make_data_folder(settings.data)
    config = Config()
    config.set_main_option("script_location", str(preparation.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with connected(settings) as connection:
        config.attributes.update(connection=connection, metadata=Base.metadata)
        command.upgrade(config, revision)


def fill(settings: Settings) -> None:
    """Puts a row into each table."""
    with connected(settings) as connection:
        for table in tables(connection):
            given = {c.name: filling(c) for c in table.columns if c.name != "id"}
            connection.execute(table.insert().values(given))


def tables(connection: sa.Connection) -> list[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(connection, only=lambda name, _: not name.startswith(searching.NAME))
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def filling(column: sa.Column[Any]) -> Any:
    """A value for any column; nothing that the sweep would act on."""
    if isinstance(column.type, sa.Boolean):
        return True
    if isinstance(column.type, sa.DateTime):
        return None if column.nullable else LATER
    if isinstance(column.type, sa.JSON):
        return {"名": "é"}
    if isinstance(column.type, sa.Integer):
        return 1
    if isinstance(column.type, sa.LargeBinary):
        return b"\0\xff"
    of_table = {"notices.kind": "webhook", "deliveries.state": "delivered"}
    of_column = of_table.get(f"{column.table.name}.{column.name}")
    of_name = {"state": "open", "role": "owner", "access": "link"}
    return of_column or of_name.get(column.name, column.name)


def rows(settings: Settings, like: Rows | None = None) -> Rows:
    """All rows, by table; with `like`, of its tables and columns alone. Not those of `erasures`, which
    are for the sweep to act on and to remove."""
    with connected(settings) as connection:
        found = {}
        for table in (each for each in tables(connection) if each.name != "erasures"):
            wanted = [dict(row) for row in connection.execute(table.select()).mappings()]
            if like is None or table.name in like:
                names = like[table.name][0].keys() if like else table.columns.keys()
                found[table.name] = [{name: row[name] for name in names} for row in wanted]
    return found


def revision_of(settings: Settings) -> str | None:
    with connected(settings) as connection:
        return preparation.database_revision(connection)


def start(settings: Settings) -> None:
    for _ in running_app(settings):
        pass


def backups(settings: Settings) -> list[Path]:
    return sorted((settings.data / "backups").iterdir())


def test_the_migrations_make_the_tables_that_the_code_has(settings: Settings) -> None:
    start(settings)
    with connected(settings) as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: not str(name).startswith(searching.NAME),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
        assert preparation.database_revision(connection) == REVISIONS[-1]
    assert backups(settings) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_of_any_age_is_brought_up_to_date_with_all_its_rows(
    settings: Settings, revision: str
) -> None:
    migrate_to(settings, revision)
    fill(settings)
    before = rows(settings)
    assert {"forms", "form_versions", "submissions", "stored_files", "uploads"} <= before.keys()
    start(settings)
    assert revision_of(settings) == REVISIONS[-1]
    after = rows(settings, like=before)
    for name, content in before.items():
        assert [row for row in after[name] if row in content] == content, name

    is_kept = not settings.database_url and revision != REVISIONS[-1]
    assert len(backups(settings)) == is_kept
    for backup in backups(settings):
        with closing(sqlite3.connect(backup)) as copy:
            assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)
            assert copy.execute("SELECT count(*) FROM submissions").fetchone() == (1,)
    start(settings)
    assert len(backups(settings)) == is_kept


def test_a_database_of_a_newer_intray_is_left_alone(settings: Settings) -> None:
    migrate_to(settings, "head")
    fill(settings)
    with connected(settings) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    before = rows(settings)
    with pytest.raises(CannotStart) as refused:
        start(settings)
    sentence = str(refused.value)
    assert "newer Intray (revision 9999, this one knows up to " + REVISIONS[-1] in sentence
    assert sentence.endswith(".")
    assert rows(settings) == before
    assert backups(settings) == []


HEAD = 'import sqlalchemy as sa\nfrom alembic import op\n\nrevision = "9000"\ndown_revision = "{}"\n\n\n'


@pytest.fixture
def newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a migration that is newer than all others can be written."""
    copy = tmp_path / "migrations"
    shutil.copytree(preparation.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(preparation, "MIGRATIONS", copy)
    return copy / "versions" / "9000_newest.py"


def write_migration(path: Path, *statements: str) -> None:
    body = "".join(f"    {statement}\n" for statement in statements)
    path.write_text(HEAD.format(REVISIONS[-1]) + "def upgrade():\n" + body, encoding="utf-8")


def test_a_table_that_others_refer_to_can_be_changed(settings: Settings, newest: Path) -> None:
    """SQLite can do it only by copying the table and dropping it."""
    migrate_to(settings, "head")
    fill(settings)
    before = rows(settings)
    write_migration(
        newest,
        "with op.batch_alter_table('forms') as forms:",
        "    forms.drop_constraint('ck_forms_state', type_='check')",
        "    forms.alter_column('time_zone', type_=sa.String(99), nullable=True)",
    )
    for app in running_app(settings):
        with app.app_context(), db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert revision_of(settings) == "9000"
    after = rows(settings, like=before)
    assert after["forms"] == before["forms"]
    assert after["submissions"] == before["submissions"]


def test_a_migration_that_fails_changes_nothing(settings: Settings, newest: Path) -> None:
    migrate_to(settings, "head")
    fill(settings)
    before = rows(settings)
    write_migration(
        newest,
        "op.execute('DELETE FROM uploads')",
        "op.create_table('half', sa.Column('id', sa.Integer()))",
        "raise RuntimeError('stopped')",
    )
    for _ in range(2):
        with pytest.raises(RuntimeError, match="stopped"):
            start(settings)
    assert rows(settings) == before
    assert revision_of(settings) == REVISIONS[-1]
    assert backups(settings) == []  # a start in a loop must not fill the disk


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that takes no file")
def test_without_a_backup_nothing_is_migrated(tmp_path: Path, newest: Path) -> None:
    settings = load({"data": str(tmp_path / "data")}, {})
    migrate_to(settings, "head")
    fill(settings)
    write_migration(newest, "op.execute('DELETE FROM uploads')")
    (settings.data / "backups").rmdir()
    (settings.data / "backups").symlink_to("/proc")
    before = rows(settings)
    with pytest.raises(CannotStart, match=r"^The database cannot be backed up to .+\.$"):
        start(settings)
    assert rows(settings) == before


def test_a_migration_that_loses_what_others_refer_to_changes_nothing(
    settings: Settings, newest: Path
) -> None:
    migrate_to(settings, "head")
    fill(settings)
    before = rows(settings)
    write_migration(newest, "op.execute('DELETE FROM form_versions')")
    error = sa.exc.IntegrityError if settings.database_url else CannotStart
    with pytest.raises(error):
        start(settings)
    assert rows(settings) == before


STARTING = """
import sys
from webapp import create_app
from webapp.config import load
sys.stdin.readline()
create_app(load({"data": sys.argv[1], "database_url": sys.argv[2]}, {}))
"""


def start_together(settings: Settings, folders: list[Path]) -> list[str]:
    """Starts Intray on the database from as many processes at once; all of them must succeed. Returns
    the names of the jobs that are then due."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", STARTING, str(folder), settings.database_url],
            cwd=TOP,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for folder in folders
    ]
    for process in processes:  # all have started Python by now, and wait
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=120)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(folders), errors
    assert revision_of(settings) == REVISIONS[-1]
    return sorted(row["name"] for row in rows(settings)["jobs"])


def test_several_processes_prepare_one_folder_once(settings: Settings) -> None:
    migrate_to(settings, REVISIONS[0])
    fill(settings)
    jobs = start_together(settings, [settings.data] * 2)
    assert jobs == ["submission.index", "sweep"]
    assert len(backups(settings)) == (not settings.database_url)


@pytest.mark.postgresql
def test_several_machines_prepare_one_database_once(tmp_path: Path, postgresql_url: str) -> None:
    """Each has a data folder of its own, so that no file can keep them apart."""
    folders = [tmp_path / str(n) for n in range(2)]
    settings = load({"data": str(folders[0]), "database_url": postgresql_url}, {})
    assert start_together(settings, folders) == ["sweep"]  # nothing there is older than its index


def test_a_folder_with_a_percent_sign_will_do(settings: Settings, tmp_path: Path) -> None:
    """Alembic's configuration would take it for a placeholder."""
    odd = tmp_path / "100%(here)s 作业"
    shutil.copytree(preparation.MIGRATIONS, odd, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preparation, "MIGRATIONS", odd)
        start(settings)
    assert revision_of(settings) == REVISIONS[-1]


def test_an_application_that_was_made_holds_no_connection(settings: Settings) -> None:
    """A server that makes it and then forks, as `gunicorn --preload` does, would share it."""
    for app in running_app(settings):
        with app.app_context():
            pool = db.engine.pool
            assert isinstance(pool, sa.QueuePool)
            assert (pool.checkedin(), pool.checkedout()) == (0, 0)


def test_what_was_received_before_the_inbox_has_its_files_counted(settings: Settings) -> None:
    migrate_to(settings, "0003")
    fill(settings)
    start(settings)
    with connected(settings) as connection:
        assert connection.execute(
            sa.text("SELECT file_count FROM submissions")
        ).scalars().all() == [1]


def another_version(place: Path) -> Path:
    """Intray as it is, in a folder where another version can be put in its place."""
    shutil.copytree(TOP / "webapp", place / "webapp", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("serve.py", "setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(TOP / name, place)
    return place / "webapp" / "migrations" / "versions" / "9998_later.py"


@pytest.mark.skipif(sys.platform == "win32", reason="nothing there asks for new processes")
def test_a_new_version_does_not_change_the_database_of_one_that_runs(tmp_path: Path) -> None:
    """Neither when its processes are to replace the old ones, nor by a command; the next start does."""
    later, data = another_version(tmp_path / "a"), tmp_path / "data"
    command = (sys.executable, tmp_path / "a" / "serve.py", "--port", "{port}")
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # who starts the tests may ignore it
    settings = load({"data": str(data)}, {})
    try:
        with Server("--processes", "2", command=command, data=data, cwd=tmp_path / "a") as server:
            later.write_text(
                f"revision, down_revision = '9998', {REVISIONS[-1]!r}\ndef upgrade():\n    pass\n"
            )
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_output("stop Intray and start it again.): those that run go on.")
            done = run("-m", "webapp", "migrate", data=data, cwd=tmp_path / "a")
            assert done.returncode == 2
            assert done.stderr.startswith("This version of Intray changes the database, which")
            assert revision_of(settings) == REVISIONS[-1]
            with urlopen(server.url + "/readyz", timeout=60) as answer:
                assert answer.status == 200
            assert server.stop() == 0
        with Server("--processes", "2", command=command, data=data, cwd=tmp_path / "a"):
            assert revision_of(settings) == "9998"
    finally:
        signal.signal(signal.SIGHUP, before)
