"""Behind a real nginx, set up as the README says."""

from __future__ import annotations

import getpass
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
from .test_unix_sockets import UnixServer

pytestmark = pytest.mark.nginx

PUBLIC = "https://forms.example.org"
MB = 1024**2


def example() -> tuple[str, str]:
    """The README's: what keeps private links out of the log, and the `location`."""
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    found = re.search(
        r"```nginx\n(.*?)\nserver {.*?(client_max_body_size.*?\n    }\n)", readme, re.S
    )
    assert found is not None
    return found[1], found[2]


@pytest.fixture(params=["port", "socket"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    import_forms(data, VIDEOS)
    options = ("--public-url", PUBLIC, "--access-log", "access.log")
    if request.param == "port":
        with Server(*options, "--trusted-proxy", "127.0.0.1", data=data) as running:
            yield running
    else:
        options = (*options, "--trusted-proxy", "unix", "--processes", "2")
        with UnixServer(tmp_path / "intray.sock", *options, data=data) as running:
            yield running


def upstream(server: Server) -> str:
    """As the README says of a Unix socket."""
    if isinstance(server, UnixServer):
        return f"unix:{server.socket}"
    return f"127.0.0.1:{server.port}"


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
    log, location = example()
    location = location.replace("127.0.0.1:8080", upstream(server))
    location = location.replace("$scheme", "https").replace("Host $host", "Host forms.example.org")
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path / 'nginx.pid'}; error_log {tmp_path / 'error.log'};\n"
        # its own processes are nobody's otherwise, who may not use the socket
        f"user {getpass.getuser()};\n"
        f"events {{}}\nhttp {{ {temporary}\n{log}\naccess_log {tmp_path / 'nginx.log'} private;\n"
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
    logs = tmp_path / "data" / "logs"  # of each process

    def lines() -> list[str]:
        return [x for log in logs.iterdir() for x in log.read_text(encoding="utf-8").splitlines()]

    # 127.0.0.1, which comes last, is trusted; by a Unix socket it is not, and so is who asked
    who = "127.0.0.1" if isinstance(server, UnixServer) else "198.51.100.7"
    poll(lambda: any('"GET /index ' in x and x.startswith(who) for x in lines()), "a line in a log")


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


def test_private_links_stay_out_of_its_log(url: str, tmp_path: Path) -> None:
    ask, log = over_http(url), tmp_path / "nginx.log"
    private = ["/uploads/SECRET", "/p/SECRET", "/c/SECRET", "/%70/SECRET/x", "/x//p//SECRET"]
    for path in [*private, "/r/K7Q4-MXD2?key=SECRET", "/setup?key=SECRET"]:
        ask("GET", path, b"", {"Referer": "https://forms.example.org/p/SECRET?key=SECRET"})
    ask("GET", "/f/videos", b"", {"Referer": "nonsense SECRET"})
    poll(lambda: "/f/videos" in log.read_text(encoding="utf-8"), "the last line")
    lines = log.read_text(encoding="utf-8")
    assert "SECRET" not in lines
    assert '"GET /p/... HTTP/1.1" ' in lines
    assert '"GET /r/K7Q4-MXD2 HTTP/1.1" ' in lines
    assert '"https://forms.example.org"' in lines
