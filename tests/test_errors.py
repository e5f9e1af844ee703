"""What people and programs are told when something goes wrong, and what every response has."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.exceptions import ServiceUnavailable

from webapp.config import load
from webapp.extensions import db
from webapp.storage.local import LocalStaging
from webapp.submissions.tables import Submission
from webapp.uploads.tables import Upload

from .conftest import ImportForm, import_text, running_app
from .forms_in_toml import HOMEWORK
from .visitor import Page, Visitor, in_process

PATH = "/f/homework-3"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def failing_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with a form, and with addresses that go wrong."""
    for app in running_app(load({"data": str(tmp_path_factory.mktemp("data"))}, {})):
        import_text(app, HOMEWORK)
        add_failing_views(app)
        yield app


def add_failing_views(app: Flask) -> None:

    def fail() -> str:
        raise RuntimeError("the secret of the database is hunter2")

    def busy() -> str:
        raise ServiceUnavailable(retry_after=30)

    def unreadable() -> str:
        raise PermissionError(errno.EACCES, "no access", "/data/secret.key")

    for view in (fail, busy, unreadable):
        app.add_url_rule(f"/{view.__name__}", view_func=view)
    app.add_url_rule("/c/private-link/fail", view_func=fail)


@pytest.fixture
def stranger(failing_app: Flask) -> Visitor:
    return Visitor(in_process(failing_app))


def hand_in(visitor: Visitor, size: int = 10, **headers: str) -> Page:
    page = visitor.open(PATH)
    files = [("essay", "a.pdf", b"%PDF-" + b"x" * size)]
    return visitor.hand_in(page, PATH, {"name": "Ann"}, files, **headers)


Ask = Callable[..., Page]

ERRORS: dict[int, Ask] = {
    400: lambda v, **h: v.post(PATH, b"--b\r\nhalf", "multipart/form-data; boundary=b", **h),
    403: lambda v, **h: hand_in(v, Origin="https://evil.example", **h),
    404: lambda v, **h: v.open("/nothing/here", **h),
    405: lambda v, **h: v.post("/index", b"", "text/plain", **h),
    413: lambda v, **h: hand_in(v, 40 * 1024**2, **h),
    500: lambda v, **h: v.open("/fail", **h),
    503: lambda v, **h: v.open("/busy", **h),
}


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_is_a_page_that_says_what_to_do(stranger: Visitor, status: int) -> None:
    answer = ERRORS[status](stranger, Accept=BROWSER)
    assert answer.status == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    title = re.search(r"<title>(.+?)</title>", answer.text)
    heading, *sentences = re.findall(r"<(?:h1|p)>(.+?)</(?:h1|p)>", answer.text.split("<main")[1])
    assert title is not None
    assert heading in title[1]
    assert len(sentences) >= 2
    assert all(sentence.endswith(".") for sentence in sentences)
    assert f"Error {status}" in answer.text


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_is_told_to_programs_as_problem_json(stranger: Visitor, status: int) -> None:
    answer = ERRORS[status](stranger, Accept="application/json")
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = json.loads(answer.body)
    assert problem.keys() == {"type", "title", "status", "detail"}
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"]
    assert problem["detail"]


@pytest.mark.parametrize(
    ("path", "accept", "is_json"),
    [
        ("/x", "", False),
        ("/x", "*/*", False),
        ("/x", BROWSER, False),
        ("/x", "application/json", True),
        ("/x", "application/problem+json", True),
        ("/x", "application/json, text/html;q=0.9", True),
        ("/x", "text/html, application/json;q=0.9", False),
        ("/x", "text/html, application/json", False),
        ("/x", "application/xhtml+xml", False),
        ("/x", "image/png", False),
        ("/x", ";;;q=x,\x00", False),
        ("/api/v1/x", BROWSER, True),
        ("/uploads/x", "", True),
        ("/uploads", BROWSER, True),
        ("/apiary", BROWSER, False),
    ],
)
def test_the_kind_of_answer_is_what_was_asked_for(
    stranger: Visitor, path: str, accept: str, is_json: bool
) -> None:
    answer = stranger.open(path, **({"Accept": accept} if accept else {}))
    assert answer.status in (401, 404, 405)
    assert answer.headers["content-type"].startswith(
        "application/problem+json" if is_json else "text/html"
    )


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_is_in_the_readers_language(stranger: Visitor, status: int) -> None:
    pages = [ERRORS[status](stranger, Accept_Language=language) for language in ("en", "zh")]
    assert [page.headers["content-language"] for page in pages] == ["en", "zh"]
    english, chinese = (re.findall(r"<h1>(.+?)</h1>", page.text)[0] for page in pages)
    assert english.isascii()
    assert not re.search("[A-Za-z]", chinese)


