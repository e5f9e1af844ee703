"""The kind whose answer is a time of day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Any, ClassVar

from ...i18n import gettext
from .. import asking
from ..rulebook import DefinitionError, RuleBroken, rule
from .base import AnswerError, Field, Given, between, bounded
from .numbers import MOST_CHARACTERS, as_typed

_TIME = re.compile(
    r"(?P<early>上午|早上|凌晨)?(?P<late>下午|晚上)?\s*"
    r"(?P<hour>\d{1,2})(?:\s*[:.,h时点]\s*(?P<minute>\d{2})\s*分?)?(?:\s*(?:h|uhr|[时点]))?\s*"
    r"(?:(?P<am>a\.?\s?m\.?)|(?P<pm>p\.?\s?m\.?))?",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = re.compile(r"(\d{1,2})(\d{2})(?!\d)", re.ASCII)


def read_time(text: str) -> time | None:
    """The time that a person wrote: `9:30`, `9.30`, `0930`, `9:30 pm`, `下午3点`; None if it is none. A
    lone number could be a slip as well as an hour, so that is None too."""
    text = _DIGITS.sub(r"\1:\2", as_typed(text).strip(), count=1)
    found = _TIME.fullmatch(text)
    if found is None or re.fullmatch(r"\d+", text):
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    is_early, is_late = found["early"] or found["am"], found["late"] or found["pm"]
    if (is_early and is_late) or (is_early and hour > 12) or (is_late and hour == 0):
        return None
    if is_early or (is_late and hour <= 12):
        hour = hour % 12 + (12 if is_late else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _clock(value: Any) -> time:
    """A time of a definition: TOML's own, or (as JSON keeps it) a text."""
    found = read_time(value[:MOST_CHARACTERS]) if isinstance(value, str) else value
    if type(found) is not time or found.tzinfo or found.second or found.microsecond:
        raise RuleBroken(gettext("must be a time such as %(example)s.", example="09:30"))
    return found


def _write_clock(value: time | None) -> str | None:
    return shown(value) if value else None


def shown(clock: time) -> str:
    """A time as it is stored, and read in every language."""
    return clock.isoformat("minutes")


def _asked(label: asking.Words) -> asking.Ask:
    return asking.Ask(label, lambda: gettext("Such as 9:30 or 21:30; any unless given."))


@dataclass(frozen=True, kw_only=True)
class Time(Field):
    """A time of day, stored as `09:30`."""

    kind: ClassVar[str] = "time"
    min: time | None = rule(_clock, None, _write_clock, _asked(lambda: gettext("Earliest time")))
    max: time | None = rule(_clock, None, _write_clock, _asked(lambda: gettext("Latest time")))

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Time"), gettext("A time of day.")

    def __post_init__(self) -> None:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise DefinitionError(
                ("min",), gettext("must not be later than %(other)s.", other="max"), "max"
            )

    def limits(self) -> list[str]:
        ends = ("" if one is None else shown(one) for one in (self.min, self.max))
        return between(*ends, is_when=True)

    def parse(self, given: Given) -> str | None:
        text = bounded(given.text)
        if text == "":
            return None
        clock = None if text is None else read_time(text)
        if clock is None:
            raise AnswerError(
                gettext("%(label)s must be a time, such as 9:30 or 21:30", label=self.named)
            )
        self._check(clock)
        return shown(clock)

    def _check(self, clock: time) -> None:
        if self.min is not None and clock < self.min:
            least = shown(self.min)
            raise AnswerError(
                gettext("%(label)s must be %(least)s or later", label=self.named, least=least)
            )
        if self.max is not None and clock > self.max:
            most = shown(self.max)
            raise AnswerError(
                gettext("%(label)s must be %(most)s or earlier", label=self.named, most=most)
            )

    def missing(self) -> str:
        return gettext("%(label)s: please give a time", label=self.named)

    def hints(self) -> list[str]:
        return [*super().hints(), gettext("Such as 9:30 or 21:30")]

    def cell(self, value: str) -> time:
        return time.fromisoformat(value)
