"""What becomes of uploads whose sender is not there when they are whole, or stays away, or is hostile."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from webapp.config import load
from webapp.database import now, snapshot, unit_of_work
from webapp.storage.base import Storage, Superseded
from webapp.uploads.rules import KEPT_FOR
from webapp.uploads.tables import Upload

from ..conftest import import_text, running_app
from ..visitor import in_process
from .conftest import Place
from .sending import FIELD, SLUG, VIDEOS, serving
from .tus_client import STREAM, VERSION, TusClient, id_of

POSTER = "poster"
PROGRAM = b"MZ" + bytes(3000)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    for app in running_app(load({"data": str(tmp_path / "data")}, {})):
        import_text(app, VIDEOS)
        yield app


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(in_process(app), app.config["INTRAY"].data)


def storage_of(app: Flask) -> Storage:
    storage: Storage = app.extensions["intray.storage"]
    return storage


def test_a_program_that_nobody_saw_arrive_is_not_handed_in(app: Flask, place: Place) -> None:
    """Its last piece came, but not the end of the request."""
    path = place.begin(len(PROGRAM), "film.pdf", POSTER)
    partial = storage_of(app).partial(id_of(path))
    partial.take_turn(0)
    partial.append(PROGRAM, counts=True)
    partial.end_turn(confirm=False)
    partial.close()
    assert place.hand_in(path, field=POSTER).status == 422
    assert place.tus.head(path).status == 404
    assert place.files_of(path) == []
    assert not list((place.data / "files").rglob("*.pdf"))


def test_a_program_that_is_cut_off_at_its_last_byte_is_not_handed_in(tmp_path: Path) -> None:
    with serving(tmp_path / "data", VIDEOS) as server:
        tus = TusClient.at(server.url)
        path = tus.created(SLUG, POSTER, "film.pdf", len(PROGRAM))
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.putrequest("PATCH", path)
        told = {
            "Tus-Resumable": VERSION,
            "Content-Type": STREAM,
            "Upload-Offset": "0",
            "Transfer-Encoding": "chunked",
        }
        for name, value in told.items():
            connection.putheader(name, value)
        connection.endheaders(b"%x\r\n%b\r\n" % (len(PROGRAM), PROGRAM))  # and no last chunk
        connection.close()
        place = Place(tus._send, tmp_path / "data")
        assert place.hand_in(path, field=POSTER).status == 422
        assert not list((place.data / "files").rglob("*.pdf"))


def expires(app: Flask, path: str) -> timedelta:
    with app.app_context(), snapshot() as session:
        query = select(Upload.expires_at).where(Upload.public_id == id_of(path))
        return session.scalars(query).one() - now()


def test_whoever_comes_back_has_time_again(app: Flask, place: Place) -> None:
    path = place.begin(100)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Upload).values(expires_at=now() + timedelta(hours=1)))
    assert place.tus.head(path).status == 200
    assert expires(app, path) > KEPT_FOR - timedelta(hours=1)


def test_more_said_of_a_file_than_anybody_says_is_not_kept(place: Place) -> None:
    answer = place.tus.create(SLUG, FIELD, "a.mp4", 1, note="x" * 10_000)
    assert answer.status == 400
    assert place.tus.create(SLUG, FIELD, "名" * 300 + ".mp4", 1).status == 201


def test_while_the_folder_is_away_nobody_is_told_to_begin_anew(place: Place) -> None:
    path = place.begin(100)
    incoming = place.data / "incoming"
    incoming.rename(place.data / "away")
    assert place.tus.head(path).status == 503
    assert place.tus.patch(path, 0, b"x").status == 503
    (place.data / "away").rename(incoming)
    assert place.tus.offset(path) == 0


def test_who_sends_what_was_removed_meanwhile_writes_no_more(app: Flask, place: Place) -> None:
    path = place.begin(100)
    partial = storage_of(app).partial(id_of(path))
    partial.take_turn(0)
    partial.append(b"x", counts=True)
    place.tus.request("DELETE", path)
    with pytest.raises(Superseded):
        partial.append(b"x", counts=True)
    partial.close()
