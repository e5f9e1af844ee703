"""Uploads on a disk that is full, that fails, or whose machine loses its power."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from webapp.config import load
from webapp.storage import partial
from webapp.storage.partial import SUFFIX, Progress

from ..conftest import import_text, running_app
from ..running import Server
from ..uploads.conftest import Place
from ..uploads.sending import (
    FIELD,
    SLUG,
    VIDEOS,
    assert_handed_in,
    client_of,
    content_of,
    import_forms,
)
from ..uploads.tus_client import id_of
from ..visitor import in_process

MB = 1024**2
CONTENT = content_of(3 * MB + 1)


# --- full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A data folder on a disk of 96 MB, of which Intray leaves a twentieth alone."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("only root may mount a small disk here")
    try:
        yield folder / "data"
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_meanwhile(small_disk: Path) -> None:
    content = content_of(48 * MB)
    import_forms(small_disk)
    with Server(data=small_disk) as server:
        tus = client_of(server)
        path = tus.created(SLUG, FIELD, "a.mp4", len(content))
        assert tus.patch(path, 0, content[: 8 * MB]).status == 204
        filler = small_disk / "files" / "filler"
        fill(filler, small_disk)
        answer = tus.patch(path, 8 * MB, content[8 * MB :])
        assert answer.status == 507, answer.body
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert "disk is full" in json.loads(answer.body)["detail"]
        there = tus.offset(path)
        assert there >= 8 * MB
        assert tus.create(SLUG, FIELD, "b.mp4", 40 * MB).status == 507
        filler.unlink()
        tus.send_rest(path, content)
        assert_handed_in(server.url, small_disk, {"a.mp4": content}, [path])
        assert "Traceback" not in server.output


def fill(filler: Path, folder: Path) -> None:
    """Leaves next to nothing of the disk."""
    with filler.open("wb") as file:
        while (free := shutil.disk_usage(folder).free) > 256 * 1024:
            file.write(b"x" * min(MB, free - 128 * 1024))
            file.flush()


# --- failing


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    for app in running_app(load({"data": str(tmp_path / "data")}, {})):
        import_text(app, VIDEOS)
        yield app


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(in_process(app), app.config["INTRAY"].data)


def fail(descriptor: int) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_sync_that_fails_finishes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.begin(len(CONTENT))
    monkeypatch.setattr(partial, "flush_to_disk", fail)
    answer = place.tus.patch(path, 0, CONTENT)
    assert answer.status in (500, 503, 507), answer.body
    told = place.tus.head(path)
    assert int(told.headers["upload-offset"]) < len(CONTENT) or "intray-checking" in told.headers
    assert place.hand_in(path).status in (422, 500, 503, 507)
    assert not list((place.data / "files").rglob("*.mp4"))
    monkeypatch.undo()
    place.tus.send_rest(path, CONTENT)
    answer = place.hand_in(path)
    assert answer.status == 303, answer.text
    (stored,) = (place.data / "files").rglob("*.mp4")
    assert stored.read_bytes() == CONTENT


def test_what_a_failed_sync_has_lost_is_sent_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed fsync Linux forgets what it could not write, and the next fsync succeeds."""
    path = place.begin(len(CONTENT))
    monkeypatch.setattr(partial, "flush_to_disk", fail)
    place.tus.patch(path, 0, CONTENT)
    monkeypatch.undo()
    with (place.data / "incoming" / id_of(path)).open("r+b") as file:
        file.write(bytes(len(CONTENT)))
    place.tus.send_rest(path, CONTENT)
    answer = place.hand_in(path)
    assert answer.status == 303, answer.text
    (stored,) = (place.data / "files").rglob("*.mp4")
    assert stored.read_bytes() == CONTENT


def test_a_write_that_fails(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.begin(len(CONTENT))
    assert place.tus.patch(path, 0, CONTENT[:MB]).status == 204
    monkeypatch.setattr(partial.Partial, "append", lambda self, piece, *, counts: fail(0))
    answer = place.tus.patch(path, MB, CONTENT[MB:])
    assert answer.status in (500, 503), answer.body
    assert place.tus.offset(path) == MB
    monkeypatch.undo()
    place.tus.send_rest(path, CONTENT)
    assert place.hand_in(path).status == 303


# --- without power


def after_power_cut(data: Path, path: str, durable: int) -> None:
    """Makes of the upload what a power cut may: another boot, and nothing sure beyond what was synced."""
    record = data / "incoming" / (id_of(path) + SUFFIX)
    was = Progress.unpack(record.read_bytes())
    record.write_bytes(replace(was, durable=durable, boot=bytes(16)).pack())
    with (data / "incoming" / id_of(path)).open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(durable)
        file.write(bytes(size - durable))


@pytest.mark.parametrize("durable", [0, 1, MB])
@pytest.mark.parametrize("arrived", [2 * MB, len(CONTENT)])
def test_only_what_was_synced_counts_after_a_power_cut(
    tmp_path: Path, durable: int, arrived: int
) -> None:
    data = tmp_path / "data"
    import_forms(data)
    with Server(data=data, environ={"FAILPOINT": "upload: durable"}) as server:
        path = client_of(server).created(SLUG, FIELD, "a.mp4", len(CONTENT))
        client_of(server).patch(path, 0, CONTENT[:MB])
        try:
            client_of(server).patch(path, MB, CONTENT[MB:arrived])
        except OSError:
            assert arrived == len(CONTENT)
        server.kill()
    after_power_cut(data, path, durable)
    with Server(data=data) as server:
        tus = client_of(server)
        assert tus.offset(path) == durable
        assert tus.patch(path, arrived, b"").status == 409
        tus.send_rest(path, CONTENT)
        assert_handed_in(server.url, data, {"a.mp4": CONTENT}, [path])


@pytest.mark.parametrize("record", [b"", b"\0" * 77, b"x" * 10_000])
def test_a_record_that_a_power_cut_has_spoilt(tmp_path: Path, record: bytes) -> None:
    data = tmp_path / "data"
    import_forms(data)
    with Server(data=data) as server:
        path = client_of(server).created(SLUG, FIELD, "a.mp4", len(CONTENT))
        client_of(server).patch(path, 0, CONTENT[:MB])
        server.kill()
    (data / "incoming" / (id_of(path) + SUFFIX)).write_bytes(record)
    with Server(data=data) as server:
        tus = client_of(server)
        assert tus.head(path).status == 404
        assert tus.patch(path, MB, CONTENT[MB:]).status == 404
        assert tus.delete(path).status in (204, 404)
        again = tus.created(SLUG, FIELD, "a.mp4", len(CONTENT))
        tus.send_rest(again, CONTENT)
        assert_handed_in(server.url, data, {"a.mp4": CONTENT}, [again])
        assert "Traceback" not in server.output
