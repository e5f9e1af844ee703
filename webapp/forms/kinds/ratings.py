"""The kind whose answer is a number on a scale."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ...i18n import gettext, in_a_row, isolated
from ...texts import nfkc
from .. import asking, rulebook
from ..rulebook import rule
from .base import AnswerError, Field, Given, clean
from .comparing import Comparing
from .numbers import MEASURED

MOST_LABEL = 60  # characters


@dataclass(frozen=True, kw_only=True)
class Rating(Field):
    """A whole number from 1 to a most, stored as a text as other numbers are."""

    kind: ClassVar[str] = "rating"
    compared: ClassVar[Comparing] = MEASURED
    most: int = rule(
        rulebook.whole(3, 10),
        5,
        ask=asking.whole(
            lambda: gettext("How many steps"), lambda: gettext("From 3 to 10; 5 unless given.")
        ),
    )
    low_label: str = rule(
        rulebook.text(MOST_LABEL),
        "",
        said=True,
        ask=asking.line(lambda: gettext("What 1 means"), lambda: gettext("Such as “very bad”.")),
    )
    high_label: str = rule(
        rulebook.text(MOST_LABEL),
        "",
        said=True,
        ask=asking.line(
            lambda: gettext("What the last one means"), lambda: gettext("Such as “very good”.")
        ),
    )

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Rating"), gettext("A number on a scale, such as from 1 to 5.")

    def parse(self, given: Given) -> str | None:
        wanted = {nfkc(clean(text[:100])) for text in given.texts} - {""}
        if len(wanted) > 1:
            raise AnswerError(gettext("%(label)s: please choose only one", label=self.named))
        if not wanted:
            return None
        (step,) = wanted
        if step not in map(str, self.steps()):
            raise AnswerError(
                gettext(
                    "%(label)s must be a number from 1 to %(most)s",
                    label=self.named,
                    most=self.most,
                )
            )
        return step

    def steps(self) -> range:
        return range(1, self.most + 1)

    def missing(self) -> str:
        return gettext(
            "%(label)s: please choose a number from 1 to %(most)s",
            label=self.named,
            most=self.most,
        )

    def limits(self) -> list[str]:
        return [gettext("From %(least)s to %(most)s", least=1, most=self.most)]

    def hints(self) -> list[str]:
        ends = ((1, self.low_label), (self.most, self.high_label))
        told = [
            gettext("%(n)s is “%(label)s”.", n=n, label=isolated(label))
            for n, label in ends
            if label
        ]
        return [*super().hints(), in_a_row(told)] if told else super().hints()

    def texts(self, value: str) -> list[str]:
        return [gettext("%(n)s of %(most)s", n=value, most=self.most)]

    def index_text(self, value: str) -> str:
        return ""

    def cell(self, value: str) -> Decimal:
        return Decimal(value)
