"""Writing an export as an Excel workbook (ECMA-376), row by row, within what Excel can hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter  # type: ignore[import-untyped]

from ..i18n import gettext
from ..storage.names import utf16_units
from .formulas import defused
from .reading import ExportCell, Line
from .scratch import scratch_folder

# Microsoft, "Excel specifications and limits".
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_LINKS = 65_530  # in a sheet, and here in all: each takes a kilobyte of memory
MOST_UNITS = 32_767  # UTF-16 code units in a cell
MOST_NAME_UNITS = 31  # of a sheet
MOST_DIGITS = 15  # of a number; Excel puts zeros for the others
FIRST_DAY = date(1900, 1, 1)

_SAMPLE = 100  # lines that the columns' widths are taken from
_WIDTHS = 9, 50  # the least and the greatest, in characters
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
# No text becomes a formula, a link or a number because of how it looks.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def fits_a_sheet(headings: Sequence[str]) -> bool:
    """Whether a sheet has so many columns."""
    return len(headings) <= MOST_COLUMNS


def write_xlsx(
    file: BinaryIO,
    folder: Path,
    title: str,
    headings: Sequence[str],
    lines: Iterable[Line],
    link: Callable[[str], str],
) -> int:
    """Writes headings and lines as a workbook into the file, which stays open, and gives how many lines
    there were. Lines for which a sheet has no room go on the next.

    `folder` is for temporary files; `link` gives what a reference leads to.
    """
    with scratch_folder(folder) as scratch:
        workbook = xlsxwriter.Workbook(file, {**_OPTIONS, "tmpdir": str(scratch)})
        workbook.use_zip64()
        try:
            written = _write_sheets(workbook, title, headings, iter(lines), link)
            workbook.close()
        finally:
            for sheet in workbook.worksheets():
                sheet.row_data_fh.close()  # or Windows could not remove it
    return written


def _write_sheets(
    workbook: Any,
    title: str,
    headings: Sequence[str],
    lines: Iterable[Line],
    link: Callable[[str], str],
) -> int:
    written = 0
    for number in count(1):
        first = list(islice(lines, _SAMPLE))
        if not first and number > 1:
            break
        sheet = _Sheet(workbook, _sheet_name(title, number), link, MOST_LINKS - written)
        sheet.begin(headings, first)
        for line in chain(first, islice(lines, MOST_ROWS - 1 - len(first))):
            sheet.add(line)
        sheet.end(len(headings))
        written += sheet.lines
        if sheet.lines < MOST_ROWS - 1:
            break
    return written


class _Sheet:
    """One sheet, written from its first row to its last."""

    def __init__(self, workbook: Any, name: str, link: Callable[[str], str], links: int) -> None:
        self.lines = 0
        self._links = links  # how many lines still get one
        self._sheet = workbook.add_worksheet(name)
        self._link = link
        self._bold = workbook.add_format({"bold": True})
        self._linked = workbook.add_format({"hyperlink": True})
        # Or a text such as =1+1 would become a formula when somebody edits its cell.
        self._literal = workbook.add_format({"quote_prefix": True})
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._time = workbook.add_format({"num_format": "hh:mm"})
        self._moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._writers: dict[type, Callable[[int, Any], None]] = {
            str: self._write_text,
            int: self._write_number,
            Decimal: self._write_decimal,
            date: self._write_day,
            time: self._write_time,
            datetime: self._write_moment,
        }

    def begin(self, headings: Sequence[str], sample: Sequence[Line]) -> None:
        """The row of headings, and columns as wide as these and the sample need."""
        for column, heading in enumerate(headings):
            self._sheet.write_string(0, column, _fitting(heading), self._bold)
            widest = max(_width(heading), *(_width(line.cells[column]) for line in sample), 0)
            self._sheet.set_column(column, column, min(max(widest + 2, _WIDTHS[0]), _WIDTHS[1]))
        self._sheet.freeze_panes(1, 1)

    def add(self, line: Line) -> None:
        self.lines += 1
        start = 0
        if self.lines <= self._links:
            url = self._link(line.reference)
            self._sheet.write_url(self.lines, 0, url, self._linked, line.reference)
            start = 1
        writers = self._writers
        for column, cell in enumerate(line.cells[start:], start):
            if cell is not None:
                writers[type(cell)](column, cell)

    def end(self, columns: int) -> None:
        self._sheet.autofilter(0, 0, self.lines, columns - 1)

    def _write_text(self, column: int, text: str) -> None:
        literal = self._literal if defused(text) != text else None
        self._sheet.write_string(self.lines, column, _fitting(text), literal)

    def _write_number(self, column: int, number: int) -> None:
        self._sheet.write_number(self.lines, column, number)

    def _write_decimal(self, column: int, number: Decimal) -> None:
        text = f"{number:f}"
        if len(text.replace("-", "").replace(".", "").strip("0")) > MOST_DIGITS:
            self._sheet.write_string(self.lines, column, text)
        else:
            self._sheet.write_number(self.lines, column, float(number))

    def _write_day(self, column: int, day: date) -> None:
        if day < FIRST_DAY:
            self._sheet.write_string(self.lines, column, day.isoformat())
        else:
            self._sheet.write_datetime(self.lines, column, day, self._day)

    def _write_time(self, column: int, clock: time) -> None:
        self._sheet.write_datetime(self.lines, column, clock, self._time)

    def _write_moment(self, column: int, moment: datetime) -> None:
        self._sheet.write_datetime(self.lines, column, moment, self._moment)


def _fitting(text: str) -> str:
    """The text as a cell can hold it, or so much of it as fits, and a word that there was more."""
    text = _NOT_IN_XML.sub("\ufffd", text)
    if len(text) > MOST_UNITS // 2 and utf16_units(text) > MOST_UNITS:
        text = _cut(text)
    # XlsxWriter takes such a text for XML that it has made itself, and would not escape it.
    is_markup = text.startswith("<r>") and text.endswith("</r>")
    return text + " " if is_markup else text


def _cut(text: str) -> str:
    ending = gettext("… (there is more, but a cell of Excel holds only so much)")
    units = MOST_UNITS - utf16_units(ending)
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore") + ending


def _width(cell: ExportCell) -> int:
    lines = str("" if cell is None else cell)[:1000].splitlines()
    return max((_line_width(line) for line in lines), default=0)


def _line_width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _sheet_name(title: str, number: int) -> str:
    """The title as a sheet's name: with a number where it is not the first."""
    ending = f" ({number})" if number > 1 else ""
    name = _NOT_IN_NAMES.sub(" ", _NOT_IN_XML.sub(" ", title))
    units = MOST_NAME_UNITS - utf16_units(ending)
    name = name.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").strip(" '")
    if not name or name.casefold() == "history":  # which Excel keeps for itself
        name = gettext("Submissions")
    return name + ending
