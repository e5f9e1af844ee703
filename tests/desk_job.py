"""The main job through the desk, over HTTP: from the set-up link to a form, a submission that is found,
read, fetched and exported, and a reviewer who may not do more. The same under every server, on every
system, on either database."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from pathlib import Path
from urllib.parse import quote

from openpyxl import load_workbook

from .desk import PASSWORD, Desk, forms_of
from .main_job import files_of_submission
from .running import Server, poll
from .visitor import Transport, Visitor

OWNER = "ann@example.org"
FORM = "/desk/forms/homework"
ESSAY = b"%PDF-1.7 an essay" * 40_000
FORMULA = "=HYPERLINK(1) 王小明"


def set_up_path(server: Server) -> str:
    """The path of the link that sets Intray up, from what the server has said."""
    pattern = re.compile(r"Set Intray up: .*?(/setup\?key=[\w-]+)")
    poll(lambda: bool(pattern.search(server.output)), "the link that sets Intray up")
    found = pattern.search(server.output)
    assert found is not None
    return found[1]


def do_desk_job(setup: str, send: Transport, files_folder: Path) -> None:
    """`setup` is the path of the set-up link. Raises AssertionError."""
    owner = Desk(send)
    _set_up(owner, setup)
    _make_another_form(owner)
    reference = _hand_in(owner, Visitor(send))
    assert list(files_of_submission(files_folder, reference).values()) == [ESSAY]
    _read(owner, reference)
    _export(owner, reference)
    _let_a_reviewer_in(owner, Desk(send), reference)
    _delete(owner, reference, files_folder)


def _set_up(owner: Desk, setup: str) -> None:
    page = owner.open(setup)
    assert page.status == 200, page.text
    answers = {
        "name": "Ann Lee",
        "email": OWNER,
        "password": PASSWORD,
        "time_zone": "Asia/Shanghai",
        "starter": "homework",
        "reach": "computer",
    }
    wrong = owner.submit(page, "/setup", {**answers, "password": "short"})
    assert wrong.status == 422, wrong.text
    assert "Ann Lee" in wrong.text
    done = owner.submit(wrong, "/setup", answers)
    assert done.status == 303, done.text
    share = owner.open(done.location)
    assert "/f/homework" in share.text, share.text
    picture = re.search(r'src="(/desk/[^"]+\.svg)"', share.text)
    assert picture is not None
    assert owner.open(picture[1]).headers["content-type"].startswith("image/svg+xml")
    assert owner.open(setup).status == 404, "set-up is closed for good"


def _make_another_form(owner: Desk) -> None:
    """By hand: a title, two questions, published."""
    page = owner.open("/desk/forms/new")
    made = owner.submit(page, "/desk/forms/new/blank", {"title": "Trip to the sea"})
    assert made.status == 303, made.text
    top = made.location.split("/edit")[0]
    for kind, label in (("short_text", "Who comes along?"), ("date", "From when on?")):
        page = owner.open(f"{top}/edit")
        chosen = owner.submit(page, f"{top}/edit", {"add": kind})
        page = owner.open(chosen.location)
        action = next(form.action for form in forms_of(page) if kind in form.action)
        added = owner.submit(page, action, {"label": label, "required": "yes"})
        assert added.status == 303, added.text
    page = owner.open(f"{top}/edit")
    assert "Who comes along?" in page.text
    published = owner.submit(page, f"{top}/publish")
    assert published.status == 303, published.text
    slug = top.rpartition("/")[2]
    public = owner.open(f"/f/{slug}")
    assert public.status == 200, public.text
    assert "From when on?" in public.text


def _hand_in(owner: Desk, visitor: Visitor) -> str:
    page = visitor.open("/f/homework")
    assert page.status == 200, page.text
    (files,) = re.findall(r'type="file"[^>]* name="(\w+)"', page.text)
    texts = [name for name, _ in page.inputs if name != "csrf_token"]
    ticks = re.findall(r'type="checkbox"[^>]* name="(\w+)"', page.text)
    answers = {**dict.fromkeys(texts, FORMULA), **dict.fromkeys(ticks, "yes")}
    answer = visitor.hand_in(page, "/f/homework", answers, [(files, "作业.pdf", ESSAY)])
    assert answer.status == 303, answer.problems
    reference = answer.location.split("/r/")[1].split("?")[0]
    overview = owner.open("/desk")
    assert overview.status == 200, overview.text
    return reference


def _read(owner: Desk, reference: str) -> None:
    inbox = owner.open(FORM)
    assert reference in inbox.text
    for query in ("小明", "作业", reference.replace("-", "").lower(), "hyperl"):
        found = owner.open(f"{FORM}?q={quote(query)}")
        assert reference in found.text, query
    assert reference not in owner.open(f"{FORM}?q=nothinglikeit").text
    page = owner.open(f"{FORM}/submissions/{reference}")
    assert page.status == 200, page.text
    assert hashlib.sha256(ESSAY).hexdigest() in page.text
    link = re.search(rf'href="({FORM}/submissions/{reference}/files/[^"]+)"', page.text)
    assert link is not None
    file = owner.open(link[1])
    assert file.body == ESSAY
    assert file.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in file.headers["content-security-policy"]
    assert file.headers["x-content-type-options"] == "nosniff"
    rest = owner.open(link[1], Range="bytes=400000-", If_Range=file.headers["etag"])
    assert (rest.status, rest.body) == (206, ESSAY[400_000:])
    assert rest.headers["content-length"] == str(len(rest.body))
    assert owner.open(link[1], If_None_Match=file.headers["etag"]).status == 304


def _export(owner: Desk, reference: str) -> None:
    table = owner.open(f"{FORM}/submissions.csv")
    assert table.status == 200, table.text
    assert table.body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(table.body.decode("utf-8-sig"))))
    assert rows[1][0] == reference
    assert "'" + FORMULA in rows[1], "no formula for a spreadsheet to follow"
    sheets = owner.open(f"{FORM}/submissions.xlsx")
    assert sheets.status == 200, sheets.text
    book = load_workbook(io.BytesIO(sheets.body))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert FORMULA in [cell.value for cell in cells]
    assert "f" not in {cell.data_type for cell in cells}
    book.close()
    packed = owner.open(f"{FORM}/files.zip")
    assert packed.status == 200, packed.text
    assert packed.headers["content-length"] == str(len(packed.body))
    with zipfile.ZipFile(io.BytesIO(packed.body)) as read:
        (name,) = read.namelist()
        assert read.read(name) == ESSAY
    assert reference in name
    assert name.endswith("/作业.pdf")


def _let_a_reviewer_in(owner: Desk, reviewer: Desk, reference: str) -> None:
    page = owner.open("/desk/users")
    values = {"name": "Rita Reader", "email": "rita@example.org", "role": "reviewer"}
    assert owner.submit(page, "/desk/users/invite", values).status == 303
    invited = owner.open("/desk/users")
    link = re.search(r">https?://[^/<]+(/invitation\?key=[\w-]+)<", invited.text)
    assert link is not None, invited.text
    page = reviewer.open(link[1])
    joined = reviewer.submit(page, "/invitation", {"name": "Rita", "password": PASSWORD})
    assert joined.status == 303, joined.text
    assert reference in reviewer.open(FORM).text
    for shut in ("/desk/users", f"{FORM}/edit", f"{FORM}/settings"):
        assert reviewer.open(shut).status == 403, shut
    assert reviewer.submit(reviewer.open("/account"), "/logout").status == 303
    assert reviewer.open(FORM).status == 303


def _delete(owner: Desk, reference: str, files_folder: Path) -> None:
    page = owner.open(f"{FORM}/submissions/{reference}/delete")
    assert page.status == 200, page.text
    gone = owner.submit(page, f"{FORM}/submissions/{reference}/delete")
    assert gone.status == 303, gone.text
    assert owner.open(f"{FORM}/submissions/{reference}").status == 404
    assert list(files_folder.glob(f"*/* {reference}*")) == []
