"""Exports opened by a real spreadsheet program: LibreOffice Calc, without its window."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from ..conftest import ImportForm, skip_or_fail
from ..desk import Desk
from ..forms_in_toml import EVERY_KIND, GOOD_ANSWERS
from ..visitor import Visitor
from .reading import Table, fetch, read_csv
from .test_exports import HOSTILE, SLUG, hand_in

pytestmark = pytest.mark.libreoffice

SECONDS = 240  # for two slow cores; the first start makes a profile
TO_CSV = "Text - txt - csv (StarCalc)"
COMMA, SEMICOLON = 44, 59
FORMULA_FIELDS = """
[[fields]]
key = "a"
kind = "long_text"
label = "=1+1"
"""

Convert = Callable[..., bytes]


@pytest.fixture
def database_url() -> str:
    """SQLite alone: that which database it is makes no difference is tested elsewhere."""
    return ""


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("libreoffice")


@pytest.fixture
def convert(profile: Path, tmp_path: Path) -> Convert:
    """Opens a file in LibreOffice and saves it as another kind: `convert(body, "xlsx", "csv:…")`."""
    soffice = shutil.which("soffice")
    if soffice is None:
        skip_or_fail("libreoffice", "LibreOffice is missing: apt-get install libreoffice-calc")

    def do(body: bytes, ending: str, target: str, *options: str) -> bytes:
        source = tmp_path / f"given.{ending}"
        source.write_bytes(body)
        command = [
            str(soffice), "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}",
            *options, "--convert-to", target, "--outdir", str(tmp_path / "made"), str(source),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        made = tmp_path / "made" / f"given.{target.partition(':')[0]}"
        assert made.exists(), done.stdout + done.stderr
        return made.read_bytes()

    return do


def as_csv(convert: Convert, workbook: bytes) -> Table:
    """A workbook's cells as they are shown, and formulas as such."""
    # separator, quote, UTF-8, first line, columns, language, quote texts, as shown, formulas
    return read_csv(convert(workbook, "xlsx", f"csv:{TO_CSV}:{COMMA},34,76,1,,0,false,true,true"))


def as_workbook(convert: Convert, body: bytes, separator: int) -> openpyxl.Workbook:
    """A CSV as LibreOffice opens it with formulas evaluated, which is not its default."""
    # …, detect numbers, -, -, -, -, evaluate formulas
    options = f"{separator},34,76,1,,1033,false,true,false,false,false,-1,true"
    made = convert(body, "csv", "xlsx", f"--infilter={TO_CSV}:{options}")
    return openpyxl.load_workbook(io.BytesIO(made))


def formulas(book: openpyxl.Workbook) -> list[object]:
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    return [cell.value for cell in cells if cell.data_type == "f"]


def test_the_workbook_has_what_was_handed_in(
    import_form: ImportForm, visitor: Visitor, desk: Desk, convert: Convert
) -> None:
    import_form(EVERY_KIND.replace('"open"', '"open"\ntime_zone = "UTC"'))
    reference = hand_in(visitor, GOOD_ANSWERS, [("papers", "b.pdf", b"%PDF")])
    ours = read_csv(fetch(desk, SLUG, "csv").body).lines[0]
    table = as_csv(convert, fetch(desk, SLUG, "xlsx").body)
    del ours["Link"]
    assert table.lines == [ours]
    assert ours["Reference"] == reference


def test_the_csv_has_what_was_handed_in(
    import_form: ImportForm, visitor: Visitor, desk: Desk, convert: Convert
) -> None:
    import_form(EVERY_KIND.replace('"open"', '"open"\ntime_zone = "UTC"'))
    hand_in(visitor, {**GOOD_ANSWERS, "name": "王小明"}, [("papers", "b.pdf", b"%PDF")])
    book = as_workbook(convert, fetch(desk, SLUG, "csv").body, COMMA)
    heads, line = (list(row) for row in book.worksheets[0].iter_rows())
    found = {head.value: cell for head, cell in zip(heads, line, strict=True)}
    assert found["Your name"].value == "王小明"
    assert found["Why you?"].value == "Because.\nReally."
    assert found["Years of work"].value == 12.5
    assert found["First day"].is_date
    assert found["Received (UTC)"].is_date


@pytest.mark.parametrize("separator", [COMMA, SEMICOLON])
def test_no_text_of_a_csv_becomes_a_formula(
    import_form: ImportForm,
    visitor: Visitor,
    desk: Desk,
    convert: Convert,
    separator: int,
) -> None:
    """Also where the computer's language has the semicolon part the cells."""
    import_form('format = 1\ntitle = "Lunch"\nslug = "lunch"\nstate = "open"\n' + FORMULA_FIELDS)
    for text in [*HOSTILE, "a\n=1+1\n", "a\n\n =1+1", "a;;=1+1;b", 'a";=1+1;"', "\u200b\u200b=1+1"]:
        hand_in(visitor, {"a": text}, slug="lunch")
    assert formulas(as_workbook(convert, b'a,"=1+1"\r\nb;=1+1\r\n', separator))
    body = fetch(desk, "lunch", "csv").body
    assert formulas(as_workbook(convert, body, separator)) == []


def test_no_text_of_a_workbook_becomes_a_formula(
    import_form: ImportForm, visitor: Visitor, desk: Desk, convert: Convert
) -> None:
    import_form('format = 1\ntitle = "Lunch"\nslug = "lunch"\nstate = "open"\n' + FORMULA_FIELDS)
    for text in HOSTILE:
        hand_in(visitor, {"a": text}, slug="lunch")
    made = convert(fetch(desk, "lunch", "xlsx").body, "xlsx", "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert formulas(book) == []
    sheet = book.worksheets[0]
    shown = [str(row[3]).rstrip() for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert shown == [re.sub("[\uffff\ufffe]", "\ufffd", text.strip()) for text in HOSTILE]
