"""The ZIP of a submission and of a form, as the desk gives it and others read it."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from webapp.database import snapshot, unit_of_work
from webapp.events.tables import Event
from webapp.exports import archive, zip_file
from webapp.exports.zip_file import FileChanged
from webapp.forms.tables import Form
from webapp.sizes import format_size
from webapp.submissions.erasing import erase
from webapp.submissions.tables import Submission

from ..bench.statements import counted
from ..conftest import ImportForm, SignInAs
from ..desk import Desk
from ..forms_in_toml import EVERY_KIND, HOMEWORK
from ..submissions.handing_in import hand_in
from ..visitor import Page

INBOX = "/desk/forms/homework-3"
FORM = HOMEWORK.replace('accept = [".pdf", ".docx"]\n', "").replace(
    "max_files = 3", "max_files = 90"
)
ZIP = f"{INBOX}/files.zip"
NAMES = [
    "essay.pdf", "ESSAY.pdf", "Essay.PDF", "作业 第三次.docx", "🙂 family 👩‍👩‍👧.png",
    "é ü.pdf", "e\u0301 ü.pdf", "CON.txt", "aux", "a:b?.txt", "trailing. ", "../../evil.sh",
    "C:\\evil.bat", "link.lnk", ".hidden", "100%.pdf", "x" * 300 + ".pdf",
    "empty.txt", "عربي.pdf", "Missing files.txt",
]  # fmt: skip
FILES = [(name, name.encode() * (0 if name == "empty.txt" else 99)) for name in NAMES]


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(FORM)


def path_of(reference: str) -> str:
    return f"{INBOX}/submissions/{reference}/files.zip"


def opened(page: Page) -> zipfile.ZipFile:
    assert page.status == 200, page.text
    assert page.headers["content-type"] == "application/zip"
    assert page.headers["content-length"] == str(len(page.body))
    read = zipfile.ZipFile(io.BytesIO(page.body))
    assert read.testzip() is None
    return read


def contents(page: Page) -> dict[str, bytes]:
    read = opened(page)
    return {name: read.read(name) for name in read.namelist()}


def stored(app: Flask) -> dict[str, bytes]:
    """What lies in the form's folder, by the path in it."""
    (folder,) = (app.config["INTRAY"].data / "files").iterdir()
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_all_files_of_a_submission(app: Flask, desk: Desk, form: Form) -> None:
    one = hand_in(app, form, {"name": "Ann Lee 李"}, FILES)
    hand_in(app, form, {"name": "Bo"}, [("other.pdf", b"other")])
    page = desk.open(path_of(one.reference))
    found = contents(page)
    own = {k.split("/")[1]: v for k, v in stored(app).items() if one.reference in k}
    assert found == own
    assert list(found.values()) == [content for _, content in FILES]
    assert len({name.casefold() for name in found}) == len(FILES)
    assert f"{one.reference}%20Ann%20Lee%20%E6%9D%8E.zip" in page.headers["content-disposition"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["accept-ranges"] == "none"


def test_all_files_of_a_form(app: Flask, desk: Desk, form: Form) -> None:
    hand_in(app, form, {"name": "Ann"}, FILES)
    hand_in(app, form, {"name": "Nobody"})
    hand_in(app, form, {"name": "Bo"}, FILES, place=False)
    page = desk.open(ZIP)
    found = contents(page)
    assert list(found.values()) == [content for _, content in FILES] * 2
    assert {name: found[name] for name in stored(app)} == stored(app)
    assert all(name.count("/") == 1 for name in found)
    assert "Homework%203%20" in page.headers["content-disposition"]


def test_other_programs_read_it(app: Flask, desk: Desk, form: Form, tmp_path: Path) -> None:
    hand_in(app, form, {"name": "Ann"}, FILES)
    file = tmp_path / "files.zip"
    file.write_bytes(desk.open(ZIP).body)
    readers = [["unzip", "-q", "-d", "{to}", "{zip}"], ["7z", "x", "-o{to}", "{zip}"],
               ["bsdtar", "-x", "-C", "{to}", "-f", "{zip}"]]  # fmt: skip
    there = [command for command in readers if shutil.which(command[0])]
    if not there:
        pytest.skip("There is neither unzip nor 7z nor bsdtar.")
    for command in there:
        to = tmp_path / command[0]
        to.mkdir()
        words = [word.format(to=to, zip=file) for word in command]
        environ = {"LC_ALL": "C.UTF-8", "PATH": str(Path(shutil.which(words[0]) or "").parent)}
        done = subprocess.run(words, capture_output=True, text=True, env=environ, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        files = [path for path in to.rglob("*") if path.is_file()]
        found = {path.relative_to(to).as_posix(): path.read_bytes() for path in files}
        assert found == stored(app)


def test_times_are_those_of_the_form(app: Flask, desk: Desk, form: Form) -> None:
    one = hand_in(app, form, {"name": "Ann"}, FILES[:1])
    moment = datetime(2026, 12, 31, 20, 30, 11, tzinfo=UTC)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Submission).values(received_at=moment))
        session.execute(update(Form).values(time_zone="Asia/Shanghai"))
    (info,) = opened(desk.open(path_of(one.reference))).infolist()
    assert info.date_time == (2027, 1, 1, 4, 30, 10)


