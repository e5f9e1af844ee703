"""The kind whose answer is a number. It forgives the ways in which people write them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Any, ClassVar

from babel.numbers import format_decimal

from ... import i18n
from ...i18n import gettext, ngettext
from ...texts import nfkc
from .. import asking, rulebook
from ..rulebook import DefinitionError, RuleBroken, rule
from . import comparing
from .base import AnswerError, Field, Given, between, clean

MOST_DIGITS = 30
MOST_CHARACTERS = 100  # with all the spaces and signs that people put in
# The default of 28 digits would round some numbers, and fail with others.
_EXACT = Context(prec=100)
_MINUS_SIGNS = str.maketrans(dict.fromkeys("−–‐", "-"))


def _decimal(value: Any) -> Decimal:
    """A number of a definition: an integer, a float, or (as JSON keeps it) a text."""
    number = None
    if isinstance(value, str):
        number = read_number(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(str(value))
    if number is None or not number.is_finite() or len(f"{number:f}") > MOST_DIGITS:
        raise RuleBroken(gettext("must be a number of %(n)s digits at most.", n=MOST_DIGITS))
    return number


def _write_decimal(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def read_number(text: str) -> Decimal | None:
    """The number that a person wrote, None if it is none.

    Full-width digits are forgiven, and spaces and apostrophes that part thousands. A comma or a point
    is a decimal sign where it stands once, or last among both; commas that part groups of three part
    thousands.
    """
    if len(text) > MOST_CHARACTERS:
        return None
    if any(unicodedata.decomposition(c).startswith(("<super>", "<sub>")) for c in text):
        return None  # 10² is not 102
    text = re.sub(r"(?<=\d)[\s'’_](?=\d{3}(?!\d))", "", as_typed(text).strip())
    text = re.sub(r"^([+-])\s+", r"\1", text)
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+", text) or re.fullmatch(
        r"[+-]?\d{1,3}(\.\d{3}){2,}", text
    ):
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[+-]?\d*,\d+", text):
        text = text.replace(",", ".")
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text, re.ASCII) or len(text) > MOST_DIGITS:
        return None
    return Decimal(text)


def as_typed(text: str) -> str:
    """The text as a keyboard would give it: no full-width forms, hyphens for minus signs, and none of
    the unseen marks that are copied along with a number."""
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return nfkc(seen).translate(_MINUS_SIGNS)


MEASURED = comparing.Measured(
    "number", _decimal, lambda number: f"{number:f}", Decimal, lambda number: _shown(number)
)


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A number, stored as a decimal text so that nothing is rounded."""

    kind: ClassVar[str] = "number"
    compared: ClassVar[comparing.Comparing] = MEASURED
    min: Decimal | None = rule(
        _decimal,
        None,
        _write_decimal,
        asking.number(lambda: gettext("Smallest number"), lambda: gettext("Any unless given.")),
    )
    max: Decimal | None = rule(
        _decimal,
        None,
        _write_decimal,
        asking.number(lambda: gettext("Greatest number"), lambda: gettext("Any unless given.")),
    )
    decimals: int | None = rule(
        rulebook.whole(0, 10),
        None,
        ask=asking.whole(
            lambda: gettext("Decimal places"),
            lambda: gettext("At most so many; 0 for whole numbers; any unless given."),
        ),
    )

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Number"), gettext("An amount, an age, how many people.")

    def __post_init__(self) -> None:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise DefinitionError(
                ("min",), gettext("must not be greater than %(other)s.", other="max"), "max"
            )

    def limits(self) -> list[str]:
        told = between(*("" if one is None else _shown(one) for one in (self.min, self.max)))
        if self.decimals == 0:
            return [gettext("Whole numbers"), *told]
        return told

    def parse(self, given: Given) -> str | None:
        text = clean(given.text)
        if not text:
            return None
        number = read_number(text)
        if number is None:
            raise AnswerError(gettext("%(label)s must be a number, such as 12.5", label=self.named))
        self._check(number)
        return f"{_EXACT.plus(number):f}"  # plus: -0 becomes 0

    def _check(self, number: Decimal) -> None:
        if self.min is not None and number < self.min:
            least = _shown(self.min)
            raise AnswerError(
                gettext("%(label)s must be %(least)s or more", label=self.named, least=least)
            )
        if self.max is not None and number > self.max:
            most = _shown(self.max)
            raise AnswerError(
                gettext("%(label)s must be %(most)s or less", label=self.named, most=most)
            )
        if self.decimals is not None:
            rounded = number.quantize(Decimal(1).scaleb(-self.decimals), context=_EXACT)
            if number != rounded:
                raise AnswerError(self._too_many_decimals())

    def _too_many_decimals(self) -> str:
        if not self.decimals:
            return gettext("%(label)s must be a whole number", label=self.named)
        return ngettext(
            "%(label)s must have %(n)s decimal place or fewer",
            "%(label)s must have %(n)s decimal places or fewer",
            self.decimals,
            label=self.named,
        )

    @property
    def keyboard(self) -> str:
        """Which keys a phone shows: HTML's `inputmode`. That of numbers has no minus sign on some."""
        if self.min is not None and self.min < 0:
            return "text"
        return "numeric" if self.decimals == 0 else "decimal"

    def missing(self) -> str:
        return gettext("%(label)s: please write a number", label=self.named)

    def texts(self, value: str) -> list[str]:
        return [_shown(Decimal(value))]

    def cell(self, value: str) -> Decimal:
        return Decimal(value)


def _shown(number: Decimal) -> str:
    with localcontext(_EXACT):
        return format_decimal(number, locale=i18n.language(), decimal_quantization=False)
