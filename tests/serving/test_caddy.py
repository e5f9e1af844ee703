"""Behind a real Caddy, set up as the README says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import skip_or_fail
from ..running import TOP, Server, answers, free_port, poll
from ..uploads.sending import PATH, content_of, hand_in
from ..uploads.tus_client import TusClient
from ..visitor import over_http
from .test_nginx import MB, PUBLIC, server, upstream

__all__ = ["server"]  # the same as behind nginx: on a port, and on a Unix socket


@pytest.fixture
def url(tmp_path: Path, server: Server) -> Iterator[str]:
    caddy = shutil.which("caddy")
    if caddy is None:
        skip_or_fail("caddy", "Caddy is missing: apt-get install caddy")
        return
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```caddy\n(.*?)```", readme, re.S)
    assert example is not None
    port = free_port()
    site = example[1].replace("forms.example.org", f"http://127.0.0.1:{port}")
    where = upstream(server).replace("unix:", "unix/")
    config = tmp_path / "Caddyfile"
    site = site.replace("127.0.0.1:8080", where)
    config.write_text(f"{{\n    admin off\n}}\n{site}", encoding="utf-8")
    command = [caddy, "run", "--config", str(config), "--adapter", "caddyfile"]
    environ = {**os.environ, "HOME": str(tmp_path)}
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
        try:
            poll(lambda: answers(port), "Caddy")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_the_visitor_is_known_and_a_large_file_goes_through(
    url: str,
    server: Server,
    tmp_path: Path,
) -> None:
    """Caddy takes away what the visitor has written, and says whom it has heard."""
    answer = over_http(url)("GET", "/index", b"", {"X-Forwarded-For": "203.0.113.9"})
    assert answer.status == 200
    logs = tmp_path / "data" / "logs"

    def lines() -> list[str]:
        return [x for log in logs.iterdir() for x in log.read_text(encoding="utf-8").splitlines()]

    poll(lambda: any(x.startswith("127.0.0.1 ") and "/index" in x for x in lines()), "a line")
    content = content_of(20 * MB)
    tus = TusClient.at(url)
    path = tus.created("videos", "video", "a.mp4", len(content))
    tus.send_rest(path, content)
    answer = hand_in(url, path, path=PATH)
    assert answer.status == 303, answer.text
    assert answer.headers["location"].startswith(("/r/", PUBLIC))
    (stored,) = (tmp_path / "data" / "files").rglob("*.mp4")
    assert stored.read_bytes() == content
