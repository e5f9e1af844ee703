"""A form's submissions as CSV and as an Excel workbook, fetched from the desk and read back."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select, update

from webapp.config import Settings
from webapp.database import snapshot, unit_of_work
from webapp.events.tables import Event
from webapp.exports import reading, xlsx_file
from webapp.submissions.tables import Submission

from ..conftest import ImportForm, SignInAs
from ..desk import Desk
from ..forms_in_toml import EVERY_KIND, GOOD_ANSWERS
from ..visitor import Files, Visitor
from .reading import cells, fetch, fetch_csv, fetch_xlsx

SLUG = "job-application"
ZONED = EVERY_KIND.replace('state = "open"', 'state = "open"\ntime_zone = "Asia/Shanghai"')
PAPERS = [("papers", "Zeugnis – 证书.pdf", b"%PDF-1"), ("papers", "b.pdf", b"%PDF-2")]
RECEIVED = datetime(2026, 11, 30, 20, 59, 7, 654321, tzinfo=UTC)


def hand_in(
    visitor: Visitor, answers: dict[str, str | list[str]], files: Files = (), slug: str = SLUG
) -> str:
    """Hands in and gives the reference."""
    path = f"/f/{slug}"
    answer = visitor.hand_in(visitor.open(path), path, answers, files)
    assert answer.status == 303, answer.text
    match = re.match(r"/r/([^?]+)", answer.location)
    assert match
    return match[1]


@pytest.fixture
def reference(app: Flask, import_form: ImportForm, visitor: Visitor) -> str:
    """The reference of a submission of the form with every kind, received at RECEIVED."""
    import_form(ZONED)
    found = hand_in(visitor, GOOD_ANSWERS, PAPERS)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Submission).values(received_at=RECEIVED))
    return found


def folder_of(settings: Settings, reference: str) -> str:
    found = next((settings.data / "files").glob(f"*/*{reference}*"))
    return found.relative_to(settings.data).as_posix()


def test_csv_has_each_kind_as_people_read_it(
    reference: str, desk: Desk, settings: Settings
) -> None:
    table = fetch_csv(desk, SLUG)
    assert table.lines == [
        {
            "Reference": reference,
            "Received (Asia/Shanghai)": "2026-12-01 04:59:07",
            "Version": "1",
            "Your name": "Ann Lee",
            "Why you?": "Because.\nReally.",
            "Your e-mail address": "ann@example.org",
            "Years of work": "12.5",
            "First day": "2026-12-01",
            "Position": "Cook",
            "Languages": "English; 中文",
            "You may keep this for six months.": "Yes",
            "Your papers": "Zeugnis – 证书.pdf; b.pdf",
            "Folder": folder_of(settings, reference),
            "Link": f"http://127.0.0.1:8080/desk/forms/{SLUG}/submissions/{reference}",
        }
    ]


def test_xlsx_has_each_kind_as_what_it_is(reference: str, desk: Desk, settings: Settings) -> None:
    table = fetch_xlsx(desk, SLUG)
    assert table.lines == [
        {
            "Reference": reference,
            "Received (Asia/Shanghai)": datetime(2026, 12, 1, 4, 59, 7),  # noqa: DTZ001
            "Version": 1,
            "Your name": "Ann Lee",
            "Why you?": "Because.\nReally.",
            "Your e-mail address": "ann@example.org",
            "Years of work": 12.5,
            "First day": datetime(2026, 12, 1),  # noqa: DTZ001
            "Position": "Cook",
            "Languages": "English; 中文",
            "You may keep this for six months.": "Yes",
            "Your papers": "Zeugnis – 证书.pdf; b.pdf",
            "Folder": folder_of(settings, reference),
        }
    ]


def test_xlsx_is_laid_out_for_reading(reference: str, desk: Desk) -> None:
    body = fetch(desk, SLUG, "xlsx").body
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    assert sheet.title == "Job application"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:M2")
    heads, line = cells(body)
    assert all(cell.font.b for cell in heads)
    by_heading = {head.value: cell for head, cell in zip(heads, line, strict=True)}
    assert by_heading["First day"].number_format == "yyyy-mm-dd"
    assert by_heading["Received (Asia/Shanghai)"].number_format == "yyyy-mm-dd hh:mm:ss"
    link = by_heading["Reference"].hyperlink
    assert link is not None
    assert link.target == f"http://127.0.0.1:8080/desk/forms/{SLUG}/submissions/{reference}"
    widths = [sheet.column_dimensions[head.column_letter].width for head in heads]
    assert all(8 < width < 60 for width in widths)


def test_csv_is_as_rfc_4180_and_excel_want_it(reference: str, desk: Desk) -> None:
    page = fetch(desk, SLUG, "csv")
    assert page.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert page.body.startswith("\ufeffReference,Received (Asia/Shanghai),Version,".encode())
    assert page.body.endswith(b"\r\n")
    assert page.body.count(b"\r\n") == 2
    assert b'"Because.\nReally."' in page.body


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_it_comes_as_a_download_that_nothing_keeps(
    reference: str, desk: Desk, ending: str, settings: Settings
) -> None:
    page = fetch(desk, SLUG, ending)
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    name = f"Job application {day}.{ending}"
    assert page.headers["content-disposition"].startswith(f'attachment; filename="{name}";')
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-security-policy"].startswith("sandbox")
    assert list((settings.data / "incoming").iterdir()) == []


def test_the_file_is_named_in_the_forms_own_letters(import_form: ImportForm, desk: Desk) -> None:
    import_form(ZONED.replace('"Job application"', '"作业: 第 3 次/下"'))
    given = fetch(desk, SLUG, "csv").headers["content-disposition"]
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    assert f"filename*=UTF-8''{quote(f'作业_ 第 3 次_下 {day}.csv')}" in given


def test_a_form_without_submissions_is_headings_alone(import_form: ImportForm, desk: Desk) -> None:
    import_form(EVERY_KIND)
    assert fetch_csv(desk, SLUG).lines == []
    table = fetch_xlsx(desk, SLUG)
    assert (table.lines, len(table.headings)) == ([], 13)


def test_a_form_that_was_never_published(import_form: ImportForm, desk: Desk) -> None:
    import_form(EVERY_KIND.replace('"open"', '"draft"'))
    assert fetch_csv(desk, SLUG).headings[1:] == [
        fetch_xlsx(desk, SLUG).headings[1],
        "Version",
        "Folder",
        "Link",
    ]


VERSIONS = (
    """
