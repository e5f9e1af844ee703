"""Behind a real nginx, set up as the README says."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import skip_or_fail
from ..running import TOP, Server, answers, free_port, poll
from ..uploads.sending import PATH, VIDEOS, content_of, hand_in, import_forms
from ..uploads.tus_client import TusClient
from ..visitor import over_http

pytestmark = pytest.mark.nginx

PUBLIC = "https://forms.example.org"
MB = 1024**2


def locations() -> str:
    """The `location` of the README's example."""
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```nginx\n(.*?)```", readme, re.S)
    assert example is not None
    location = re.search(r"client_max_body_size.*?\n    }\n", example[1], re.S)
    assert location is not None
    return location[0]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    import_forms(data, VIDEOS)
    options = ("--trusted-proxy", "127.0.0.1", "--public-url", PUBLIC, "--access-log", "access.log")
    with Server(*options, data=data) as running:
        yield running


@pytest.fixture
def url(tmp_path: Path, server: Server) -> Iterator[str]:
    """Where nginx is, which hands on to the server as if it had been asked over HTTPS."""
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if nginx is None:
        skip_or_fail("nginx", "nginx is missing: apt-get install nginx-light")
        return
    port = free_port()
    temporary = "".join(
        f"{kind}_temp_path {tmp_path / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    location = locations().replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
    location = location.replace("$scheme", "https").replace("Host $host", "Host forms.example.org")
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path / 'nginx.pid'}; error_log {tmp_path / 'error.log'};\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; {location} }} }}\n",
        encoding="utf-8",
    )
    command = [nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            poll(lambda: answers(port), "nginx")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_the_visitor_is_known_and_nobody_can_pretend(
    server: Server, url: str, tmp_path: Path
) -> None:
    """nginx adds whom it has heard to what the visitor wrote; here both are on this computer."""
    answer = over_http(url)("GET", "/index", b"", {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert answer.status == 200
    log = tmp_path / "data" / "logs" / "access.log"
    poll(lambda: '"GET /index ' in log.read_text(encoding="utf-8"), "a line in the log")
    line = next(line for line in log.read_text(encoding="utf-8").splitlines() if "198.51" in line)
    assert line.startswith("198.51.100.7 ")  # 127.0.0.1, which comes last, is trusted


def test_a_large_file_goes_through(url: str, tmp_path: Path) -> None:
    content = content_of(20 * MB)
    tus = TusClient.at(url)
    path = tus.created("videos", "video", "a.mp4", len(content))
    tus.send_rest(path, content)
    answer = hand_in(url, path, path=PATH)
    assert answer.status == 303, answer.text
    assert answer.headers["location"].startswith(("/r/", PUBLIC))
    (stored,) = (tmp_path / "data" / "files").rglob("*.mp4")
    assert stored.read_bytes() == content