def test_what_helps_is_in_the_headers(stranger: Visitor) -> None:
    assert set(ERRORS[405](stranger).headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert ERRORS[503](stranger).headers["retry-after"] == "30"


@pytest.mark.parametrize("path", ["/fail", "/unreadable"])
def test_what_went_wrong_inside_is_in_the_log_and_nowhere_else(
    stranger: Visitor, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    for accept in (BROWSER, "application/json"):
        answer = stranger.open(path, Accept=accept)
        assert answer.status == 500
        assert not re.search("hunter2|Traceback|secret|Error:", answer.text)
    assert "hunter2" in caplog.text or "secret.key" in caplog.text
    assert f"Exception on {path} [GET]" in caplog.text


def test_a_private_link_that_fails_is_not_in_the_log(
    stranger: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    assert stranger.open("/c/private-link/fail").status == 500
    assert "Exception on /c/…/fail [GET]" in caplog.text
    assert "private-link" not in caplog.text


EVERYWHERE = {
    "content-security-policy": r"default-src 'none'; .*script-src 'self'; .*frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
PAGES: dict[str, Ask] = {
    **{str(status): ask for status, ask in ERRORS.items()},
    "start": lambda v: v.open("/"),
    "form": lambda v: v.open(PATH),
    "receipt": lambda v: v.open(hand_in(v).location),
    "redirect": hand_in,
    "refused": lambda v: v.hand_in(v.open(PATH), PATH, {"name": ""}),
    "text": lambda v: v.open("/index"),
    "JSON": lambda v: v.open("/readyz"),
    "static": lambda v: v.open(re.findall(r'"(/static/[^"]+)"', v.open("/").text)[0]),
    "language": lambda v: v.post_form("/language", {"language": "zh"}),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_response_has_the_headers_that_keep_browsers_careful(
    stranger: Visitor, name: str
) -> None:
    answer = PAGES[name](stranger)
    for header, expected in EVERYWHERE.items():
        assert re.search(expected, answer.headers[header]), header
    for word in ("unsafe", "http:", "https:", "*", "data:"):
        assert word not in answer.headers["content-security-policy"]
    if answer.headers["content-type"].startswith("text/html") and name != "redirect":
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", answer.text)


PATHS = ["/", "/index", "/healthz", "/readyz", PATH, "/nothing", "/f/nothing", "/fail"]


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_the_body(stranger: Visitor, path: str) -> None:
    get, head = stranger.open(path), stranger._send("HEAD", path, b"", {})
    assert head.status == get.status
    assert head.body == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    assert abs(int(head.headers["content-length"]) - len(get.body)) < 20  # a token's length varies


WEIRD = [
    "/%00", "/%ff", "/f/%00", "/f/%ff", "/f/homework-3%00", "/f/homework-3/", "/F/homework-3",
    "/f/HOMEWORK-3", "/../x", "/f/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/static/../x",
    "/static/x/%2e%2e/secret.key", "/" + "a" * 100_000, "/f/" + "%F0%9F%98%80" * 1000, "/r/%00?key=%00",
    "/r/K7Q4-MXD2?key=%ff", "/%E2%80%AE", "/f/%ed%a0%80", "/%", "/%zz", "/\\", "/;a",
    "/%0d%0aSet-Cookie:a=b", "/r/" + "ß" * 8, "/f//homework-3",
]  # fmt: skip


def test_a_weird_path_is_not_found_whatever_is_asked_of_it(
    app: Flask, import_form: ImportForm
) -> None:
    """On both databases: PostgreSQL takes no NUL."""
    import_form(HOMEWORK)
    visitor = Visitor(in_process(app))
    for path in WEIRD:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW"):
            answer = visitor._send(method, path, b"", {})
            assert answer.status in (200, 308, 400, 404, 405), (method, path)
            assert answer.status != 200 or method == "OPTIONS", (method, path)
            assert "set-cookie" not in answer.headers
    for query in ("?%00=%ff", "?" + "a=b&" * 10_000, "?key=%ed%a0%80", "?=&&;"):
        assert visitor.open("/" + query).status == 200
        assert visitor.open(PATH + query).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept_Language": "\x00, zh;q=x, *"},
        {"Accept_Language": "a," * 5000},
        {"Cookie": "intray_session=\xff; a; =;"},
        {"Origin": "\xff"},
        {"Host": "evil.example/<script>"},
        {"Host": "[::1"},
        {"Host": ":"},
        {"Referer": "\x00"},
        {"Content_Type": "multipart/form-data; boundary="},
        {"Content_Type": "multipart/form-data"},
        {"Content_Type": "application/x-www-form-urlencoded; charset=nonsense"},
        {"Content_Type": "\xff/\xff"},
    ],
    ids=lambda headers: ascii(headers)[:40],
)
def test_a_weird_header_is_no_error_of_ours(stranger: Visitor, headers: dict[str, str]) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for method, path in (("GET", "/"), ("GET", PATH), ("GET", "/nothing"), ("POST", PATH)):
        answer = stranger._send(method, path, b"name=Ann&csrf_token=%ff" * 3, named)
        assert answer.status < 500, (method, path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT], ids=errno.errorcode.get)
@pytest.mark.parametrize(("step", "good"), [("append", 1), ("finish", 1), ("finish", 0)])
def test_a_full_disk_is_told_and_nothing_is_left_behind(
    app: Flask,
    visitor: Visitor,
    import_form: ImportForm,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    good: int,
    number: int,
) -> None:
    import_form(HOMEWORK)
    begun = getattr(LocalStaging, step)
    calls = []

    def fill_up(self: LocalStaging, *given: bytes) -> object:
        calls.append(self.upload_id)
        if len(calls) > good:
            raise OSError(number, os.strerror(number))
        return begun(self, *given)

    page = visitor.open(PATH)
    files = [("essay", f"{n}.pdf", b"%PDF-" + b"x" * 100_000) for n in range(2)]
    with monkeypatch.context() as patch:
        patch.setattr(LocalStaging, step, fill_up)
        answer = visitor.hand_in(page, PATH, {"name": "Ann"}, files, Accept=BROWSER)
    assert answer.status == 507
    assert "There is no room left" in answer.text
    assert "Nothing was handed in" in answer.text
    with app.app_context():
        for table in (Submission, Upload):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0
    assert list((app.config["INTRAY"].data / "incoming").iterdir()) == []
    assert visitor.hand_in(page, PATH, {"name": "Ann"}, files).status == 303


def test_no_answer_is_made_from_the_host_header(stranger: Visitor) -> None:
    for path in ("/f//homework-3", "/desk//evil.example", "/f/homework-3//"):
        page = stranger.open(path, Host="evil.example")
        assert page.status in (303, 404, 421), path
        assert page.headers.get("location", "/login").startswith("/login")
