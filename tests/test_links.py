"""The links and QR codes that leave this computer."""

from __future__ import annotations

import io
import re
import struct
from xml.etree import ElementTree

import pytest

from webapp import links
from webapp.config import Settings
from webapp.serving import addresses

HERE = "http://127.0.0.1:8080"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that this computer has in its network, for the test to change."""
    found = ["192.168.1.20", "10.0.0.7"]
    monkeypatch.setattr(addresses, "lan_addresses", lambda: found)
    links._network_address.cache_clear()
    return found


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", HERE),
        ("localhost", "http://localhost:8080"),
        ("::1", "http://[::1]:8080"),
        ("192.168.1.9", "http://192.168.1.9:8080"),
        ("0.0.0.0", "http://192.168.1.20:8080"),
        ("::", "http://192.168.1.20:8080"),
    ],
)
def test_links_lead_where_others_find_what_it_listens_on(
    host: str, url: str, network: list[str]
) -> None:
    assert links.base_url(Settings(host=host)) == url


def test_a_public_address_is_what_links_are_made_from(network: list[str]) -> None:
    settings = Settings(host="0.0.0.0", public_url="https://forms.example.org")
    assert links.base_url(settings) == "https://forms.example.org"


def test_a_computer_without_a_network_names_itself(network: list[str]) -> None:
    network.clear()
    assert links.base_url(Settings(host="0.0.0.0")) == HERE


def test_the_usual_port_is_left_out() -> None:
    assert links.base_url(Settings(port=80)) == "http://127.0.0.1"


def test_a_computer_that_changes_networks_is_found_again(
    network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 0.0
    monkeypatch.setattr("webapp.links.time.monotonic", lambda: seconds)
    settings = Settings(host="0.0.0.0")
    assert links.base_url(settings) == "http://192.168.1.20:8080"
    network[:] = ["10.0.0.7"]
    assert links.base_url(settings) == "http://192.168.1.20:8080"
    seconds = links.FRESH_SECONDS
    assert links.base_url(settings) == "http://10.0.0.7:8080"


def test_a_form_has_its_link() -> None:
    assert links.form_url(Settings(), "homework-3") == f"{HERE}/f/homework-3"


def test_the_qr_code_is_a_picture_of_any_size_without_styles() -> None:
    picture = ElementTree.parse(io.BytesIO(links.qr_svg(HERE))).getroot()
    assert picture.get("viewBox") == "0 0 33 33"  # 25 modules and a quiet zone of 4 on each side
    assert picture.get("width") is None
    assert not [part for part in picture.iter() if {"style", "class"} & part.attrib.keys()]
    light, dark = list(picture)
    assert (light.get("fill"), dark.get("stroke")) == ("#fff", "#000")
    assert re.match(r"M0 0h33v33", light.get("d", ""))


def test_the_qr_code_as_png_is_large_enough_to_print() -> None:
    picture = links.qr_png(HERE)
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (33 * 12, 33 * 12)
