"""Whom a proxy speaks for, and who else says so."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.serving.proxies import Proxies

TRUSTED = Proxies.parse("127.0.0.1, 10.0.0.0/8, ::1")
HEADERS = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "forms.example.org",
}


def applied(headers: dict[str, str], peer: str = "127.0.0.1", path: str = "/f/a") -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REMOTE_ADDR": peer,
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "127.0.0.1:8080",
        "SERVER_PORT": "8080",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        **headers,
    }
    TRUSTED.apply(environ, peer)
    assert not [name for name in environ if "FORWARDED" in name]
    return environ


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "::1", "::ffff:10.1.2.3"])
def test_a_trusted_one_is_believed(peer: str) -> None:
    environ = applied(HEADERS, peer)
    assert environ["REMOTE_ADDR"] == "203.0.113.9"
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["HTTP_HOST"] == "forms.example.org"
    assert environ["SERVER_PORT"] == "443"


@pytest.mark.parametrize("peer", ["203.0.113.1", "11.0.0.1", "2001:db8::1", "", "localhost"])
def test_any_other_is_not(peer: str) -> None:
    environ = applied({**HEADERS, "HTTP_FORWARDED": "for=203.0.113.9"}, peer)
    assert environ["REMOTE_ADDR"] == peer
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["HTTP_HOST"] == "127.0.0.1:8080"


@pytest.mark.parametrize(("text", "scheme"), [("unix", "https"), ("127.0.0.1", "http")])
def test_who_comes_by_a_unix_socket_is_believed_where_that_is_said(text: str, scheme: str) -> None:
    environ: dict[str, Any] = {"wsgi.url_scheme": "http", **HEADERS}
    Proxies.parse(text).apply(environ, "")
    assert environ["wsgi.url_scheme"] == scheme
    assert "HTTP_X_FORWARDED_FOR" not in environ


@pytest.mark.parametrize(
    ("chain", "who"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the first was written by who asked
        ("203.0.113.9, 10.0.0.2, 10.0.0.3", "203.0.113.9"),
        ("10.0.0.9, 10.0.0.2", "10.0.0.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::9]:4711", "2001:db8::9"),
        ("2001:db8::9", "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ('fe80::9%a" b', "fe80::9"),  # a zone may be any text, and is none of ours
        ("unknown", "127.0.0.1"),
        ("203.0.113.9, nonsense", "127.0.0.1"),
        ("nonsense, 10.0.0.2", "10.0.0.2"),
        ("", "127.0.0.1"),
        (", ,", "127.0.0.1"),
        ("9" * 5000, "127.0.0.1"),
    ],
)
def test_who_asked_is_the_last_that_is_no_proxy(chain: str, who: str) -> None:
    assert applied({"HTTP_X_FORWARDED_FOR": chain})["REMOTE_ADDR"] == who


@pytest.mark.parametrize(
    "host", ["a b", 'a"', "a/b", "", "[::1", "a:b", "x" * 300, "a\r\nb", "a:123456", "ä"]
)
def test_a_host_that_is_none_is_ignored(host: str) -> None:
    assert applied({"HTTP_X_FORWARDED_HOST": host})["HTTP_HOST"] == "127.0.0.1:8080"


def test_a_host_may_have_a_port() -> None:
    environ = applied({"HTTP_X_FORWARDED_HOST": "a.org:8443", "HTTP_X_FORWARDED_PROTO": "https"})
    assert (environ["HTTP_HOST"], environ["SERVER_PORT"]) == ("a.org:8443", "8443")


def test_another_scheme_is_ignored() -> None:
    assert applied({"HTTP_X_FORWARDED_PROTO": "javascript"})["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize("path", ["/forms/f/a", "/f/a"])
def test_a_prefix_is_taken_off_where_it_is_there(path: str) -> None:
    environ = applied({"HTTP_X_FORWARDED_PREFIX": "/forms/"}, path=path)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/forms", "/f/a")


@pytest.mark.parametrize(
    "prefix", ["//evil.org", "forms", "/", "/a b", '/"', "/a//b", "", "/..", "/a/./b"]
)
def test_a_prefix_that_is_no_path_is_ignored(prefix: str) -> None:
    assert applied({"HTTP_X_FORWARDED_PREFIX": prefix})["SCRIPT_NAME"] == ""


@pytest.mark.parametrize("text", ["nonsense", "10.0.0.1/8", "10.0.0.0/33"])
def test_an_address_that_is_none_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"network|host bits"):
        Proxies.parse(text)


@pytest.mark.parametrize("port", ["0", "65536", "99999", "-1", "8o", "٨"])
def test_a_port_that_is_none_is_ignored(port: str) -> None:
    assert applied({"HTTP_X_FORWARDED_PORT": port})["SERVER_PORT"] == "8080"
