"""The parts that tests share: an application on either database, forms from text, and a visitor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from webapp import create_app
from webapp.config import Settings, load
from webapp.database import now, unit_of_work
from webapp.extensions import db
from webapp.forms import rules
from webapp.forms.tables import Form
from webapp.forms.toml_file import read_form

from . import postgresql
from .desk import Desk, add_user
from .visitor import Visitor, in_process

REQUIRED = set(os.environ.get("REQUIRED_TESTS", "").split())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the long forms of tests too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="long; run it with --slow"))


def skip_or_fail(part: str, reason: str) -> None:
    """A test's part is missing: skips, or fails where REQUIRED_TESTS names the part, as in CI."""
    if part in REQUIRED:
        pytest.fail(f"{part} is required here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgresql.Cluster]:
    """A PostgreSQL server, started when the first test needs it."""
    programs = postgresql.find_programs()
    if programs is None:
        skip_or_fail("postgresql", "PostgreSQL is missing: apt-get install postgresql")
        return
    with postgresql.running_cluster(programs) as running:
        yield running


@pytest.fixture
def postgresql_url(cluster: postgresql.Cluster) -> Iterator[str]:
    """An empty PostgreSQL database."""
    url = cluster.make_database()
    yield url
    cluster.drop_database(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn, as INTRAY_DATABASE_URL has it: empty means SQLite in the data folder."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return load({"data": str(tmp_path / "data"), "database_url": database_url}, {})


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """An application on an empty data folder, on each database in turn. Jobs run when a test says so."""
    yield from running_app(settings)


@pytest.fixture
def sqlite_app(tmp_path: Path) -> Iterator[Flask]:
    """An application on SQLite alone, for what has nothing to do with the database."""
    yield from running_app(load({"data": str(tmp_path / "data")}, {}))


def running_app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.extensions["intray.jobs"].start = lambda: None
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(in_process(app))


ImportForm = Callable[[str], Form]


@pytest.fixture
def import_form(app: Flask) -> ImportForm:
    """Imports a form from TOML text, as `form import` does, and gives it."""

    def do(text: str) -> Form:
        return import_text(app, text)

    return do


def import_text(app: Flask, text: str) -> Form:
    definition, terms = read_form(text)
    with app.app_context(), unit_of_work() as session:
        return rules.save(session, definition, terms, now())


SignInAs = Callable[[str], Desk]


@pytest.fixture
def sign_in(app: Flask) -> SignInAs:
    """Signs a new user of a role in to the desk: `sign_in("reviewer")`."""

    def do(role: str) -> Desk:
        desk = Desk(in_process(app))
        answer = desk.sign_in(add_user(app, role))
        assert answer.status == 303, answer.text
        return desk

    return do


@pytest.fixture
def desk(sign_in: SignInAs) -> Desk:
    """The desk, with an owner signed in."""
    return sign_in("owner")
