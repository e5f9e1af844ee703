"""What a part of the bench found: a table that people read and programs can."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Cell = str | int | float | None  # None: could not be had here
Row = dict[str, Cell]


@dataclass
class Table:
    """Rows with the same columns, whose names have the units. `about` tells what was done."""

    name: str
    about: str
    rows: list[Row] = field(default_factory=list)

    def text(self) -> str:
        """The table for people, in lines."""
        if not self.rows:
            return f"{self.name}: nothing"
        columns = list(self.rows[0])
        cells = [columns, *([_shown(row[column]) for column in columns] for row in self.rows)]
        widths = [max(_width(line[at]) for line in cells) for at in range(len(columns))]
        is_text = [isinstance(self.rows[0][column], str) for column in columns]
        lines = [_line(line, widths, is_text) for line in cells]
        return "\n".join([self.name.upper(), self.about, "", *lines, ""])

    def json(self) -> Mapping[str, object]:
        """The table for programs."""
        return {"about": self.about, "rows": self.rows}


def _line(cells: Sequence[str], widths: Sequence[int], is_text: Sequence[bool]) -> str:
    padded = [
        cell + " " * (width - _width(cell)) if left else " " * (width - _width(cell)) + cell
        for cell, width, left in zip(cells, widths, is_text, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _shown(cell: Cell) -> str:
    if cell is None:
        return "?"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.3g}"
    return str(cell)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
