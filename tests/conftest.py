"""The parts that tests share: an application on either database, forms from text, and a visitor."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from webapp import create_app, i18n
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


def pytest_configure(config: pytest.Config) -> None:
    """A shell has what it runs in the background ignore Ctrl-C, and so would all that the tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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


class Migrated:
    """Databases as the migrations leave them: made once, and copied for each test, which takes a part of
    the time. What the migrations do has tests of its own."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        self._folder = folder
        self._request = request
        self._postgresql = ""

    def put(self, settings: Settings) -> None:
        """Has the tables be there for an application with these settings, whose database is empty."""
        if settings.database_url:
            self._put_postgresql(settings.database_url)
        else:
            settings.data.mkdir(parents=True)
            shutil.copy(self._sqlite(), settings.data / "intray.db")

    def _sqlite(self) -> Path:
        data = self._folder / "sqlite"
        if not data.exists():
            for _ in running_app(load({"data": str(data)}, {})):
                pass
        return data / "intray.db"

    def _put_postgresql(self, url: str) -> None:
        cluster: postgresql.Cluster = self._request.getfixturevalue("cluster")
        if not self._postgresql:
            self._postgresql = cluster.make_database()
            values = {"data": str(self._folder / "postgresql"), "database_url": self._postgresql}
            for _ in running_app(load(values, {})):
                pass
        cluster.copy_database(self._postgresql, url)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Migrated:
    return Migrated(tmp_path_factory.mktemp("migrated"), request)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English: a request in this process leaves its reader's language behind."""
    with i18n.speaking(i18n.SOURCE):
        yield


@pytest.fixture
def app(settings: Settings, migrated: Migrated) -> Iterator[Flask]:
    """An application on an empty data folder, on each database in turn. Jobs run when a test says so."""
    migrated.put(settings)
    yield from running_app(settings)


@pytest.fixture
def sqlite_app(tmp_path: Path, migrated: Migrated) -> Iterator[Flask]:
    """An application on SQLite alone, for what has nothing to do with the database."""
    settings = load({"data": str(tmp_path / "data")}, {})
    migrated.put(settings)
    yield from running_app(settings)


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
