"""Large files are sent by the server alone: a client that takes them slowly holds no thread."""

from __future__ import annotations

import http.client
import io
import os
import re
import socket
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from webapp.config import load

from ..conftest import import_text, running_app
from ..desk import Desk, add_user
from ..forms_in_toml import HOMEWORK
from ..running import SECONDS, Server, poll
from ..submissions.handing_in import hand_in
from ..visitor import over_http

INBOX = "/desk/forms/homework-3"
SIZE = 32 * 2**20
FIRST = 2**20  # where a part of it begins


@dataclass
class Place:
    """A server with one thread, and a large file of zeros in it."""

    server: Server
    desk: Desk
    path: str
    stored: Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    data = tmp_path / "data"
    for app in running_app(load({"data": str(data)}, {})):
        add_user(app, "owner", "ann@example.org")
        form = import_text(app, HOMEWORK)
        one = hand_in(app, form, {"name": "Ann"}, [("a.pdf", b"a"), ("b.pdf", b"b")])
    (stored,) = (data / "files").rglob("a.pdf")
    os.truncate(stored, SIZE)
    with Server("--threads", "1", data=data) as server:
        desk = Desk(over_http(server.url))
        desk.sign_in("ann@example.org")
        page = desk.open(f"{INBOX}/submissions/{one.reference}").text
        (path, *_) = re.findall(r'href="([^"]+/files/[^"]+)"', page)
        yield Place(server, desk, path, stored)


@contextmanager
def begun(place: Place, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
    """The answer, of which the client takes nothing more than its headers until it is read."""
    connection = http.client.HTTPConnection("127.0.0.1", place.server.port, timeout=SECONDS)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sock.settimeout(SECONDS)
    connection.sock.connect(("127.0.0.1", place.server.port))
    try:
        connection.request("GET", path, headers={"Cookie": place.desk.cookie, **headers})
        yield connection.getresponse()
    finally:
        connection.close()


@pytest.mark.parametrize("headers", [{"Range": f"bytes={FIRST}-"}, {}])
def test_clients_that_take_nothing_hold_no_thread(place: Place, headers: dict[str, str]) -> None:
    with ExitStack() as stack:
        stalled = [stack.enter_context(begun(place, place.path, **headers)) for _ in range(2)]
        part = place.desk.open(place.path, Range=f"bytes={SIZE - 9}-")
        assert (part.status, part.body) == (206, bytes(9))
        assert place.desk.open(INBOX).status == 200
        for answer in stalled:  # which get it all when they go on
            expected = (206, SIZE - FIRST) if headers else (200, SIZE)
            assert (answer.status, len(answer.read())) == expected


def test_a_file_that_becomes_shorter_meanwhile_breaks_off(place: Place) -> None:
    """Neither does the client take it for whole, nor does the server go on trying."""
    for headers in ({"Range": f"bytes={FIRST}-"}, {}):
        os.truncate(place.stored, SIZE)
        with begun(place, place.path, **headers) as answer:
            os.truncate(place.stored, FIRST + 1)
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                answer.read()
    assert place.desk.open(INBOX).status == 200


def test_an_archive_of_a_file_that_becomes_shorter_breaks_off(place: Place) -> None:
    path = f"{INBOX}/files.zip"
    with begun(place, path) as answer:
        os.truncate(place.stored, FIRST)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()
    archive = place.desk.open(path).body
    read = zipfile.ZipFile(io.BytesIO(archive))
    assert read.testzip() is None
    assert [info.file_size for info in read.infolist()] == [FIRST, 1]


def test_one_archive_follows_the_other_at_once(place: Place) -> None:
    for _ in range(20):
        assert place.desk.open(f"{INBOX}/files.zip").status == 200


def test_whoever_goes_away_lets_others_export(place: Place) -> None:
    with begun(place, f"{INBOX}/files.zip") as answer:
        assert answer.status == 200
    poll(lambda: place.desk.open(f"{INBOX}/files.zip").status == 200, "the place is free again")
