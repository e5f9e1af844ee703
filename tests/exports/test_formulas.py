"""Texts that a spreadsheet might take for formulas."""

from __future__ import annotations

import csv
import io
import re
from random import Random

import pytest

from webapp.exports.csv_file import write_csv
from webapp.exports.formulas import defused
from webapp.exports.reading import Line

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
UNSEEN = [
    " ",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\u00ad",
    "\ufe0f",
    "\U000e0020",
]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_at_the_start_is_defused(sign: str) -> None:
    text = f"{sign}cmd|' /C calc'!A0"
    assert defused(text) == "'" + text


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_sign_behind_what_is_not_seen_is_defused(unseen: str) -> None:
    text = f"{unseen}{unseen} {unseen}=1+1"
    assert defused(text) == "'" + text


@pytest.mark.parametrize("start", ["\t", "\r", "\n", " \t", "\u200b\n"])
def test_a_cell_does_not_start_with_a_tab_or_a_line_end(start: str) -> None:
    assert defused(f"{start}1").startswith("'")


@pytest.mark.parametrize("parting", ["\n", "\r\n", "\t", ";", ";;", "\n \n"])
def test_a_sign_behind_what_may_part_cells_is_defused(parting: str) -> None:
    """Where the semicolon parts cells, our quotation marks are within one, and mean nothing."""
    assert defused(f"a{parting} =1+1") == f"a{parting}' =1+1"


@pytest.mark.parametrize("quotes", ['"', '""', '"""', '" "', '\u200b" '])
def test_a_quotation_mark_does_not_hide_the_sign(quotes: str) -> None:
    """It begins the cell, and is not shown: behind it the cell's text begins."""
    assert defused(f"a;{quotes}=1+1;b") == f"a;'{quotes}=1+1;b"


def written(texts: list[str]) -> str:
    """A CSV with one line of these texts behind the reference, as an export has them."""
    file = io.BytesIO()
    headings = ["Reference", *texts]
    line = Line("K7Q4-MXD2", ["K7Q4-MXD2", *texts])
    write_csv(file, headings, [line], ("Link", lambda reference: "http://x/" + reference))
    return file.getvalue().decode("utf-8-sig")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_whatever_parts_the_cells_none_begins_with_a_sign(delimiter: str) -> None:
    """Texts by chance, of all that could matter, read as Python reads a CSV."""
    random = Random(1)
    signs = re.compile(rf"[\s\u200b]*[{re.escape(SIGNS)}]")
    for _ in range(5000):
        texts = ["".join(random.choices('=+;"\t\n\r, a\u200b', k=6)) for _ in range(2)]
        content = written(texts)
        cells = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
        found = [cell for row in cells for cell in row if signs.match(cell)]
        assert found == [], (texts, content)


@pytest.mark.parametrize(
    "text",
    ["", "a", "Ann Lee", "x=1", "a - b", "a,=1", "ann@example.org", "2026-12-01", "A; b", "A\n\nb", "–"],
)  # fmt: skip
def test_all_else_stays(text: str) -> None:
    assert defused(text) == text


@pytest.mark.parametrize("run", ["\n", " ", "; ", ";", "\n=", "\u200b", " \u200b", '"', ';"'])
def test_long_runs_take_no_longer_than_their_length(run: str) -> None:
    """In the square of it, this would take longer than a test may."""
    text = "a" + run * (500_000 // len(run)) + "b"
    assert len(defused(text)) >= len(text)
