"""The names under which Intray answers, and those under which it does not."""

from __future__ import annotations

import json
import socket
import timeit
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from webapp import hosts
from webapp.config import Settings, load

from .conftest import running_app
from .running import Server

SETTINGS = load(
    {"public_url": "https://Forms.Example.org:8443", "allowed_hosts": "intranet, box.fritz.box"}, {}
)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """This computer is called `Office-PC`, and the network calls it `office-pc.school.example`."""
    monkeypatch.setattr(socket, "gethostname", lambda: "Office-PC")
    monkeypatch.setattr(socket, "getfqdn", lambda: "office-pc.school.example.")
    hosts._full_name.cache_clear()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.1:8080", "192.168.1.20:8080", "[::1]", "[::1]:8080", "[2001:db8::1]:80",
        "localhost", "LocalHost:8080", "localhost.", "intray.localhost", "office-pc", "OFFICE-PC:80",
        "office-pc.local", "office-pc.school.example", "office-pc.", "forms.example.org",
        "forms.example.org:8443", "FORMS.example.org.", "intranet", "box.fritz.box:8080", "localhost:",
    ],
)  # fmt: skip
def test_it_answers_to_addresses_and_to_its_own_names(host: str, named: None) -> None:
    assert hosts.is_ours(hosts.plain_name(host), SETTINGS)


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        ("https://schüler.example:8443/", "xn--schler-5ya.example:8443"),
        ("https://forms.example.org.", "forms.example.org"),
        ("https://学校.example。", "xn--48s290a.example."),
    ],
)
def test_it_answers_to_a_public_name_however_it_is_written(
    public_url: str, host: str, named: None
) -> None:
    settings = load({"public_url": public_url}, {})
    assert hosts.is_ours(hosts.plain_name(host), settings)
    assert settings.public_url == f"https://{host}".removesuffix(".")


def test_other_names_may_have_letters_that_are_not_ascii(named: None) -> None:
    settings = load({"allowed_hosts": "Schüler.example."}, {})
    assert hosts.is_ours("xn--schler-5ya.example", settings)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "example.org", "forms.example.org.evil.example", "localhost.evil.example",
        "127.0.0.1.evil.example", "evillocalhost", "1.2.3", "office-pc.evil.example", "local",
        "0x7f.1",
    ],
)  # fmt: skip
def test_it_does_not_answer_to_others(host: str, named: None) -> None:
    name = hosts.plain_name(host)
    assert name
    assert not hosts.is_ours(name, SETTINGS)


@pytest.mark.parametrize(
    "host",
    [
        "", ":80", "a b", "a/b", "a@b", "me:secret@localhost", "[::1", "::1", "[localhost]", "[:::]",
        "localhost:80:80", "localhost:http", "münchen", "a,b", "localhost\n", "[fe80::1%eth0]",
    ],
)  # fmt: skip
def test_what_is_no_host_is_malformed(host: str) -> None:
    assert hosts.plain_name(host) == ""


def test_the_check_takes_microseconds() -> None:
    seconds = min(
        timeit.repeat(
            lambda: hosts.is_ours(hosts.plain_name("127.0.0.1:8080"), SETTINGS), number=1000
        )
    )
    assert seconds / 1000 < 50e-6  # it takes 2 on a slow machine


# --- requests


def asked(app: Flask, host: str, path: str = "/", **headers: str) -> Any:
    return app.test_client().get(path, headers=headers, environ_overrides={"HTTP_HOST": host})


def test_another_name_is_misdirected_and_the_page_says_what_to_set(sqlite_app: Flask) -> None:
    answer = asked(sqlite_app, "evil.example")
    assert answer.status_code == 421
    assert "evil.example" in answer.text
    assert "allowed_hosts" in answer.text
    assert "public_url" in answer.text


def test_programs_are_told_as_well(sqlite_app: Flask) -> None:
    answer = asked(sqlite_app, "evil.example", Accept="application/json")
    assert (answer.status_code, answer.mimetype) == (421, "application/problem+json")
    assert "evil.example" in json.loads(answer.data)["detail"]


@pytest.mark.parametrize("path", ["/index", "/static/x", "/login", "/desk", "/f/form", "/nothing"])
def test_no_page_is_told_to_another_name(sqlite_app: Flask, path: str) -> None:
    assert asked(sqlite_app, "evil.example", path).status_code == 421


@pytest.mark.parametrize("path", hosts.CHECKS)
def test_monitors_ask_by_any_name(sqlite_app: Flask, path: str) -> None:
    assert asked(sqlite_app, "10-0-0-7.pods.example", path).status_code == 200


@pytest.mark.parametrize("host", ["a b", "", "[::1"])
def test_a_malformed_host_is_a_bad_request(sqlite_app: Flask, host: str) -> None:
    assert asked(sqlite_app, host).status_code == 400


def test_a_name_of_the_settings_is_answered_to(tmp_path: Path) -> None:
    settings = load({"data": str(tmp_path), "allowed_hosts": "forms.example.org"}, {})
    for app in running_app(settings):
        assert asked(app, "forms.example.org:8080", "/index").status_code == 200


def test_a_program_of_the_nineties_is_answered(tmp_path: Path) -> None:
    def status(server: Server, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", server.port), 60) as connection:
            connection.sendall(request)
            return connection.recv(1000).split()[1]

    with Server(data=tmp_path / "data") as server:
        assert status(server, b"GET /index HTTP/1.0\r\n\r\n") == b"200"
        assert status(server, b"GET /index HTTP/1.1\r\n\r\n") == b"400"
        assert status(server, b"GET /index HTTP/1.1\r\nHost: evil.example\r\n\r\n") == b"421"


def test_the_default_settings_have_no_other_names(named: None) -> None:
    assert not hosts.is_ours("forms.example.org", Settings())
