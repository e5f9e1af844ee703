"""Server-side sessions, through an application that keeps what a request asks it to keep."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request, session
from werkzeug.test import TestResponse

from webapp.sessions import COOKIE, LIFETIME_SECONDS, ServerSessions, SessionFiles

DAY = 24 * 3600


class Browser:
    """A browser on an application that changes its session as the request's JSON says: `set` and
    `delete`, and `pause`, which is called while the request is worked on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pause: Callable[[], None] = lambda: None
        self.app = Flask("sessions")
        self.app.session_interface = ServerSessions(SessionFiles(folder))
        self.app.add_url_rule("/", view_func=self._change, methods=["GET", "POST"])
        self.client = self.app.test_client()

    def _change(self) -> dict[str, Any]:
        asked: dict[str, Any] = request.get_json() if request.method == "POST" else {}
        session.update(asked.get("set", {}))
        for key in asked.get("delete", []):
            session.pop(key, None)
        if "append" in asked:
            session["list"].append(asked["append"])
        if asked.get("pause"):
            self.pause()
        return dict(session)

    def send(self, *, base_url: str = "http://localhost", **asked: Any) -> TestResponse:
        return self.client.post("/", json=asked, base_url=base_url)

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.client.get("/").json
        return state

    @property
    def id(self) -> str:
        cookie = self.client.get_cookie(COOKIE)
        assert cookie is not None
        return cookie.value

    @id.setter
    def id(self, value: str) -> None:
        self.client.set_cookie(COOKIE, value)

    @property
    def file(self) -> Path:
        return self.folder / (hashlib.sha256(self.id.encode()).hexdigest() + ".json")

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name != ".lock")

    def is_aged(self, seconds: float) -> None:
        """Makes the session as old as if it had not been used for so long."""
        then = time.time() - seconds
        os.utime(self.file, (then, then))


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)


def test_a_session_that_is_not_used_sets_no_cookie_and_makes_no_file(browser: Browser) -> None:
    for answer in (browser.client.get("/"), browser.send(set={}), browser.send(delete=["a"])):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Vary"] == "Cookie"
    assert browser.files == []


def test_what_is_set_is_there_the_next_time(browser: Browser) -> None:
    content = {
        "text": "李\ud800\x00</script>",
        "list": [1, None, True],
        "nested": {"a": {"b": 1.5}},
    }
    browser.send(set=content)
    assert browser.state == content
    first = browser.id
    assert "Set-Cookie" not in browser.client.get("/").headers
    browser.send(set={"more": 1})
    assert browser.id == first
    assert browser.state == content | {"more": 1}


def test_a_change_within_a_value_is_kept(browser: Browser) -> None:
    browser.send(set={"list": []})
    browser.send(append=1)
    browser.send(append=2)
    assert browser.state == {"list": [1, 2]}


def test_a_deleted_key_is_gone(browser: Browser) -> None:
    browser.send(set={"a": 1, "b": 2})
    browser.send(delete=["a"])
    assert browser.state == {"b": 2}
    browser.send(delete=["b"])
    assert browser.state == {}


def test_the_id_is_long_and_the_files_name_does_not_tell_it(browser: Browser) -> None:
    browser.send(set={"secret": "x"})
    assert len(browser.id) >= 43
    assert browser.files == [browser.file.name]
    assert browser.id not in browser.file.read_text()
    if os.name == "posix":
        assert browser.file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("base_url", "is_secure"), [("http://h", False), ("https://h", True)])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: Browser, base_url: str, is_secure: bool
) -> None:
    (cookie,) = browser.send(base_url=base_url, set={"a": 1}).headers.getlist("Set-Cookie")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert f"Max-Age={LIFETIME_SECONDS}" in cookie
    assert ("Secure" in cookie.split("; ")) is is_secure
    assert "Domain" not in cookie


FORGED = ["x", "0" * 43, "../secret", "", "a" * 4000, "\x00", "é", "%00", '"', "../../intray.toml"]


@pytest.mark.parametrize("id", FORGED, ids=lambda id: ascii(id)[:20])
def test_an_id_that_the_server_did_not_make_is_not_adopted(browser: Browser, id: str) -> None:
    browser.id = id
    assert browser.state == {}
    browser.send(set={"a": 1})
    assert browser.id != id
    assert browser.files == [browser.file.name]


