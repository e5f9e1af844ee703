"""Commits are noticed, whoever makes them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import URL, create_engine, update

from webapp.commits import Commits
from webapp.database import snapshot, unit_of_work
from webapp.extensions import db
from webapp.forms.tables import Form

from .conftest import import_text
from .forms_in_toml import HOMEWORK


def test_only_a_commit_changes_the_mark(sqlite_app: Flask) -> None:
    import_text(sqlite_app, HOMEWORK)
    with sqlite_app.app_context():
        commits = Commits(db.engine)
        marks = [commits.mark()]
        with snapshot() as session:
            session.query(Form).all()
        marks.append(commits.mark())
        with db.engine.connect() as connection:
            connection.execute(update(Form).values(state="closed"))
            marks.append(commits.mark())
        marks.append(commits.mark())  # it was rolled back
        assert len(set(marks)) == 1
        assert None not in marks
        with unit_of_work() as session:
            session.execute(update(Form).values(state="closed"))
        assert commits.mark() not in marks


def test_another_process_is_noticed(sqlite_app: Flask) -> None:
    with sqlite_app.app_context():
        commits = Commits(db.engine)
        before = commits.mark()
        path = db.engine.url.database or ""
        code = (
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('CREATE TABLE x (y)')"
        )
        subprocess.run([sys.executable, "-c", code, path], check=True, timeout=60)
        assert commits.mark() != before


def test_a_disposed_engine_leaves_nothing_open(tmp_path: Path) -> None:
    path = tmp_path / "a database #1?.db"
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE x (y)")
    made.close()
    engine = create_engine(URL.create("sqlite", database=str(path)))
    commits = Commits(engine)
    before = commits.mark()
    assert before is not None
    wal = path.with_name(path.name + "-wal")
    assert wal.exists()
    engine.dispose()
    assert not wal.exists(), "the last connection takes it with it"
    assert commits.mark() not in (before, None), "what was committed meanwhile would not be seen"
    engine.dispose()


def test_what_cannot_tell_has_no_mark(tmp_path: Path) -> None:
    for url in ("sqlite://", "sqlite:///:memory:", f"sqlite:///{tmp_path / 'none' / 'there'}"):
        engine = create_engine(url)
        assert Commits(engine).mark() is None
        engine.dispose()
    assert not (tmp_path / "none").exists()


@pytest.mark.postgresql
def test_postgresql_has_no_mark(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    assert Commits(engine).mark() is None
    engine.dispose()
