"""The first minute on the Windows Python: the running server lets the network in.

What Wine cannot show: that a port which was taken for itself alone is not to be had again while one of
its connections lasts. That is why `Listening` keeps its listener there, and takes more beside it.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from ..desk import Desk
from ..running import WINDOWS_PYTHON, Server, poll
from ..setup.test_first_minute import is_reached, set_up
from ..visitor import over_http

pytestmark = pytest.mark.windows


def own_address() -> str:
    """An address of this computer in its network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this computer is in no network")
        address: str = asking.getsockname()[0]
    return address


def test_the_network_is_let_in_without_a_restart(tmp_path: Path) -> None:
    data, address = tmp_path / "data", own_address()
    with Server(python=WINDOWS_PYTHON, data=data) as server:
        assert not is_reached(server, address)
        person = Desk(over_http(server.url))
        with socket.create_connection(("127.0.0.1", server.port), 60) as slow:
            slow.sendall(
                b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nemail"
            )
            done = set_up(server, person, "network")
            assert done.status == 303, done.text
            assert is_reached(server, address)
            assert is_reached(server, "127.0.0.1")
            slow.sendall(b"=ann")
            assert slow.recv(1000).startswith(b"HTTP/1.1 422 ")
        share = person.open(done.location)
        assert f"http://{address}:{server.port}/f/homework" in share.text
        server.wait_for_output(f"Others in your network open http://{address}:{server.port}/")
        assert server.stop() == 0
        assert "Traceback" not in server.output
    assert (data / "intray.toml").read_text() == 'host = "0.0.0.0"\n'
    with Server(python=WINDOWS_PYTHON, data=data) as server:
        assert is_reached(server, address)
        poll(lambda: "Windows may ask now" in server.output, "the firewall to be explained")
        assert re.search(r"allow it for private networks", server.output)
