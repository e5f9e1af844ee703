"""A real Chromium, and a real server for it to talk to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from ..conftest import skip_or_fail
from ..forms_in_toml import EVERY_KIND
from ..running import Server

# Without these it looks for hosts on the internet at every start.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        skip_or_fail("browser", "Chromium is missing: apt-get install chromium")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with a form that has a field of each kind, at /f/job-application."""
    form = tmp_path / "form.toml"
    form.write_text(EVERY_KIND, encoding="utf-8")
    data = tmp_path / "data"
    Server.command("form", "import", form, data=data)
    with Server(data=data) as server:
        yield server
