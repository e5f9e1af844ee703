"""Writing an export as CSV (RFC 4180) that Excel reads right and cannot be tricked with."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import TextIOWrapper
from typing import Any, BinaryIO

from .formulas import defused
from .reading import Line

BYTE_ORDER_MARK = "\ufeff"  # without it, Excel takes UTF-8 for the computer's old code page

_TEXTS: Mapping[type, Callable[[Any], str | int]] = {
    str: defused,
    int: int,
    Decimal: lambda number: f"{number:f}",
    date: date.isoformat,
    datetime: lambda moment: moment.isoformat(" "),
    type(None): lambda nothing: "",
}


def write_csv(
    file: BinaryIO,
    headings: Sequence[str],
    lines: Iterable[Line],
    link_to: tuple[str, Callable[[str], str]],
) -> int:
    """Writes headings and lines into the file, which stays open, and gives how many lines there were.

    `link_to` is the heading of a last column, and gives the link for a reference.
    """
    link_heading, link = link_to
    text = TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
    try:
        text.write(BYTE_ORDER_MARK)
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([*map(defused, headings), link_heading])
        count = 0
        for count, line in enumerate(lines, start=1):  # noqa: B007
            cells = [_TEXTS[type(cell)](cell) for cell in line.cells]
            writer.writerow([*cells, link(line.reference)])
        text.flush()
    finally:
        text.detach()
    return count
