"""The main job, as one person does it from the open form to the receipt: the same under every server,
on every system, on either database."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

from .forms_in_toml import GOOD_ANSWERS
from .visitor import Page, Visitor

PATH = "/f/job-application"

# Names that Windows would refuse, with what they must become.
FILE_NAMES = {
    "con.txt": "_con.txt",
    "a:b?.txt": "a_b_.txt",
    "dots. . .": "dots",
    "..\\..\\up.txt": "_....up.txt",  # Werkzeug takes a backslash for an escape
    "../../up.txt": "_.._.._up.txt",
    "简历 \U0001f600.pdf": "简历 \U0001f600.pdf",
    "icons.lnk": "icons.lnk.received",
}


def do_main_job(visitor: Visitor, files_folder: Path) -> None:
    """Fills in tests.forms_in_toml.EVERY_KIND, makes a mistake, mends it, hands in twice, comes back to
    the receipt; then checks what lies in the files folder. Raises AssertionError."""
    _signs_of_life(visitor)
    page = visitor.open(PATH)
    assert page.status == 200, page.text
    _static_files(visitor, page)
    (first, _), (second, _) = list(FILE_NAMES.items())[:2]
    refused = visitor.hand_in(
        page, PATH, {**GOOD_ANSWERS, "email": "nobody"}, [("papers", first, b"first file")]
    )
    assert refused.status == 422, refused.text
    assert "must be an e-mail address" in refused.problems[0]
    assert refused.input("letter") == GOOD_ANSWERS["letter"]
    answers = {"email": "ann@example.org"}
    files = [("papers", second, b"second file")]
    answer = visitor.hand_in(refused, PATH, answers, files)
    assert answer.status == 303, answer.text
    assert visitor.hand_in(refused, PATH, answers, files).location == answer.location
    _receipt(visitor, answer.location, {first: b"first file", second: b"second file"})
    reference = answer.location.split("/r/")[1].split("?")[0]
    stored = files_of_submission(files_folder, reference)
    assert stored == {FILE_NAMES[first]: b"first file", FILE_NAMES[second]: b"second file"}
    for name, becomes in list(FILE_NAMES.items())[2:]:
        _one_file(visitor, files_folder, name, becomes)
    _refusals(visitor)


def _signs_of_life(visitor: Visitor) -> None:
    assert visitor.open("/index").text == "Hello World!"
    assert visitor.open("/healthz").status == 200
    assert visitor.open("/readyz").status == 200
    assert "Job application" in visitor.open("/").text


def _static_files(visitor: Visitor, page: Page) -> None:
    sheet = re.search(r'href="(/static/[^"]+\.css)"', page.text)
    assert sheet is not None
    plain = visitor.open(sheet[1])
    assert plain.status == 200
    assert "immutable" in plain.headers["cache-control"]
    packed = visitor.open(sheet[1], Accept_Encoding="gzip")
    if packed.headers.get("content-encoding") == "gzip":  # small files are sent as they are
        assert gzip.decompress(packed.body) == plain.body
    unchanged = visitor.open(sheet[1], If_None_Match=plain.headers["etag"])
    assert (unchanged.status, unchanged.body) == (304, b"")


def _receipt(visitor: Visitor, location: str, files: dict[str, bytes]) -> None:
    receipt = visitor.open(location)
    assert receipt.status == 200, receipt.text
    for content in files.values():
        assert hashlib.sha256(content).hexdigest() in receipt.text
    for shown in ("Ann Lee", "12.5", "1 December 2026", "Cook", "中文"):
        assert shown in receipt.text
    assert visitor.open(location + "x").status == 404


def _one_file(visitor: Visitor, files_folder: Path, name: str, becomes: str) -> None:
    content = name.encode()
    page = visitor.open(PATH)
    answer = visitor.hand_in(page, PATH, GOOD_ANSWERS, [("papers", name, content)])
    assert answer.status == 303, answer.text
    reference = answer.location.split("/r/")[1].split("?")[0]
    assert files_of_submission(files_folder, reference) == {becomes: content}


def _refusals(visitor: Visitor) -> None:
    page = visitor.open(PATH)
    large = [("papers", "large.bin", b"x" * 200_000)]
    refused = visitor.hand_in(page, PATH, GOOD_ANSWERS, large)
    assert refused.status == 422
    assert "must be no larger than 64 KB" in refused.problems[0]
    # everything that this form could take is less than 40 MB
    too_large = visitor.hand_in(page, PATH, GOOD_ANSWERS, [("papers", "x", b"x" * 40 * 1024**2)])
    assert too_large.status == 413
    assert visitor.open("/f/none").status == 404
    chinese = visitor.post_form("/language", {"language": "zh", "next": PATH})
    assert chinese.status == 303
    assert chinese.location == PATH
    cookie = chinese.headers["set-cookie"].split(";")[0]
    assert 'lang="zh"' in visitor.open(PATH, Cookie=cookie).text


def files_of_submission(files_folder: Path, reference: str) -> dict[str, bytes]:
    """The files that lie in the folder of a submission, by name."""
    (folder,) = files_folder.glob(f"*/* {reference}*")
    return {path.name: path.read_bytes() for path in folder.iterdir()}
