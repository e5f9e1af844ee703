"""Uploads in pieces under the servers that know nothing of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..running import Server
from ..uploads.sending import FIELD, SLUG, assert_handed_in, client_of, content_of, import_forms
from .test_main_job import COMMANDS

CONTENT = content_of(3 * 1024**2 + 1)
PIECE = 1024**2


@pytest.mark.parametrize("name", ["waitress-serve", "gunicorn --workers 2", "serve.py --dev"])
def test_an_upload_in_pieces(name: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    import_forms(data)
    with Server(command=COMMANDS[name], data=data) as server:
        tus = client_of(server)
        answer = tus.create(SLUG, FIELD, "a.mp4", len(CONTENT), body=CONTENT[:PIECE])
        assert answer.status == 201, answer.body
        path = answer.location
        assert tus.patch(path, 5, b"x").status == 409
        altered = {"Upload-Checksum": "crc32 AAAAAA=="}
        assert tus.patch(path, PIECE, CONTENT[PIECE:], headers=altered).status == 460
        assert tus.offset(path) == PIECE
        tus.send_rest(path, CONTENT, piece=PIECE)
        assert tus.patch(path, len(CONTENT), b"x").status in (409, 413)
        assert_handed_in(server.url, data, {"a.mp4": CONTENT}, [path])
        assert tus.head(path).status == 404
        assert tus.delete(tus.created(SLUG, FIELD, "b.mp4", 5)).status == 204
        assert "Traceback" not in server.output
