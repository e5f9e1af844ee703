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


def test_the_head_alone_has_no_parts(app: Flask, desk: Desk, form: Form) -> None:
    """A range is one of what a GET gives (RFC 9110, section 14.2)."""
    path = file_path(app, desk, form, "a.pdf")
    answer = desk._send("HEAD", path, b"", {"Cookie": desk.cookie, "Range": "bytes=1-2"})
    assert (answer.status, answer.headers["accept-ranges"]) == (200, "bytes")


SIZE = len(CONTENT)
PARTS = {
    "bytes=0-0": (0, 1),
    "bytes=10-19": (10, 20),
    f"bytes=5-{SIZE + 10**9}": (5, SIZE),
    f"bytes={SIZE - 1}-": (SIZE - 1, SIZE),
    "bytes=-7": (SIZE - 7, SIZE),
    f"bytes=-{SIZE + 1}": (0, SIZE),
    " Bytes= 3-4 ": (3, 5),
}
NO_PARTS = [
    "bytes=1-2, 5-6", "bytes=5-3", "bytes=", "bytes=a-b", "bytes=-", "bytes=1", "lines=1-2", "1-2",
    "bytes=1-2;3-4", "bytes=" + "9" * 5000 + "-", "bytes=--1", "bytes=\u0661-",
]  # fmt: skip
BEYOND = [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0", f"bytes={10**17}-"]


def test_parts_of_a_file(app: Flask, desk: Desk, form: Form) -> None:
    path = file_path(app, desk, form, "a.pdf")
    for header, (start, stop) in PARTS.items():
        part = desk.open(path, Range=header)
        assert (part.status, part.body) == (206, CONTENT[start:stop]), header
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"
        assert part.headers["content-length"] == str(stop - start)
        assert part.headers["etag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
        assert part.headers["content-type"] == "application/octet-stream"
        assert part.headers["content-disposition"].startswith("attachment; ")


def test_what_is_no_part_or_several_gives_the_whole(app: Flask, desk: Desk, form: Form) -> None:
    path = file_path(app, desk, form, "a.pdf")
    for header in NO_PARTS:
        whole = desk.open(path, Range=header.encode().decode("latin-1"))
        assert (whole.status, whole.body) == (200, CONTENT), header[:50]
        assert "content-range" not in whole.headers


def test_a_part_beyond_the_end_is_told_the_length(app: Flask, desk: Desk, form: Form) -> None:
    path = file_path(app, desk, form, "a.pdf")
    for header in BEYOND:
        answer = desk.open(path, Range=header)
        assert answer.status == 416, header
        assert answer.headers["content-range"] == f"bytes */{SIZE}"


def test_an_empty_file_has_no_parts(app: Flask, desk: Desk, form: Form) -> None:
    path = file_path(app, desk, form, "a.pdf")
    (stored,) = (app.config["INTRAY"].data / "files").rglob("a.pdf")
    stored.write_bytes(b"")
    assert (desk.open(path).status, desk.open(path).body) == (200, b"")
    assert desk.open(path, Range="bytes=-5").status == 200
    assert desk.open(path, Range="bytes=0-").status == 416


def test_a_part_of_another_file_is_not_given(app: Flask, desk: Desk, form: Form) -> None:
    """`If-Range` (RFC 9110, section 13.1.5): what was begun is gone on with only if it is the same."""
    path = file_path(app, desk, form, "a.pdf")
    etag = desk.open(path).headers["etag"]
    same = desk.open(path, Range="bytes=10-", If_Range=etag)
    assert (same.status, same.body) == (206, CONTENT[10:])
    for other in ('"another"', f"W/{etag}", etag.strip('"'), "Sun, 22 Nov 2026 22:00:00 GMT", ""):
        whole = desk.open(path, Range="bytes=10-", If_Range=other)
        assert (whole.status, whole.body) == (200, CONTENT), other


def test_what_one_has_already_is_not_sent_again(app: Flask, desk: Desk, form: Form) -> None:
    path = file_path(app, desk, form, "a.pdf")
    etag = desk.open(path).headers["etag"]
    for known in (etag, f'"x", W/{etag}', "*"):
        answer = desk.open(path, If_None_Match=known, Range="bytes=1-2")
        assert (answer.status, answer.body) == (304, b""), known
        assert answer.headers["etag"] == etag
    assert desk.open(path, If_None_Match='"x"').body == CONTENT
    assert desk.open(path, If_Match=etag).body == CONTENT
    assert desk.open(path, If_Match='"x"').status == 412


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
    "tab\tand\x00nothing.pdf",
    "a" * 300 + ".pdf",
    "e\u0301 not composed.pdf",
    "👩‍👩‍👧 family.png",
    "عربي.pdf",
    "\u202efdp.exe",
    "~!@#$^&()_+`-={}[].tar.gz",
    " .. ",
    "%41.pdf",
    "UTF-8''x.pdf",
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
