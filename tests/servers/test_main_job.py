"""The same application, the same main job, under each server that the README names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ..forms_in_toml import EVERY_KIND
from ..main_job import do_main_job
from ..running import Server
from ..visitor import Visitor, over_http

PYTHON = [sys.executable, "-m"]
GUNICORN = [
    *PYTHON,
    "gunicorn",
    "--bind",
    "127.0.0.1:{port}",
    "--threads",
    "4",
    "webapp:create_app()",
]
COMMANDS = {
    "serve.py": None,
    "serve.py --threads 1": [sys.executable, "serve.py", "--port", "{port}", "--threads", "1"],
    "serve.py --dev": [sys.executable, "serve.py", "--port", "{port}", "--dev"],
    "waitress-serve": [
        *PYTHON, "waitress", "--listen=127.0.0.1:{port}", "--call", "webapp:create_app",
    ],
    "gunicorn": GUNICORN,
    "gunicorn --workers 2": [*GUNICORN, "--workers", "2"],
    "flask run": [
        *PYTHON, "flask", "--app", "webapp", "run", "--debug", "--no-reload", "--port", "{port}",
    ],
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def main_job_under(command: list[str] | None, data: Path, environ: dict[str, str]) -> None:
    form = data.parent / "form.toml"
    form.write_text(EVERY_KIND, encoding="utf-8")
    with Server(command=command, data=data, environ=environ) as server:
        # a command works beside the running server
        Server.command("form", "import", str(form), data=data, environ=environ)
        do_main_job(Visitor(over_http(server.url)), data / "files")
        assert "Traceback" not in server.output


@pytest.mark.parametrize("name", COMMANDS)
def test_the_main_job_on_sqlite(name: str, data: Path) -> None:
    main_job_under(COMMANDS[name], data, {})


@pytest.mark.postgresql
@pytest.mark.parametrize("name", ["serve.py", "gunicorn --workers 2", "waitress-serve"])
def test_the_main_job_on_postgresql(name: str, data: Path, postgresql_url: str) -> None:
    main_job_under(COMMANDS[name], data, {"INTRAY_DATABASE_URL": postgresql_url})
