"""Several processes that start at once on one data folder: one migrates, all serve."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from webapp.config import load
from webapp.preparation import known_revisions

from ..running import Server, poll
from ..test_preparation import migrate_to
from ..visitor import Visitor, over_http

# Tells which worker answers, so that all can be seen to serve.
CONFIG = """
def post_request(worker, request, environ, response):
    print("served by", worker.pid, flush=True)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "config.py").write_text(CONFIG, encoding="utf-8")
    return tmp_path / "data"


def gunicorn(data: Path, workers: int, environ: dict[str, str]) -> Server:
    command = [
        sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--workers", str(workers),
        "--config", str(data.parent / "config.py"), "webapp:create_app()",
    ]  # fmt: skip
    return Server(command=command, data=data, environ=environ)


def all_serve(server: Server, workers: int) -> None:
    visitor = Visitor(over_http(server.url))

    def everyone_has_answered() -> bool:
        assert visitor.open("/readyz").status == 200
        lines = [line for line in server.output.splitlines() if line.startswith("served by")]
        return len(Counter(lines)) == workers

    poll(everyone_has_answered, f"an answer from each of {workers} workers")
    assert "Traceback" not in server.output


@pytest.mark.parametrize("workers", [2, 4])
def test_on_an_empty_data_folder(data: Path, workers: int) -> None:
    with gunicorn(data, workers, {}) as server:
        all_serve(server, workers)
    assert revision(data) == known_revisions()[-1]
    assert list((data / "backups").iterdir()) == []


@pytest.mark.parametrize("workers", [2, 4])
def test_on_one_that_needs_a_migration(data: Path, workers: int) -> None:
    migrate_to(load({"data": str(data)}, {}), known_revisions()[0])
    with gunicorn(data, workers, {}) as server:
        all_serve(server, workers)
    assert revision(data) == known_revisions()[-1]
    assert len(list((data / "backups").iterdir())) == 1, "one of them migrates, after a backup"


@pytest.mark.postgresql
def test_on_an_empty_postgresql_database(data: Path, postgresql_url: str) -> None:
    with gunicorn(data, 4, {"INTRAY_DATABASE_URL": postgresql_url}) as server:
        all_serve(server, 4)
    with psycopg.connect(postgresql_url) as connection:
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert rows == [(known_revisions()[-1],)]


def revision(data: Path) -> str:
    with closing(sqlite3.connect(data / "intray.db")) as connection:
        ((number,),) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        return str(number)
