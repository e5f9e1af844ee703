"""Lists of people as offices have them: pasted lines, cells of a spreadsheet, CSV files of any kind."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from email_validator import EmailNotValidError, validate_email

from ..i18n import gettext
from ..texts import is_seen, nfc, nfkc

MOST_NAME, MOST_TEAM, MOST_EMAIL = 200, 100, 254  # characters
MOST_LINES = 10_000
MOST_CHARACTERS = 2_000_000

# What stands above the columns, folded; "first" and "last" are put together to one name.
_HEADINGS = {
    "name": ("name", "names", "full name", "person", "student", "pupil", "姓名", "名字", "学生", "学生姓名"),
    "first": ("first name", "firstname", "given name", "forename", "名"),
    "last": ("last name", "lastname", "surname", "family name", "姓"),
    "email": (
        "e-mail", "email", "mail", "e-mail address", "email address", "电子邮件", "邮箱", "电子邮箱",
        "邮件", "电邮", "电子邮件地址",
    ),
    "team": ("group", "class", "team", "department", "组", "小组", "班", "班级", "部门", "分组"),
}  # fmt: skip
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # what Excel files begin with, new and old ones
_COLUMN = {heading: column for column, headings in _HEADINGS.items() for heading in headings}
_ANGLED = re.compile(r"(.*?)\s*<([^<>]+@[^<>]+)>")  # `Anna Schmidt <anna@example.org>`
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class NoList(Exception):
    """What was given is no list; the text says why."""


@dataclass(frozen=True)
class Line:
    """One person of a list, and what is wrong with the line, or odd about it."""

    number: int  # from 1, as the list was given
    name: str
    email: str = ""
    team: str = ""
    problem: str = ""  # why it cannot be added
    twice: str = ""  # where it is already

    @property
    def key(self) -> tuple[str, str, str]:
        return folded(self.name, self.email, self.team)


def folded(name: str, email: str, team: str) -> tuple[str, str, str]:
    """What two people have in common who are taken for one."""
    return nfkc(name).casefold(), email.casefold(), nfkc(team).casefold()


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16, else GB 18030 or Windows' code page of the West, whichever is
    likelier. Raises NoList."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return _decode(content.removeprefix(mark), name)
    if content.startswith(_WORKBOOKS):
        text = gettext("The file is a workbook: save it as CSV, or copy its cells into the list")
        raise NoList(text)
    if b"\0" in content:  # every second byte of what is ASCII
        is_little = content[1::2].count(0) > content[::2].count(0)
        return _decode(content, "utf-16-le" if is_little else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(content, _old_encoding(content))


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise NoList(gettext("The file is no text: save it as CSV and try again")) from None


def _old_encoding(content: bytes) -> str:
    """In GB 18030 what is no ASCII comes in pairs of bytes; in the West it stands alone among letters."""
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", content)]
    return "cp1252" if 2 * sum(1 for run in runs if run == 1) > len(runs) else "gb18030"


def read_list(text: str, known: Collection[tuple[str, str, str]] = ()) -> Sequence[Line]:
    """The people of a list, with what is wrong by line; `known` are those who are there already, folded.
    Raises NoList."""
    if len(text) > MOST_CHARACTERS or text.count("\n") > MOST_LINES:
        raise NoList(gettext("The list is too long: at most %(n)s lines", n=MOST_LINES))
    rows = list(_rows(text))
    columns = _columns(rows[0][1]) if rows else None
    seen: dict[tuple[str, str, str], int] = {}
    lines = []
    for number, cells in rows[1:] if columns else _persons(rows):
        line = _checked(_line(number, cells, columns))
        if not line.problem:
            line = replace(line, twice=_twice(line, seen, known))
            seen.setdefault(line.key, number)
        lines.append(line)
    return lines


def _twice(
    line: Line, seen: dict[tuple[str, str, str], int], known: Collection[tuple[str, str, str]]
) -> str:
    if line.key in known:
        return gettext("has a link already")
    if line.key in seen:
        return gettext("the same as line %(n)s", n=seen[line.key])
    return ""


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that has any, with its number."""
    split = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    lines = [f"{line}\n" for line in split]
    delimiter = _delimiter(lines)
    reader = csv.reader(lines, delimiter=delimiter, quoting=_quoting(lines, delimiter))
    try:
        for cells in reader:
            plain = [_cell(cell) for cell in cells]
            if any(plain):
                yield reader.line_num, plain
    except csv.Error:
        raise NoList(gettext("The list cannot be read as lines of cells")) from None


