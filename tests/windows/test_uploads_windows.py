"""Uploads that always arrive, on the Windows Python: cut off, gone on with, handed in.

Files there cannot be renamed or removed while somebody has them open, and locks keep others from
reading; Wine behaves so too. What it cannot show: NTFS after a power cut, virus scanners.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..running import WINDOWS_PYTHON, Server, poll
from ..uploads.sending import (
    FIELD,
    SLUG,
    assert_handed_in,
    client_of,
    content_of,
    import_forms,
    left_over,
)
from ..uploads.tus_client import Refused, id_of

pytestmark = pytest.mark.windows
MB = 1024**2
CONTENT = content_of(20 * MB + 1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    import_forms(data, python=WINDOWS_PYTHON)
    return data


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    with Server(data=data, python=WINDOWS_PYTHON) as server:
        yield server


def test_an_upload_in_pieces_and_what_is_refused(data: Path, server: Server) -> None:
    tus = client_of(server)
    answer = tus.create(SLUG, FIELD, "a.mp4", len(CONTENT), body=CONTENT[:MB])
    assert answer.status == 201, answer.body
    path = answer.location
    assert tus.patch(path, 5, b"x").status == 409
    altered = {"Upload-Checksum": "crc32 AAAAAA=="}
    assert tus.patch(path, MB, CONTENT[MB : 2 * MB], headers=altered).status == 460
    assert tus.offset(path) == MB
    assert tus.head("/uploads/..%5Cintray.db").status == 404
    tus.send_rest(path, CONTENT)
    assert_handed_in(server.url, data, {"a.mp4": CONTENT}, [path])
    other = tus.created(SLUG, FIELD, "b.mp4", 10)
    assert tus.patch(other, 0, b"hello").status == 204
    assert tus.delete(other).status == 204
    with pytest.raises(Refused, match="404"):
        tus.offset(other)
    # Wine has no streams beside a file's content, and makes files of them that nobody moves
    assert [name for name in left_over(data) if not name.endswith(":Zone.Identifier")] == []
    assert server.stop() == 0
    assert "Traceback" not in server.output


def test_it_is_asked_while_somebody_sends(data: Path, server: Server) -> None:
    tus = client_of(server)
    path = tus.created(SLUG, FIELD, "a.mp4", len(CONTENT))
    sending = threading.Thread(target=tus.send_rest, args=(path, CONTENT), kwargs={"piece": MB})
    sending.start()
    while sending.is_alive():
        assert tus.head(path).status == 200
    sending.join()
    assert_handed_in(server.url, data, {"a.mp4": CONTENT}, [path])
    assert "Traceback" not in server.output


@pytest.mark.parametrize("algorithm", ["", "crc32"])
def test_the_server_is_killed_in_the_middle(data: Path, algorithm: str) -> None:
    with Server(data=data, python=WINDOWS_PYTHON) as server:
        tus = client_of(server)
        path = tus.created(SLUG, FIELD, "a.mp4", len(CONTENT))
        wrong: list[BaseException] = []

        def send() -> None:
            try:
                tus.send_rest(path, CONTENT, piece=MB, algorithm=algorithm, seconds=280)
            except BaseException as error:
                wrong.append(error)

        sending = threading.Thread(target=send)
        sending.start()
        file = data / "incoming" / id_of(path)
        poll(lambda: file.stat().st_size > 2 * MB, "the first pieces")
        server.kill()
        with pytest.raises((OSError, http.client.HTTPException)):
            tus.offset(path)
        with Server(data=data, python=WINDOWS_PYTHON, port=server.port) as again:
            sending.join(280)
            assert wrong == []
            assert_handed_in(again.url, data, {"a.mp4": CONTENT}, [path])
            assert "Traceback" not in again.output