def test_only_what_a_search_finds(app: Flask, desk: Desk, form: Form) -> None:
    for name in ("Ann", "Bo", "Ann"):
        hand_in(app, form, {"name": name}, [(f"{name}.txt", name.encode())])
    assert list(contents(desk.open(f"{ZIP}?q=ann")).values()) == [b"Ann", b"Ann"]
    assert "ann.zip" in desk.open(f"{ZIP}?q=ann").headers["content-disposition"]
    for query in ("nobody", "!!!"):
        assert desk.open(f"{ZIP}?q={query}").location == f"{INBOX}?q={query}"


def test_without_files_there_is_a_page_in_words(app: Flask, desk: Desk, form: Form) -> None:
    one = hand_in(app, form, {"name": "Ann"})
    for path, back in (
        (ZIP, INBOX),
        (path_of(one.reference), f"{INBOX}/submissions/{one.reference}"),
    ):
        answer = desk.open(path)
        assert (answer.status, answer.location) == (303, back)
        assert "There are no files." in desk.open(back).text
    assert desk.open(ZIP).status == 303  # and the place is free again


def test_the_head_alone(app: Flask, desk: Desk, form: Form) -> None:
    one = hand_in(app, form, {"name": "Ann"}, FILES)
    for path in (ZIP, path_of(one.reference)):
        head = desk._send("HEAD", path, b"", {})
        whole = desk.open(path)
        assert (head.status, head.body) == (200, b"")
        for name in ("content-length", "content-type", "content-disposition"):
            assert head.headers[name] == whole.headers[name]


def test_a_part_is_not_given(app: Flask, desk: Desk, form: Form) -> None:
    hand_in(app, form, {"name": "Ann"}, FILES)
    assert len(contents(desk.open(ZIP, Range="bytes=0-10"))) == len(FILES)


@pytest.mark.parametrize(
    ("language", "note"), [("en", "Missing files (2).txt"), ("zh", "缺少的文件.txt")]
)
def test_missing_files_are_left_out_and_named(
    app: Flask, desk: Desk, form: Form, language: str, note: str
) -> None:
    one = hand_in(app, form, {"name": "Ann"}, FILES)
    desk.headers["Accept-Language"] = language
    folder = next((app.config["INTRAY"].data / "files").rglob("essay.pdf")).parent
    (folder / "essay.pdf").unlink()
    (folder / "é ü.pdf").unlink()
    (folder / "é ü.pdf").mkdir()
    found = contents(desk.open(path_of(one.reference)))
    assert len(found) == len(FILES) - 1
    text = found[note].decode("utf-8-sig")
    assert "\r\nessay.pdf\r\né ü.pdf\r\n" in text
    text = contents(desk.open(ZIP))[note.replace(" (2)", "")].decode("utf-8-sig")
    assert f"\r\n{folder.name}/essay.pdf\r\n" in text


