"""The kind whose answer is a telephone number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from ...i18n import gettext
from .base import AnswerError, Field, Given, bounded
from .numbers import as_typed

FEWEST_DIGITS, MOST_DIGITS = 3, 20  # E.164 has 15 at most; some write an extension behind them

_LEAD = re.compile(r"(?:tel|phone|电话|手机)\s*[.:]*\s*", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*(?:ext\.?|x|#|转|分机)\s*(\d{1,6})$", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[\d ()]+")


def read_phone(text: str) -> str | None:
    """The number that a person wrote, with the groups that they gave it parted by single spaces; None
    if it is none.

    Dashes, dots, slashes and brackets are forgiven, full-width digits and those of other scripts, a
    word in front of it, and an extension behind it.
    """
    text = "".join(_digit(c) for c in as_typed(text)).strip()
    text = _LEAD.sub("", text, count=1) if _LEAD.match(text) else text
    extension = _EXTENSION.search(text)
    text = text[: extension.start()] if extension else text
    text = re.sub(r"[\s\-./·_]+", " ", text).strip()
    text = re.sub(r"\(\s*(.*?)\s*\)", r"(\1)", text)
    text = re.sub(r"\+\s+", "+", text)
    if not _NUMBER.fullmatch(text) or not re.fullmatch(r"[^()]*(\([^()]+\)[^()]*)*", text):
        return None
    return f"{text} ext. {extension[1]}" if extension else text


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class Phone(Field):
    """A telephone number, checked by its form alone, and kept as people read it out."""

    kind: ClassVar[str] = "phone"

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Telephone number"), gettext("Written in any way that people write them.")

    def parse(self, given: Given) -> str | None:
        text = bounded(given.text)
        if text == "":
            return None
        number = None if text is None else read_phone(text)
        if number is None:
            raise AnswerError(self._no_number())
        self._check(_digits(number))
        return number

    def _no_number(self) -> str:
        return gettext(
            "%(label)s must be a telephone number, such as 030 1234567 or +44 20 7946 0958",
            label=self.named,
        )

    def _check(self, digits: str) -> None:
        if len(digits) < FEWEST_DIGITS:
            message = gettext(
                "%(label)s must have %(least)s digits or more; it has %(n)s",
                label=self.named,
                least=FEWEST_DIGITS,
                n=len(digits),
            )
            raise AnswerError(message)
        if len(digits) > MOST_DIGITS:
            message = gettext(
                "%(label)s must have %(most)s digits or fewer; it has %(n)s",
                label=self.named,
                most=MOST_DIGITS,
                n=len(digits),
            )
            raise AnswerError(message)

    def missing(self) -> str:
        return gettext("%(label)s: please write a telephone number", label=self.named)

    def index_text(self, value: str) -> str:
        return f"{value} {_digits(value)}"


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
