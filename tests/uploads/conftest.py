"""Somebody who speaks tus, to the application in this process and to serve.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from webapp.config import load

from ..conftest import import_text, running_app
from ..running import Server
from ..visitor import Page, Transport, Visitor, in_process, over_http
from .sending import FIELD, OTHER, PATH, SLUG, VIDEOS, serving
from .tus_client import TusClient, id_of


@dataclass
class Place:
    """Where uploads go: how one talks to it, and its data folder."""

    send: Transport
    data: Path

    @property
    def tus(self) -> TusClient:
        return TusClient(self.send)

    def begin(
        self, size: int, filename: str = "a.mp4", field: str = FIELD, slug: str = SLUG
    ) -> str:
        """The path of a new upload."""
        return self.tus.created(slug, field, filename, size)

    def sent(self, content: bytes, filename: str = "a.mp4", field: str = FIELD) -> str:
        """The path of an upload that is all there."""
        path = self.begin(len(content), filename, field)
        answer = self.tus.patch(path, 0, content)
        assert answer.status == 204, answer.body
        return path

    def hand_in(self, *paths: str, field: str = FIELD, form: str = PATH) -> Page:
        visitor = Visitor(self.send)
        answers = {"name": "Ann", field: [f"upload:{id_of(path)}" for path in paths]}
        return visitor.hand_in(visitor.open(form), form, answers)

    def files_of(self, path: str) -> list[str]:
        """What lies in the place for files on their way in, of one upload."""
        return [one.name for one in (self.data / "incoming").iterdir() if id_of(path) in one.name]


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """serve.py for all tests that leave no trace but their own uploads."""
    data = tmp_path_factory.mktemp("uploads") / "data"
    with serving(data, VIDEOS, OTHER) as server:
        yield server, data
        assert "Traceback" not in server.output


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The same in this process."""
    data = tmp_path_factory.mktemp("uploads") / "data"
    for app in running_app(load({"data": str(data)}, {})):
        for text in (VIDEOS, OTHER):
            import_text(app, text)
        yield app


@pytest.fixture(params=["in process", "serve.py"])
def place(request: pytest.FixtureRequest) -> Place:
    """Both ways into the application: fed by the route, and by the server's loop."""
    if request.param == "in process":
        app: Flask = request.getfixturevalue("shared_app")
        return Place(in_process(app), app.config["INTRAY"].data)
    server, data = request.getfixturevalue("shared_server")
    return Place(over_http(server.url), data)
