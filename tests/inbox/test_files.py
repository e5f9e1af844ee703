"""Received files are handed out as bytes that nobody has looked at."""

from __future__ import annotations

import hashlib
import re
from email.message import EmailMessage
from urllib.parse import unquote

import pytest
from flask import Flask

from webapp.forms.tables import Form
from webapp.inbox.downloads import content_disposition

from ..conftest import ImportForm
from ..desk import Desk
from ..forms_in_toml import HOMEWORK
from ..submissions.handing_in import hand_in

INBOX = "/desk/forms/homework-3"
CONTENT = b"<script>alert(1)</script>" * 5000
FORM = HOMEWORK.replace('accept = [".pdf", ".docx"]\n', "")


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(FORM)


def file_path(app: Flask, desk: Desk, form: Form, name: str, *, place: bool = True) -> str:
    one = hand_in(app, form, {"name": "Ann"}, [(name, CONTENT)], place=place)
    page = desk.open(f"{INBOX}/submissions/{one.reference}")
    assert hashlib.sha256(CONTENT).hexdigest() in page.text
    found = re.search(r'href="([^"]+/files/[^"]+)"', page.text)
    assert found, page.text
    return found[1]


@pytest.mark.parametrize("name", ["page.html", "image.svg", "a.xml", "b.pdf", "c.js", "d", "é.png"])
def test_nothing_is_shown_whatever_it_says_it_is(
    app: Flask, desk: Desk, form: Form, name: str
) -> None:
    answer = desk.open(file_path(app, desk, form, name))
    assert answer.body == CONTENT
    headers = answer.headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment; ")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["cache-control"] == "private, no-store"
    assert headers["content-length"] == str(len(CONTENT))


def test_a_file_that_is_not_placed_yet_is_handed_out_too(
    app: Flask, desk: Desk, form: Form
) -> None:
    assert desk.open(file_path(app, desk, form, "a.pdf", place=False)).body == CONTENT


def test_the_head_alone(app: Flask, desk: Desk, form: Form) -> None:
    path = file_path(app, desk, form, "a.pdf")
    answer = desk._send("HEAD", path, b"", {})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(CONTENT))


def test_a_part_of_a_file(app: Flask, desk: Desk, form: Form) -> None:
    path = file_path(app, desk, form, "a.pdf")
    part = desk.open(path, Range="bytes=10-19")
    assert (part.status, part.body) == (206, CONTENT[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(CONTENT)}"
    assert part.headers["content-disposition"].startswith("attachment; ")
    rest = desk.open(path, Range=f"bytes={len(CONTENT) - 5}-", If_Range=part.headers["etag"])
    assert (rest.status, rest.body) == (206, CONTENT[-5:])
    assert desk.open(path, Range=f"bytes={len(CONTENT)}-").status == 416


def test_a_file_that_is_gone_has_a_page_in_words(app: Flask, desk: Desk, form: Form) -> None:
    path = file_path(app, desk, form, "a.pdf")
    (stored,) = (app.config["INTRAY"].data / "files").rglob("a.pdf")
    stored.unlink()
    answer = desk.open(path)
    assert answer.status == 404
    assert "This file is missing" in answer.text
    assert stored.name in answer.text
    assert "attachment" not in answer.headers.get("content-disposition", "")


def test_a_file_that_was_changed_in_its_folder_is_handed_out_as_it_is_now(
    app: Flask, desk: Desk, form: Form
) -> None:
    path = file_path(app, desk, form, "a.pdf")
    submission = path.rpartition("/files/")[0]
    assert "changed since it was received" not in desk.open(submission).text
    (stored,) = (app.config["INTRAY"].data / "files").rglob("a.pdf")
    for content in (CONTENT + b"and a note", b"less"):
        stored.write_bytes(content)
        answer = desk.open(path)
        assert answer.body == content
        assert answer.headers["content-length"] == str(len(content))
        assert "etag" not in answer.headers
        part = desk.open(path, Range="bytes=1-2")
        assert (part.status, part.body) == (206, content[1:3])
        assert part.headers["content-range"] == f"bytes 1-2/{len(content)}"
        assert "changed since it was received" in desk.open(submission).text
    stored.unlink()
    assert "missing from its folder" in desk.open(submission).text


def test_a_file_that_cannot_be_opened_has_a_page_in_words(
    app: Flask, desk: Desk, form: Form
) -> None:
    path = file_path(app, desk, form, "a.pdf")
    (stored,) = (app.config["INTRAY"].data / "files").rglob("a.pdf")
    stored.unlink()
    stored.mkdir()  # which `open` refuses everywhere, as it does what another program holds
    answer = desk.open(path)
    assert answer.status == 503
    assert "This file cannot be read now" in answer.text
    assert stored.name in answer.text


NAMES = [
    "essay.pdf",
    'a "quoted" name.pdf',
    "back\\slash.txt",
    "100%25.pdf",
    "semi;colon, comma.pdf",
    "é ü.pdf",
    "作业 第三次.docx",
    "🙂.png",
    ".hidden",
    "中文",
    "'; filename=evil.html; x='.pdf",
    "line\r\nSet-Cookie: a=b.pdf",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_reaches_every_browser_whole(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    extended = re.search(r"filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+)$", header)
    assert extended, header
    assert unquote(extended[1]) == name
    plain = re.match(r'attachment; filename="([^"\\%]+)"; ', header)
    assert plain, header
    assert not plain[1].startswith(".")
    message = EmailMessage()
    message["Content-Disposition"] = header.split("; filename*")[0]
    assert message.get_content_disposition() == "attachment"
