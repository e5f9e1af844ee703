"""The main job on a real Windows Python, over HTTP; then Ctrl-C."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import skip_or_fail
from ..desk_job import do_desk_job, set_up_path
from ..forms_in_toml import EVERY_KIND
from ..main_job import do_main_job
from ..running import WINDOWS_PYTHON, Server
from ..visitor import Visitor, over_http

pytestmark = pytest.mark.windows

# Python's exit code when Ctrl-C ends it by itself is STATUS_CONTROL_C_EXIT; serve.py ends well.
STOPPED = 0


@pytest.fixture(autouse=True)
def _needs_windows() -> None:
    if not WINDOWS_PYTHON or not shutil.which(WINDOWS_PYTHON):
        skip_or_fail("windows", "set WINDOWS_PYTHON to the command of a Windows Python")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(python=WINDOWS_PYTHON, data=tmp_path / "data") as server:
        yield server


def test_the_main_job_and_a_stop_with_ctrl_c(tmp_path: Path, server: Server) -> None:
    form = tmp_path / "form.toml"
    form.write_text(EVERY_KIND, encoding="utf-8")
    data = tmp_path / "data"
    Server.command("form", "import", form, data=data, python=WINDOWS_PYTHON)
    do_main_job(Visitor(over_http(server.url)), data / "files")
    assert "480 connections" in server.output
    assert server.stop() == STOPPED
    assert "Traceback" not in server.output


def test_the_desk_from_set_up_to_a_deleted_submission(tmp_path: Path, server: Server) -> None:
    do_desk_job(set_up_path(server), over_http(server.url), tmp_path / "data" / "files")
    assert server.stop() == STOPPED
    assert "Traceback" not in server.output


def test_a_second_start_is_told_where_the_first_one_is(tmp_path: Path, server: Server) -> None:
    second = Server(python=WINDOWS_PYTHON, data=tmp_path / "data")
    second.start()
    try:
        assert second.wait() == 2
    finally:
        second.kill()
    assert server.url in second.output


def test_export_gives_the_bytes_that_import_takes(tmp_path: Path) -> None:
    data, form, again = tmp_path / "data", tmp_path / "form.toml", tmp_path / "again.toml"
    form.write_text(EVERY_KIND, encoding="utf-8")
    Server.command("form", "import", form, data=data, python=WINDOWS_PYTHON)
    exported = Server.command("form", "export", "job-application", data=data, python=WINDOWS_PYTHON)
    assert "司机" in exported
    again.write_text(exported, encoding="utf-8")
    said = Server.command("form", "import", again, data=data, python=WINDOWS_PYTHON)
    assert "version 1" in said, "the same content is no new version"


def test_a_large_body_is_taken_whole(tmp_path: Path, server: Server) -> None:
    text = EVERY_KIND.replace('max_size = "64 KB"', 'max_size = "40 MB"')
    form = tmp_path / "form.toml"
    form.write_text(text, encoding="utf-8")
    Server.command("form", "import", form, data=tmp_path / "data", python=WINDOWS_PYTHON)
    visitor = Visitor(over_http(server.url))
    content = hashlib.sha256(b"seed").digest() * (30 * 1024**2 // 32)
    page = visitor.open("/f/job-application")
    answers = {"name": "A", "email": "a@example.org", "position": "cook", "agreed": "yes"}
    answer = visitor.hand_in(
        page, "/f/job-application", answers, [("papers", "video.bin", content)]
    )
    assert answer.status == 303
    assert hashlib.sha256(content).hexdigest() in visitor.open(answer.location).text
    (stored,) = (tmp_path / "data" / "files").rglob("video.bin")
    assert stored.read_bytes() == content