def test_of_very_many_missing_files_some_are_named(
    app: Flask, desk: Desk, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_NAMED", 3)
    hand_in(app, form, {"name": "Ann"}, FILES)
    shutil.rmtree(app.config["INTRAY"].data / "files")
    ((name, text),) = contents(desk.open(ZIP)).items()
    assert name == "Missing files.txt"
    assert f"These {len(FILES)} files" in text.decode("utf-8-sig")
    assert text.decode().endswith(f"… and {len(FILES) - 3} more\r\n")


def begin(app: Flask, desk: Desk) -> TestResponse:
    """The answer, of which nothing has been read."""
    return app.test_client(use_cookies=False).get(ZIP, headers={"Cookie": desk.cookie})


def rest(answer: TestResponse) -> bytes:
    pieces: Iterator[bytes] = iter(answer.response)  # type: ignore[arg-type]
    return b"".join(pieces)


@pytest.fixture
def begun(app: Flask, desk: Desk, form: Form, monkeypatch: pytest.MonkeyPatch) -> TestResponse:
    """An archive of three submissions whose files are read one by one, of which nothing has been sent."""
    monkeypatch.setattr(archive, "AT_ONCE", 1)
    monkeypatch.setattr(zip_file, "PIECE", 1)
    for name in ("Ann", "Bo", "Cy"):
        hand_in(app, form, {"name": name}, [("a.txt", name.encode())])
    return begin(app, desk)


@pytest.mark.parametrize("content", [b"", b"longer than before"])
def test_a_file_that_changes_meanwhile_breaks_it_off(
    app: Flask, begun: TestResponse, content: bytes
) -> None:
    last = next((app.config["INTRAY"].data / "files").rglob("*Cy/a.txt"))
    last.write_bytes(content)
    with pytest.raises(FileChanged, match=r"Cy/a\.txt"):
        rest(begun)
    begun.close()


def test_a_file_that_goes_meanwhile_breaks_it_off(app: Flask, begun: TestResponse) -> None:
    shutil.rmtree(next((app.config["INTRAY"].data / "files").rglob("*Cy")))
    with pytest.raises(Exception, match="the file is gone"):
        rest(begun)
    begun.close()


def test_a_submission_that_is_erased_meanwhile_breaks_it_off(
    app: Flask, begun: TestResponse
) -> None:
    with app.app_context():
        with snapshot() as session:
            second = session.scalars(select(Submission.id).order_by(Submission.id)).all()[1]
        erase(app.extensions["intray.storage"], [second], None)
    with pytest.raises(FileChanged, match="was erased"):
        rest(begun)
    begun.close()


def test_what_comes_in_meanwhile_is_not_in_it(app: Flask, begun: TestResponse, form: Form) -> None:
    hand_in(app, form, {"name": "Dee"}, [("a.txt", b"Dee")])
    content = rest(begun)
    begun.close()
    assert len(content) == int(begun.headers["content-length"])
    read = zipfile.ZipFile(io.BytesIO(content))
    assert [read.read(name) for name in read.namelist()] == [b"Ann", b"Bo", b"Cy"]


def test_it_is_one_of_the_exports(
    app: Flask, begun: TestResponse, desk: Desk, sign_in: SignInAs
) -> None:
    """One at a time for each user, and those who fetch it are recorded."""
    refused = desk.open(ZIP)
    assert refused.status == 429
    assert "An export is still running" in refused.text
    assert desk.open(f"{INBOX}/submissions.csv").status == 429
    begun.close()
    assert desk.open(ZIP).status == 200
    with app.app_context(), snapshot() as session:
        query = select(Event.details).where(Event.kind == "submissions.exported")
        events: list[dict[str, Any]] = list(session.scalars(query.order_by(Event.id)))
    assert events == [{"format": "zip", "count": n, "q": ""} for n in (0, 3)]


def test_as_many_statements_for_many_files_as_for_few(app: Flask, desk: Desk, form: Form) -> None:
    counts = []
    one = hand_in(app, form, {"name": "Ann"}, FILES[:2])
    for _ in range(2):
        for path in (ZIP, path_of(one.reference)):
            with counted(app) as count:
                assert desk.open(path).status == 200
            counts.append(len(count.statements))
        for _ in range(5):
            hand_in(app, form, {"name": "Ann"}, FILES)
    assert counts[:2] == counts[2:]
    assert max(counts) <= 7


def test_strangers_and_unknown_ones(app: Flask, desk: Desk, form: Form) -> None:
    one = hand_in(app, form, {"name": "Ann"}, FILES[:1])
    for path in (f"/desk/forms/nothing/submissions/{one.reference}/files.zip",
                 path_of("2222-2222"), path_of("nothing"), "/desk/forms/nothing/files.zip"):  # fmt: skip
        assert desk.open(path).status == 404
    desk.cookie = ""
    assert desk.open(ZIP).location.startswith("/login")


def test_the_desks_pages_offer_it(
    app: Flask, desk: Desk, form: Form, import_form: ImportForm
) -> None:
    one = hand_in(app, form, {"name": "Ann"}, FILES[:1])
    two = hand_in(app, form, {"name": "Bo"}, [("a.txt", b"a" * 1000), ("b.txt", b"b" * 1500)])
    assert f'href="{ZIP}"' in desk.open(INBOX).text
    assert f'href="{ZIP}?q=ann"' in desk.open(f"{INBOX}?q=ann").text
    assert "files.zip" not in desk.open(f"{INBOX}/submissions/{one.reference}").text
    page = desk.open(f"{INBOX}/submissions/{two.reference}").text
    assert path_of(two.reference) in page
    assert f"All files as a ZIP ({format_size(2500)})" in page
    import_form(EVERY_KIND.split('[[fields]]\nkey = "papers"')[0])
    assert "files.zip" not in desk.open("/desk/forms/job-application").text
