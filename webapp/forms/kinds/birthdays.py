"""The kind whose answer is somebody's day of birth, which people know by heart: day, month and year."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import ClassVar

from babel.dates import get_month_names

from ... import clock
from ...i18n import LANGUAGES, gettext
from .base import AnswerError, Field, Given, bounded
from .dates import read_day
from .numbers import as_typed

OLDEST = 130  # years
PARTS = ("day", "month", "year")
_FIRST_LETTERS = 3  # of a month's name, which tell it from the others
_MOST_AHEAD = timedelta(hours=14)  # of UTC, on islands in the Pacific


def read_month(text: str) -> int | None:
    """The month of that number or name, in any of Intray's languages; None if there is none."""
    text = as_typed(text).strip().rstrip(".月").casefold()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 2 and 1 <= int(text) <= 12 else None
    names = _month_names()
    if text in names:
        return names[text]
    found = {month for name, month in names.items() if name.startswith(text)}
    return found.pop() if len(text) >= _FIRST_LETTERS and len(found) == 1 else None


@cache
def _month_names() -> Mapping[str, int]:
    """The months by their names, without the sign that ends them."""
    return {
        name.rstrip(".月").casefold(): month
        for code in LANGUAGES
        for month, name in get_month_names("wide", locale=code).items()
    }


@dataclass(frozen=True, kw_only=True)
class Birthday(Field):
    """A day of birth, asked for by day, month and year; stored as `2001-02-03`."""

    kind: ClassVar[str] = "birthday"

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Date of birth"), gettext("Day, month and year, each in a box of its own.")

    def parts(self) -> Sequence[str]:
        return PARTS

    def part_names(self) -> Mapping[str, str]:
        """The parts with their names, in the reader's order."""
        names = {"day": gettext("Day"), "month": gettext("Month"), "year": gettext("Year")}
        return {part: names[part] for part in clock.day_order()}

    def parse(self, given: Given) -> str | None:
        texts = {part: bounded(given.part(part)) for part in PARTS}
        whole = bounded(given.text)
        if any(text != "" for text in texts.values()):
            day = self._put_together(texts)
        elif whole != "":
            day = self._read_whole(whole)
        else:
            return None
        self._check(day)
        return day.isoformat()

    def _read_whole(self, text: str | None) -> date:
        """What a program sends under the field's key."""
        day = None if text is None else read_day(text)
        if day is None:
            message = gettext("%(label)s must be a date, such as 2026-12-01", label=self.named)
            raise AnswerError(message, *self.part_names())
        return day

    def _put_together(self, texts: Mapping[str, str | None]) -> date:
        missing = [part for part in self.part_names() if texts[part] == ""]
        if missing:
            raise AnswerError(self._incomplete(missing), *missing)
        readers = {"day": self._day, "month": self._month, "year": self._year}
        found = {part: readers[part](texts[part] or "") for part in self.part_names()}
        most = monthrange(found["year"], found["month"])[1]
        if found["day"] > most:
            raise AnswerError(self._too_late(most), "day")
        return date(**found)

    def _incomplete(self, missing: Sequence[str]) -> str:
        names = self.part_names()
        if len(missing) == 1:
            part = names[missing[0]]
            return gettext("%(label)s: “%(part)s” is missing", label=self.named, part=part)
        first, second = (names[part] for part in missing)
        return gettext(
            "%(label)s: “%(first)s” and “%(second)s” are missing",
            label=self.named,
            first=first,
            second=second,
        )

    def _day(self, text: str) -> int:
        day = _number(text)
        if day is None or not 1 <= day <= 31:
            told = gettext("%(label)s: the day must be a number from 1 to 31", label=self.named)
            raise AnswerError(told, "day")
        return day

    def _year(self, text: str) -> int:
        year = _number(text.removesuffix("年"))
        if year is None or not 1000 <= year <= 9999:
            told = gettext(
                "%(label)s: the year must have four digits, such as 1990", label=self.named
            )
            raise AnswerError(told, "year")
        return year

    def _month(self, text: str) -> int:
        month = read_month(text)
        if month is None:
            told = gettext(
                "%(label)s: the month must be a number from 1 to 12, or its name", label=self.named
            )
            raise AnswerError(told, "month")
        return month

    def _too_late(self, most: int) -> str:
        return gettext(
            "%(label)s: the day must be %(most)s or less in that month",
            label=self.named,
            most=most,
        )

    def _check(self, day: date) -> None:
        today = (datetime.now(UTC) + _MOST_AHEAD).date()
        if day > today:
            raise AnswerError(
                gettext("%(label)s must not be in the future", label=self.named), *PARTS
            )
        if day.year < today.year - OLDEST:
            told = gettext(
                "%(label)s: the year must be %(least)s or later",
                label=self.named,
                least=today.year - OLDEST,
            )
            raise AnswerError(told, "year")

    def answer(self, given: Given) -> str | None:
        value = self.parse(given)
        if value is None and self.required:
            raise AnswerError(self.missing(), *self.part_names())
        return value

    def missing(self) -> str:
        return gettext("%(label)s: please give day, month and year", label=self.named)

    def hints(self) -> list[str]:
        return [*super().hints(), gettext("Such as 27 3 1990")]

    def inputs(self, value: str) -> Mapping[str, Sequence[str]]:
        day = date.fromisoformat(value)
        return {"day": [str(day.day)], "month": [str(day.month)], "year": [str(day.year)]}

    def texts(self, value: str) -> list[str]:
        return [clock.format_day(date.fromisoformat(value))]

    def cell(self, value: str) -> date:
        return date.fromisoformat(value)

    def most_parts(self) -> int:
        return len(PARTS)


def _number(text: str) -> int | None:
    digits = re.fullmatch(r"(\d{1,4})[.日号]?", as_typed(text).strip(), re.ASCII)
    return int(digits[1]) if digits else None