[[fields]]
id = "name"
key = "name"
kind = "short_text"
label = "Name"
[[fields]]
id = "age"
key = "age"
kind = "short_text"
label = "Age"
[[fields]]
id = "gone"
key = "gone"
kind = "short_text"
label = "Gone soon"
[[fields]]
id = "meal"
key = "meal"
kind = "choice"
label = "Meal"
choices = [{ id = "v", key = "veg", label = "Vegetables" }, { id = "m", key = "meat", label = "Meat" }]
""",
    """
[[fields]]
id = "name"
key = "name"
kind = "short_text"
label = "Your name"
[[fields]]
id = "age"
key = "age"
kind = "number"
label = "Age in years"
[[fields]]
id = "meal"
key = "meal"
kind = "choices"
label = "Meals"
choices = [{ id = "v", key = "veg", label = "Vegan" }, { id = "m", key = "meat", label = "Meat" }]
""",
    """
[[fields]]
id = "meal"
key = "dish"
kind = "choices"
label = "Dishes"
choices = [{ id = "v", key = "veg", label = "纯素" }]
[[fields]]
id = "name"
key = "full_name"
kind = "short_text"
label = "Your full name"
[[fields]]
id = "date"
key = "date"
kind = "date"
label = "Meat"
""",
)
HEAD = 'format = 1\ntitle = "Lunch"\nslug = "lunch"\nstate = "open"\ntime_zone = "UTC"\n'


def test_three_versions_share_the_columns_of_their_fields(
    import_form: ImportForm, visitor: Visitor, desk: Desk
) -> None:
    answers: list[dict[str, str | list[str]]] = [
        {"name": "Ann", "age": "ten", "gone": "here", "meal": "veg"},
        {"name": "Bo", "age": "11", "meal": ["veg", "meat"]},
        {"full_name": "Cy", "dish": "veg", "date": "1899-12-31"},
    ]
    for fields, given in zip(VERSIONS, answers, strict=True):
        import_form(HEAD + fields)
        hand_in(visitor, given, slug="lunch")
    names = ["Version", "Dishes", "Your full name", "Age in years", "Gone soon", "Meat"]
    expected = [
        ["1", "Vegetables", "Ann", "ten", "here", ""],
        ["2", "Vegan; Meat", "Bo", "11", "", ""],
        ["3", "纯素", "Cy", "", "", "1899-12-31"],
    ]
    table = fetch_csv(desk, "lunch")
    assert table.headings == ["Reference", "Received (UTC)", *names, "Folder", "Link"]
    assert [[line[name] for name in names] for line in table.lines] == expected
    book = fetch_xlsx(desk, "lunch")
    assert book.headings == table.headings[:-1]
    assert book.column("Age in years") == ["ten", 11, None]
    assert book.column("Meat") == [None, None, "1899-12-31"]  # Excel has no such day


HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(1)", "＝1+1", "\u200b=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")',
    "a;=1+1", "<r><t>x</t></r></is></c><c r=\"Z9\"><f>1+1</f><v>2</v></c><r></r>", "<r>a</r>",
    "_x0041_", "\uffff\ufffe", "http://example.org", "mailto:a@b.org", "internal:Sheet1!A1", "007",
    "123456789012345678", "1e5", "TRUE", "#REF!", "a,b\"c", "&amp;<b>", "'=1", " x",
    'a;"=1+1;b',
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_anything_else(
    import_form: ImportForm, visitor: Visitor, desk: Desk, text: str
) -> None:
    import_form(HEAD + VERSIONS[0])
    hand_in(visitor, {"name": text, "gone": f"line\n{text}"[:9]}, slug="lunch")
    given = fetch_csv(desk, "lunch").column("Name")[0]
    assert given.replace("'", "") == text.strip().replace("'", "")
    assert not re.match(r"[=+\-@＝\u200b]", given)
    body = fetch(desk, "lunch", "xlsx").body
    heads, line = cells(body)
    assert len(cells(body)) == 2
    found = next(c for h, c in zip(heads, line, strict=True) if h.value == "Name")
    assert found.data_type == "s"
    assert found.hyperlink is None
    shown = str(found.value).replace("_x005F_", "_").rstrip()
    assert shown == re.sub("[\uffff\ufffe]", "\ufffd", text.strip())
    assert not [cell for cell in line if cell.data_type == "f"]
    assert found.quotePrefix == (given != text.strip())


def test_headings_choices_and_file_names_are_no_formulas(
    import_form: ImportForm, visitor: Visitor, desk: Desk
) -> None:
    import_form(
        HEAD.replace("Lunch", "=1+1")
        + """
