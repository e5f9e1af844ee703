"""The addresses that are shown, and the QR code."""

from __future__ import annotations

import io
import ipaddress
import socket
import sys

import pytest

from webapp.serving import addresses


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", 8080, "http://127.0.0.1:8080/"),
        ("0.0.0.0", 8080, "http://127.0.0.1:8080/"),
        ("::", 8080, "http://127.0.0.1:8080/"),
        ("::1", 8080, "http://[::1]:8080/"),
        ("my-pc", 80, "http://my-pc/"),
    ],
)
def test_the_address_can_be_opened_in_a_browser(host: str, port: int, url: str) -> None:
    assert addresses.url(host, port) == url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST"])
def test_what_only_this_computer_reaches_is_known(host: str) -> None:
    assert addresses.is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "my-pc", "localhost.example.org"])
def test_what_others_may_reach_is_known(host: str) -> None:
    assert not addresses.is_loopback(host)


def test_the_addresses_in_the_network_are_this_computers_own() -> None:
    for address in addresses.lan_addresses():
        assert not ipaddress.IPv4Address(address).is_loopback
        socket.create_server((address, 0)).close()


@pytest.mark.skipif(sys.platform not in ("linux", "win32"), reason="not told there")
def test_a_network_without_a_way_out_has_addresses_too(monkeypatch: pytest.MonkeyPatch) -> None:
    before = addresses.lan_addresses()
    monkeypatch.setattr(addresses, "_outgoing_address", lambda: "")
    assert set(before) <= set(addresses.lan_addresses())


class Console(io.TextIOWrapper):
    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "cp437"])
def test_a_console_with_block_characters_gets_a_qr_code(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", Console(encoding))
    picture = addresses.qr_code("http://192.168.1.5:8080/")
    assert picture is not None
    lines = picture.split("\n")
    assert len({len(line) for line in lines}) == 1  # a square, two rows in a line
    assert len(lines) == (len(lines[0]) + 1) // 2
    assert set(picture) <= set(" \n" + addresses.QR_BLOCKS)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1"])
def test_a_console_without_them_gets_none(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Console(encoding))
    assert addresses.qr_code("http://192.168.1.5:8080/") is None
