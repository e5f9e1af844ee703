"""An export takes the same memory for many submissions as for few."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import BinaryIO

import openpyxl
import pytest
from flask import Flask

from webapp.database import now, snapshot, unit_of_work
from webapp.demo.bulk import Filler
from webapp.demo.school import make_forms
from webapp.exports import xlsx_file
from webapp.exports.csv_file import write_csv
from webapp.exports.reading import AT_ONCE, Line, find_export, read_lines
from webapp.exports.xlsx_file import write_xlsx

LINK = "http://127.0.0.1:8080/desk/forms/job-application/submissions/"


def peak(write: Callable[[BinaryIO], int]) -> tuple[int, int]:
    """How many lines were written, and the bytes of Python's own that it took at most."""
    with tempfile.TemporaryFile() as file:
        tracemalloc.start()
        try:
            return write(file), tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def write_school(file: BinaryIO) -> int:
    with snapshot() as session:
        export = find_export(session, "absence-note")
    assert export is not None
    return write_csv(file, export.headings, read_lines(export), ("Link", lambda r: LINK + r))


def test_csv_of_many_submissions(sqlite_app: Flask) -> None:
    found = []
    with sqlite_app.app_context():
        with unit_of_work() as session:
            make_forms(session, now())
        for more in (4 * AT_ONCE, 8 * AT_ONCE):
            filler = Filler(sqlite_app.extensions["intray.storage"], Random(1), 0)
            filler.fill(more, now(), lambda count: None)
            found.append(peak(write_school))
    (few, small), (many, large) = found
    assert few > 2 * AT_ONCE
    assert many > 2.5 * few
    assert large < 1.5 * small


def lines(count: int) -> Iterator[Line]:
    moment = datetime(2026, 12, 1, 23, 59)  # noqa: DTZ001
    for number in range(count):
        cells = [
            f"{number}",
            moment,
            1,
            "Ann Lee",
            Decimal("12.5"),
            date(2026, 12, 1),
            None,
            "x" * 300,
        ]
        yield Line(f"{number}", cells)


def test_xlsx_of_many_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links apart, of which there is a greatest number."""
    monkeypatch.setattr(xlsx_file, "MOST_LINKS", 100)
    peaks = []
    for count in (500, 5000):

        def write(file: BinaryIO, count: int = count) -> int:
            headings = list("abcdefgh")
            return write_xlsx(file, tmp_path, "T", headings, lines(count), lambda r: LINK + r)

        written, most = peak(write)
        assert written == count
        peaks.append(most)
    assert peaks[1] < 1.5 * peaks[0]
    assert list(tmp_path.iterdir()) == []


def test_more_lines_than_a_sheet_holds_go_on_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 301)
    monkeypatch.setattr(xlsx_file, "MOST_LINKS", 350)
    with (tmp_path / "book.xlsx").open("w+b") as file:
        headings = list("abcdefgh")
        assert (
            write_xlsx(file, tmp_path, "A/B" * 20, headings, lines(600), lambda r: LINK + r) == 600
        )
    sheets = openpyxl.load_workbook(tmp_path / "book.xlsx").worksheets
    assert [sheet.max_row for sheet in sheets] == [301, 301]
    assert [len(sheet.title) for sheet in sheets] == [31, 31]
    assert sheets[1].title.endswith(" (2)")
    assert [sheet.cell(2, 1).value for sheet in sheets] == ["0", "300"]
    linked = [sum(row[0].hyperlink is not None for row in sheet.iter_rows()) for sheet in sheets]
    assert linked == [300, 50]