[[fields]]
key = "a"
kind = "choice"
label = "=1+1"
choices = ["=2+2", "b"]
[[fields]]
key = "b"
kind = "files"
label = "@x"
[[fields]]
key = "c"
kind = "number"
label = "-1"
"""
    )
    hand_in(visitor, {"a": "=2+2", "c": "-5"}, [("b", "=cmd.txt", b"x")], slug="lunch")
    table = fetch_csv(desk, "lunch")
    assert table.headings[3:6] == ["'=1+1", "'@x", "'-1"]
    assert list(table.lines[0].values())[3:6] == ["'=2+2", "'=cmd.txt", "-5"]
    body = fetch(desk, "lunch", "xlsx").body
    assert {cell.data_type for row in cells(body) for cell in row} <= {"s", "n", "d"}
    assert [cell.value for cell in cells(body)[1]][3:6] == ["=2+2", "=cmd.txt", -5]


def test_numbers_keep_all_their_digits(
    import_form: ImportForm, visitor: Visitor, desk: Desk
) -> None:
    import_form(HEAD + VERSIONS[1])
    for number in ("0.0000001", "123456789012345", "1234567890123456", "-0.1"):
        hand_in(visitor, {"age": number}, slug="lunch")
    expected = ["0.0000001", "123456789012345", "1234567890123456", "-0.1"]
    assert fetch_csv(desk, "lunch").column("Age in years") == expected
    found = fetch_xlsx(desk, "lunch").column("Age in years")
    # Excel would turn the sixteenth digit into a zero
    assert found == [0.0000001, 123456789012345, "1234567890123456", -0.1]


def test_a_text_that_no_cell_of_excel_holds_is_cut_and_says_so(
    import_form: ImportForm, visitor: Visitor, desk: Desk
) -> None:
    import_form(
        HEAD + '[[fields]]\nkey = "a"\nkind = "long_text"\nlabel = "A"\nmax_length = 50000\n'
    )
    text = "𝒳" * 40_000
    hand_in(visitor, {"a": text}, slug="lunch")
    assert fetch_csv(desk, "lunch").column("A") == [text]
    (cut,) = fetch_xlsx(desk, "lunch").column("A")
    assert len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert cut.startswith("𝒳" * 16_000)
    assert cut.endswith("… (there is more, but a cell of Excel holds only so much)")


def test_five_hundred_fields(import_form: ImportForm, visitor: Visitor, desk: Desk) -> None:
    fields = "".join(
        f'[[fields]]\nkey = "f{n}"\nkind = "short_text"\nlabel = "Field {n}"\n' for n in range(500)
    )
    import_form(HEAD + fields)
    hand_in(visitor, {f"f{n}": f"Answer {n}" for n in range(500)}, slug="lunch")
    for table in (fetch_csv(desk, "lunch"), fetch_xlsx(desk, "lunch")):
        assert [table.lines[0][f"Field {n}"] for n in range(500)] == [
            f"Answer {n}" for n in range(500)
        ]


def test_a_form_with_more_questions_than_a_sheet_has_columns_comes_as_csv(
    reference: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_COLUMNS", 12)
    answer = desk.open(f"/desk/forms/{SLUG}/submissions.xlsx?q=ann")
    assert answer.status == 303
    assert answer.location == f"/desk/forms/{SLUG}/submissions.csv?q=ann"
    assert "more questions than an Excel sheet has columns" in desk.open("/account").text


def test_only_what_a_search_finds(reference: str, visitor: Visitor, desk: Desk) -> None:
    hand_in(visitor, {**GOOD_ANSWERS, "name": "王小明"})
    for query, names in {
        "": ["Ann Lee", "王小明"],
        "?q=": ["Ann Lee", "王小明"],
        "?q=小明": ["王小明"],
        "?q=ann+lee": ["Ann Lee"],
        "?q=nobody": [],
        "?q=!!!": [],
    }.items():
        path = quote(query, safe="?=+!")
        assert fetch_csv(desk, SLUG, path).column("Your name") == names, query
        assert fetch_xlsx(desk, SLUG, path).column("Your name") == names, query


def test_headings_are_in_the_readers_language(reference: str, desk: Desk) -> None:
    desk.headers["Accept-Language"] = "zh-CN"
    table = fetch_csv(desk, SLUG)
    assert "Reference" not in table.headings
    assert table.column("You may keep this for six months.") == ["是"]


def test_who_fetched_what_is_recorded(app: Flask, reference: str, sign_in: SignInAs) -> None:
    desk = sign_in("reviewer")
    fetch(desk, SLUG, "csv")
    fetch(desk, SLUG, "xlsx", "?q=ann" + "n" * 1000)
    with app.app_context(), snapshot() as session:
        query = select(Event).where(Event.kind == "submissions.exported").order_by(Event.id)
        events = session.scalars(query).all()
    assert [event.details for event in events] == [
        {"format": "csv", "count": 1, "q": ""},
        {"format": "xlsx", "count": 0, "q": "ann" + "n" * 197},
    ]
    assert all(event.user_id and event.form_id for event in events)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_strangers_are_sent_to_the_door_and_unknown_forms_are_not_found(
    reference: str, visitor: Visitor, desk: Desk, ending: str
) -> None:
    answer = visitor.open(f"/desk/forms/{SLUG}/submissions.{ending}")
    assert answer.status == 303
    assert answer.location.startswith("/login")
    assert desk.open(f"/desk/forms/nothing/submissions.{ending}").status == 404


@pytest.mark.parametrize("stored", [{"not": "this"}, [[1]], "NaN", 7])
def test_an_answer_that_cannot_be_read_comes_as_it_is_stored(
    app: Flask, reference: str, desk: Desk, stored: object
) -> None:
    """One that no Intray has written, as from a database that was tampered with."""
    with app.app_context(), unit_of_work() as session:
        submission = session.scalars(select(Submission)).one()
        submission.answers = dict.fromkeys(submission.answers, stored)
    for table in (fetch_csv(desk, SLUG), fetch_xlsx(desk, SLUG)):
        assert str(table.lines[0]["First day"]).replace('"', "") == str(stored).replace("'", "")
        assert table.column("Reference") == [reference]


def test_a_search_is_told_by_the_buttons_and_the_files_name(reference: str, desk: Desk) -> None:
    assert "Export what was found (CSV)" in desk.open(f"/desk/forms/{SLUG}?q=ann").text
    assert "Export what was found" not in desk.open(f"/desk/forms/{SLUG}").text
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    for query, named in {"ann": "ann", "a/b:c": "a_b_c", "z" * 300: "z" * 30}.items():
        given = fetch(desk, SLUG, "csv", "?q=" + quote(query)).headers["content-disposition"]
        assert quote(f"Job application {day} – {named}") in given
        assert given.endswith(".csv")
        assert len(given) < 300


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_who_asks_for_the_headers_alone_gets_them(
    app: Flask, reference: str, desk: Desk, ending: str
) -> None:
    page = desk._send("HEAD", f"/desk/forms/{SLUG}/submissions.{ending}", b"", {})
    assert (page.status, page.body) == (200, b"")
    given = fetch(desk, SLUG, ending).headers
    for name in ("content-type", "content-disposition", "cache-control"):
        assert page.headers[name] == given[name]
    with app.app_context(), snapshot() as session:
        events = session.scalars(select(Event).where(Event.kind == "submissions.exported")).all()
    assert len(events) == 1  # of the file


def test_the_files_of_what_was_found_alone_are_read(
    app: Flask, import_form: ImportForm, visitor: Visitor, desk: Desk
) -> None:
    """Not those of all that came in between: as many statements would bring in any number of them."""
    import_form(ZONED)
    for name in ("Zoe Lee", "Bo", "Cy", "Zoe Li"):
        hand_in(visitor, {**GOOD_ANSWERS, "name": name}, PAPERS)
    with app.app_context(), snapshot() as session:
        first, *_, last = session.scalars(select(Submission.id).order_by(Submission.id))
        assert set(reading.files_of(session, [first, last])) == {first, last}
    assert (
        fetch_csv(desk, SLUG, "?q=zoe").column("Your papers") == ["Zeugnis – 证书.pdf; b.pdf"] * 2
    )


def test_a_question_named_as_the_last_column_of_a_csv(
    import_form: ImportForm, visitor: Visitor, desk: Desk
) -> None:
    import_form(HEAD + '[[fields]]\nkey = "a"\nkind = "short_text"\nlabel = "Link"\n')
    hand_in(visitor, {"a": "mine"}, slug="lunch")
    table = fetch_csv(desk, "lunch")
    assert table.headings[3:] == ["Link (a)", "Folder", "Link"]
    assert table.column("Link (a)") == ["mine"]
