"""The first minute on a real serve.py: from the link in the terminal to a form that the network can fill
in, without a restart."""

from __future__ import annotations

import re
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ..desk import Desk
from ..running import Server
from ..visitor import Page, over_http
from .test_link import link_in
from .test_setup import ANSWERS

# On Linux every address of 127.0.0.0/8 is this computer's: who listens on 127.0.0.1 alone is not
# reached at this one.
ELSEWHERE = "127.0.0.2"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs 127.0.0.2")


def is_reached(server: Server, address: str = ELSEWHERE) -> bool:
    try:
        answer = over_http(f"http://{address}:{server.port}")("GET", "/index", b"", {})
    except ConnectionRefusedError:
        return False
    return answer.body == b"Hello World!"


def set_up(server: Server, person: Desk, reach: str) -> Page:
    """Follows the link in the terminal and answers what is asked there."""
    parts = urlsplit(link_in(server.output))
    page = person.open(f"{parts.path}?{parts.query}")
    return person.submit(page, "/setup", {**ANSWERS, "reach": reach})


def test_the_network_is_let_in_without_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "intray.toml").write_text("# ours\nthreads = 3\n")
    with Server(data=data) as server:
        assert not is_reached(server)
        person = Desk(over_http(server.url))
        with socket.create_connection(("127.0.0.1", server.port), 60) as slow:
            slow.sendall(
                b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nemail"
            )
            done = set_up(server, person, "network")
            assert done.status == 303, done.text
            assert is_reached(server)
            slow.sendall(b"=ann")
            assert slow.recv(1000).startswith(b"HTTP/1.1 422 ")
        share = person.open(done.location)
        assert share.status == 200
        told = re.findall(r"^Others in your network open http://(\S+)/$", server.output, re.M)
        for address in told[:1]:
            assert f"http://{address}/f/homework" in share.text
            assert is_reached(server, address.partition(":")[0])
        assert (
            over_http(f"http://{ELSEWHERE}:{server.port}")("GET", "/f/homework", b"", {}).status
            == 200
        )
        assert person.open(urlsplit(link_in(server.output)).path).status == 404
        assert server.stop() == 0
        assert "Traceback" not in server.output
    assert (data / "intray.toml").read_text() == '# ours\nthreads = 3\nhost = "0.0.0.0"\n'
    with Server(data=data) as server:
        assert is_reached(server)
        assert "Set Intray up" not in server.output


def test_only_this_computer_stays_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server(data=data) as server:
        person = Desk(over_http(server.url))
        done = set_up(server, person, "computer")
        assert done.status == 303
        assert f"{server.url}/f/homework" in person.open(done.location).text
        assert not is_reached(server)
        assert "Others in your network" not in server.output
    assert not (data / "intray.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "environ"), [(["--host", "127.0.0.1"], {}), ([], {"INTRAY_HOST": "127.0.0.1"})]
)
def test_what_was_said_for_this_start_is_not_undone(
    arguments: list[str], environ: dict[str, str], tmp_path: Path
) -> None:
    with Server(*arguments, data=tmp_path / "data", environ=environ) as server:
        person = Desk(over_http(server.url))
        parts = urlsplit(link_in(server.output))
        page = person.open(f"{parts.path}?{parts.query}")
        assert 'name="reach"' not in page.text
        assert (arguments or list(environ))[0] in page.text
        assert person.submit(page, "/setup", {**ANSWERS, "reach": "network"}).status == 303
        assert not is_reached(server)
    assert not (tmp_path / "data" / "intray.toml").exists()


def test_where_another_program_has_the_port_it_stays_and_says_so(tmp_path: Path) -> None:
    with Server(data=tmp_path / "data") as server:
        person = Desk(over_http(server.url))
        with socket.create_server((ELSEWHERE, server.port)):
            done = set_up(server, person, "network")
        assert done.status == 303
        assert f"Port {server.port} is in use" in person.open(done.location).text
        assert not is_reached(server)
    assert not (tmp_path / "data" / "intray.toml").exists()
