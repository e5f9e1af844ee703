"""Fetching a form's exports from the desk, and reading them as spreadsheets do."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell

from ..desk import Desk
from ..visitor import Page


@dataclass
class Table:
    """A table as it was read: headings, and lines by heading."""

    headings: list[Any]
    lines: list[dict[str, Any]]

    def column(self, heading: str) -> list[Any]:
        return [line[heading] for line in self.lines]


def fetch(desk: Desk, slug: str, ending: str, query: str = "") -> Page:
    page = desk.open(f"/desk/forms/{slug}/submissions.{ending}{query}")
    assert page.status == 200, page.text
    return page


def fetch_csv(desk: Desk, slug: str, query: str = "") -> Table:
    return read_csv(fetch(desk, slug, "csv", query).body)


def read_csv(body: bytes) -> Table:
    text = body.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return Table(rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]])


def fetch_xlsx(desk: Desk, slug: str, query: str = "") -> Table:
    return read_xlsx(fetch(desk, slug, "xlsx", query).body)


def cells(body: bytes) -> list[list[Cell]]:
    """The cells of the first sheet."""
    sheet = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0]
    return [list(row) for row in sheet.iter_rows()]


def read_xlsx(body: bytes) -> Table:
    rows = [[cell.value for cell in row] for row in cells(body)]
    return Table(rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]])
