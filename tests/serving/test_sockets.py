"""Listening sockets, and the sentences for what keeps them from being opened."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from webapp.serving import sockets
from webapp.serving.errors import CannotServe
from webapp.serving.turning_away import turn_away

from ..running import free_port, occupied_port


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def greeted(address: str, port: int) -> bool:
    """Whether a connection is taken, before anybody accepts it."""
    try:
        socket.create_connection((address, port), 5).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "reached", "not_reached"),
    [
        ("127.0.0.1", ["127.0.0.1"], ["::1"]),
        ("0.0.0.0", ["127.0.0.1"], ["::1"]),
        pytest.param("::1", ["::1"], ["127.0.0.1"], marks=needs_ipv6),
        pytest.param("::", ["::1", "127.0.0.1"], [], marks=needs_ipv6),
        ("localhost", ["127.0.0.1"], []),
    ],
)
def test_connections_are_queued_from_the_first_moment(
    host: str, reached: list[str], not_reached: list[str]
) -> None:
    port = free_port()
    listeners = sockets.listen(host, port)
    try:
        assert [one for one in reached if not greeted(one, port)] == []
        assert [one for one in not_reached if greeted(one, port)] == []
    finally:
        sockets.close(listeners)
    assert not greeted("127.0.0.1", port)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_a_port_in_use_is_said(host: str) -> None:
    with occupied_port() as port, pytest.raises(CannotServe) as refused:
        sockets.listen(host, port)
    sentence = f"Port {port} is in use by another program: choose another one with --port."
    assert str(refused.value) == sentence


@needs_ipv6
def test_when_one_address_of_several_is_taken_none_is_kept() -> None:
    with occupied_port() as port:
        with pytest.raises(CannotServe, match="in use"):
            sockets.listen("::", port)
        assert not greeted("::1", port)


def test_two_of_ours_cannot_have_the_same_port() -> None:
    port = free_port()
    listeners = sockets.listen("127.0.0.1", port)
    try:
        with pytest.raises(CannotServe, match="in use"):
            sockets.listen("127.0.0.1", port)
    finally:
        sockets.close(listeners)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no TIME_WAIT in the way")
def test_a_restart_need_not_wait_for_old_connections() -> None:
    port = free_port()
    (listener,) = sockets.listen("127.0.0.1", port)
    with socket.create_connection(("127.0.0.1", port), 5):
        accepted, _ = listener.accept()
        accepted.close()  # the server's side closes first, and goes into TIME_WAIT
    listener.close()
    sockets.close(sockets.listen("127.0.0.1", port))


def test_a_host_that_is_not_there_is_said() -> None:
    with pytest.raises(CannotServe, match=r"^There is no host no-such-host\.invalid: .+\.$"):
        sockets.listen("no-such-host.invalid", free_port())


def test_an_address_of_another_computer_is_said() -> None:
    with pytest.raises(CannotServe, match=r"^This computer has no address 203\.0\.113\.7: .+\.$"):
        sockets.listen("203.0.113.7", free_port())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets anyone take low ports")
def test_a_port_for_administrators_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests may run as root, or where low ports are free for all: the system's answer is given.
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sockets, "_listen_on", refuse)
    with pytest.raises(CannotServe, match=r"^Port 80 is for administrators: .+ 1024 .+\.$"):
        sockets.listen("127.0.0.1", 80)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a filter for that")
@pytest.mark.parametrize(
    "family",
    [
        socket.AF_INET,
        pytest.param(socket.AF_INET6, marks=needs_ipv6),
        getattr(socket, "AF_UNIX", 0),
    ],
)
def test_who_is_turned_away_has_not_connected(family: int, tmp_path: Path) -> None:
    """And who has connected before can be accepted, in time."""
    host = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}.get(family)
    with socket.socket(family) as listener:
        listener.bind((host, 0) if host else str(tmp_path / "a.sock"))
        listener.listen(10)
        with socket.socket(family) as early, socket.socket(family) as late:
            early.connect(listener.getsockname())
            turn_away(listener)
            late.settimeout(0.3)
            with pytest.raises((TimeoutError, ConnectionRefusedError)):
                late.connect(listener.getsockname())
            early.sendall(b"here")
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.recv(4) == b"here"
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()