@pytest.mark.parametrize(
    "header",
    [b"intray_session=\xff\xfe", b"intray_session=\xed\xa0\x80", b"intray_session", b"=;;;"],
)
def test_a_cookie_that_is_no_text_is_none(browser: Browser, header: bytes) -> None:
    answer = browser.app.test_client().get("/", headers={"Cookie": header.decode("latin-1")})
    assert answer.json == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"a": 1', b"[1]", b"null", b'"text"', b"\x00\xff\xfe", b"\xff" * 5000, b'{"a": NaN'],
    ids=lambda content: ascii(content)[:20],
)  # fmt: skip
def test_a_damaged_file_is_an_empty_session_that_works_again(
    browser: Browser, content: bytes
) -> None:
    browser.send(set={"a": 1})
    browser.file.write_bytes(content)
    assert browser.state == {}
    browser.send(set={"b": 2})
    assert browser.state == {"b": 2}


def test_a_folder_in_the_place_of_a_file_is_an_empty_session(browser: Browser) -> None:
    browser.send(set={"a": 1})
    browser.file.unlink()
    browser.file.mkdir()
    assert browser.state == {}


def test_two_requests_at_once_keep_both_their_changes(browser: Browser) -> None:
    """Both have read the session before either writes it."""
    browser.send(set={"shared": 0, "first": 0, "second": 0, "gone": 0})
    both_have_read = threading.Barrier(2)
    browser.pause = lambda: both_have_read.wait(30) and None
    id = browser.id

    def change(**asked: Any) -> None:
        client = browser.app.test_client()
        client.set_cookie(COOKIE, id)
        client.post("/", json={**asked, "pause": True})

    threads = [
        threading.Thread(target=change, kwargs={"set": {"first": 1, "new": 1}, "delete": ["gone"]}),
        threading.Thread(target=change, kwargs={"set": {"second": 2, "other": 2}}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert browser.state == {"shared": 0, "first": 1, "second": 2, "new": 1, "other": 2}


def test_a_slow_request_does_not_bring_back_what_signing_out_has_removed(browser: Browser) -> None:
    browser.send(set={"user": "ann", "seen": 0})
    id = browser.id

    def sign_out() -> None:
        other = browser.app.test_client()
        other.set_cookie(COOKIE, id)
        other.post("/", json={"delete": ["user", "seen"]})

    browser.pause = sign_out
    browser.send(set={"language": "zh"}, pause=True)
    assert browser.state == {"language": "zh"}


def test_a_session_lives_as_long_as_it_is_used(browser: Browser) -> None:
    browser.send(set={"a": 1})
    browser.is_aged(LIFETIME_SECONDS - DAY)
    answer = browser.client.get("/")
    assert answer.json == {"a": 1}
    assert f"Max-Age={LIFETIME_SECONDS}" in answer.headers["Set-Cookie"]
    assert time.time() - browser.file.stat().st_mtime < DAY
    assert "Set-Cookie" not in browser.client.get("/").headers


def test_an_old_session_is_none_even_before_it_is_swept(browser: Browser) -> None:
    browser.send(set={"a": 1})
    old = browser.id
    browser.is_aged(LIFETIME_SECONDS + 60)
    assert browser.state == {}
    browser.send(set={"b": 2})
    assert browser.id != old
    assert browser.state == {"b": 2}


def test_sweeping_removes_what_is_old_and_nothing_else(browser: Browser) -> None:
    browser.send(set={"a": 1})
    browser.is_aged(LIFETIME_SECONDS + 60)
    (browser.folder / "crashed-0123.tmp").write_text("half")
    (browser.folder / "young-0123.tmp").write_text("half")
    (browser.folder / "note.txt").write_text("somebody's")
    (browser.folder / "folder.json").mkdir()
    for name in ("crashed-0123.tmp", "note.txt", "folder.json"):
        os.utime(browser.folder / name, (0, 0))
    browser.client = browser.app.test_client()
    browser.send(set={"b": 2})
    SessionFiles(browser.folder).sweep()
    assert set(browser.files) == {browser.file.name, "young-0123.tmp", "note.txt", "folder.json"}
    assert browser.state == {"b": 2}
