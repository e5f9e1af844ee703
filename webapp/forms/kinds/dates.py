"""The kind whose answer is a day. It forgives the ways in which people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from ... import clock
from ...i18n import gettext
from .. import asking
from ..rulebook import DefinitionError, RuleBroken, rule
from . import comparing
from .base import AnswerError, Field, Given, between, clean
from .numbers import MOST_CHARACTERS, as_typed


def _day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if type(value) is not date:
        raise RuleBroken(gettext("must be a day such as 2026-12-01."))
    return value


_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\s*\.\s*(\d{1,2})\s*\.\s*(\d{4})", re.ASCII)


def read_day(text: str) -> date | None:
    """The day that a person wrote, year first or as `31.12.2026`; None if it is none. With slashes
    and the year last it could be an American's or a European's day, so that is None as well."""
    text = as_typed(text).strip()
    year_first, day_first = _YEAR_FIRST.fullmatch(text), _DAY_FIRST.fullmatch(text)
    if year_first:
        year, month, day = map(int, year_first.groups())
    elif day_first:
        day, month, year = map(int, day_first.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _write_day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _read_typed_day(text: str, earlier: Any) -> str:
    """The day as a definition has it; what is none goes on as it is, for the rule to refuse."""
    day = read_day(text[:MOST_CHARACTERS])
    return day.isoformat() if day else text


def _written_day(value: Any) -> date:
    """A day of a file, or as it is written in the builder."""
    return _day(_read_typed_day(value, None) if isinstance(value, str) else value)


def _asked_day(label: asking.Words) -> asking.Ask:
    def hint() -> str:
        return gettext("Such as 2026-12-01; any unless given.")

    return asking.Ask(label, hint, read=_read_typed_day)


@dataclass(frozen=True, kw_only=True)
class Date(Field):
    """A day of the calendar, stored as `2026-12-01`."""

    kind: ClassVar[str] = "date"
    compared: ClassVar[comparing.Comparing] = comparing.Dated(
        "date", _written_day, date.isoformat, date.fromisoformat, clock.format_day
    )
    min: date | None = rule(_day, None, _write_day, _asked_day(lambda: gettext("Earliest day")))
    max: date | None = rule(_day, None, _write_day, _asked_day(lambda: gettext("Latest day")))

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Date"), gettext("A day of the calendar.")

    def __post_init__(self) -> None:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise DefinitionError(
                ("min",), gettext("must not be later than %(other)s.", other="max"), "max"
            )

    def limits(self) -> list[str]:
        ends = (clock.format_day(day) if day else "" for day in (self.min, self.max))
        return between(*ends, is_when=True)

    def parse(self, given: Given) -> str | None:
        text = clean(given.text)
        if not text:
            return None
        day = read_day(text)
        if day is None:
            raise AnswerError(
                gettext("%(label)s must be a date, such as 2026-12-01", label=self.named)
            )
        self._check(day)
        return day.isoformat()

    def _check(self, day: date) -> None:
        if self.min is not None and day < self.min:
            least = clock.format_day(self.min)
            raise AnswerError(
                gettext("%(label)s must be %(least)s or later", label=self.named, least=least)
            )
        if self.max is not None and day > self.max:
            most = clock.format_day(self.max)
            raise AnswerError(
                gettext("%(label)s must be %(most)s or earlier", label=self.named, most=most)
            )

    def missing(self) -> str:
        return gettext("%(label)s: please give a date", label=self.named)

    def texts(self, value: str) -> list[str]:
        return [clock.format_day(date.fromisoformat(value))]

    def cell(self, value: str) -> date:
        return date.fromisoformat(value)