def _persons(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """A line each: a mail program's are all in one, `Anna <anna@example.org>; ben@example.org`."""
    for number, cells in rows:
        filled = [cell for cell in cells if cell]
        if len(filled) > 1 and all("@" in cell for cell in filled):
            yield from ((number, [cell]) for cell in filled)
        else:
            yield number, cells


def _quoting(lines: Sequence[str], delimiter: str) -> Literal[0, 3]:
    """Quotes around cells, as CSV has them. One that is never closed would take all lines behind it into
    its cell: then they are letters like others, such as an inch or a slip of the hand."""
    try:
        *_, last = csv.reader([*lines, "\n"], delimiter=delimiter)
    except csv.Error:
        return csv.QUOTE_NONE
    # an empty line at the end is a row without cells, unless it is within quotes
    return csv.QUOTE_NONE if last else csv.QUOTE_MINIMAL


def _delimiter(lines: Sequence[str]) -> str:
    """What parts the cells: tabs, as a spreadsheet's cells are pasted; else what more lines have."""
    counts = {sign: sum(sign in line for line in lines) for sign in "\t;,，"}
    return max(counts, key=lambda sign: counts[sign]) if any(counts.values()) else ","


def _cell(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", nfc(text.lstrip("\ufeff"))).split())


def _columns(cells: Sequence[str]) -> dict[str, int] | None:
    """Which column holds what, where the first line says so."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = _COLUMN.get(nfkc(cell).casefold().rstrip(":").strip())
        if name:
            found.setdefault(name, place)
    return found if {"name", "first", "last", "email"} & found.keys() else None


def _line(number: int, cells: Sequence[str], columns: dict[str, int] | None) -> Line:
    if columns is None:
        return _guessed(number, cells)

    def cell(name: str) -> str:
        place = columns.get(name, len(cells))
        return cells[place] if place < len(cells) else ""

    name = cell("name") or _full_name(cell("first"), cell("last"))
    return Line(number, name, cell("email"), cell("team"))


def _full_name(first: str, last: str) -> str:
    """Chinese names begin with the family's, and have no space."""
    is_chinese = bool(last) and all("\u4e00" <= sign <= "\u9fff" for sign in last + first)
    return last + first if is_chinese else f"{first} {last}".strip()


def _guessed(number: int, cells: Sequence[str]) -> Line:
    """Without headings: what has an @ is the address, the first of the others the name."""
    angled = _ANGLED.fullmatch(cells[0])
    plain = [*angled.groups(), *cells[1:]] if angled else list(cells)
    email = next((cell for cell in plain if "@" in cell), "")
    others = [cell for cell in plain if cell and cell != email]
    return Line(number, others[0] if others else "", email, " ".join(others[1:]))


def _checked(line: Line) -> Line:
    """Who is told by the address alone is called by it."""
    named = line if is_seen(line.name) else replace(line, name=line.email)
    return replace(named, problem=_problem(named))


def _problem(line: Line) -> str:
    if not is_seen(line.name):
        return gettext("there is no name")
    if len(line.name) > MOST_NAME or len(line.team) > MOST_TEAM:
        return gettext("the name or the group is too long")
    if line.email and not is_address(line.email):
        return gettext("%(email)s is no e-mail address", email=line.email[:MOST_EMAIL])
    return ""


def is_address(email: str) -> bool:
    """Whether mail can be sent there, as far as its form tells."""
    try:
        validate_email(email[: MOST_EMAIL + 1], check_deliverability=False)
    except EmailNotValidError:
        return False
    return len(email) <= MOST_EMAIL
