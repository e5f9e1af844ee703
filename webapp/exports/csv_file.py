"""Writing an export as CSV (RFC 4180) that Excel reads right and cannot be tricked with."""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import StringIO
from typing import Any, BinaryIO

from .formulas import defused
from .reading import Line
from .streaming import Piece

BYTE_ORDER_MARK = "\ufeff"  # without it, Excel takes UTF-8 for the computer's old code page
PIECE = 128 * 1024  # characters, from which on a piece is given

_TEXTS: Mapping[type, Callable[[Any], str | int]] = {
    str: defused,
    int: int,
    Decimal: lambda number: f"{number:f}",
    date: date.isoformat,
    time: lambda clock: clock.isoformat("minutes"),
    datetime: lambda moment: moment.isoformat(" "),
    type(None): lambda nothing: "",
}


def csv_pieces(
    headings: Sequence[str], lines: Iterable[Line], link_to: tuple[str, Callable[[str], str]]
) -> Generator[Piece]:
    """The CSV of headings and lines, piece by piece; the first are the headings alone, so that it comes
    at once.

    `link_to` is the heading of a last column, and gives the link for a reference.
    """
    link_heading, link = link_to
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    text.write(BYTE_ORDER_MARK)
    writer.writerow([*map(defused, headings), link_heading])
    yield _taken(text, 0)
    count = 0
    for line in lines:
        cells = [_TEXTS[type(cell)](cell) for cell in line.cells]
        writer.writerow([*cells, link(line.reference)])
        count += 1
        if text.tell() >= PIECE:
            yield _taken(text, count)
            count = 0
    if count:
        yield _taken(text, count)


def _taken(text: StringIO, lines: int) -> Piece:
    content = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    return Piece(content, lines)


def write_csv(
    file: BinaryIO,
    headings: Sequence[str],
    lines: Iterable[Line],
    link_to: tuple[str, Callable[[str], str]],
) -> int:
    """Writes the same into the file, which stays open, and gives how many lines there were."""
    count = 0
    for piece in csv_pieces(headings, lines, link_to):
        file.write(piece.content)
        count += piece.items
    return count
