"""The main job through the desk, from the set-up link on, under servers that people use."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..desk_job import do_desk_job, set_up_path
from ..running import Server
from ..visitor import over_http
from .test_main_job import COMMANDS


def desk_job_under(name: str, data: Path, environ: dict[str, str]) -> None:
    with Server(command=COMMANDS[name], data=data, environ=environ) as server:
        do_desk_job(set_up_path(server), over_http(server.url), data / "files")
        assert "Traceback" not in server.output, server.output


@pytest.mark.parametrize("name", ["serve.py", "serve.py --threads 1", "gunicorn --workers 2"])
def test_the_desk_on_sqlite(name: str, tmp_path: Path) -> None:
    desk_job_under(name, tmp_path / "data", {})


@pytest.mark.postgresql
def test_the_desk_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    environ = {"INTRAY_DATABASE_URL": postgresql_url}
    desk_job_under("gunicorn --workers 2", tmp_path / "data", environ)
