"""Kinds whose answer is a text: one line, several lines, an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...i18n import gettext, ngettext
from ...texts import nfkc
from .. import asking, rulebook
from ..rulebook import DefinitionError, rule
from .base import AnswerError, Field, Given, bare, clean

UTF8_BYTES = 4  # at most, for a character


SHORTEST = asking.whole(
    lambda: gettext("Shortest answer"), lambda: gettext("In characters; any unless given.")
)


def _longest(usual: str) -> asking.Ask:
    return asking.whole(
        lambda: gettext("Longest answer"),
        lambda: gettext("In characters; %(usual)s unless given.", usual=usual),
    )


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """A text with a least and a greatest number of characters (Unicode code points)."""

    lines: ClassVar[bool] = False
    min_length: int = rule(rulebook.whole(0, 100_000), 0, ask=SHORTEST)
    max_length: int = rule(rulebook.whole(1, 100_000), 1000, ask=_longest("1,000"))

    def __post_init__(self) -> None:
        if self.min_length > self.max_length:
            rule = gettext("must not be greater than %(other)s.", other="max_length")
            raise DefinitionError(("min_length",), rule, "max_length")

    def parse(self, given: Given) -> str | None:
        if len(given.text) > 1000 + 4 * self.max_length:  # before any work is put into it
            raise self._too_long(len(given.text))
        text = clean(given.text, lines=self.lines)
        if text:
            self._check_length(text)
        return text or None

    def _too_long(self, count: int) -> AnswerError:
        return AnswerError(
            ngettext(
                "%(label)s must have %(n)s character or fewer; it has %(count)s",
                "%(label)s must have %(n)s characters or fewer; it has %(count)s",
                self.max_length,
                label=self.named,
                count=count,
            )
        )

    def _check_length(self, text: str) -> None:
        if len(text) > self.max_length:
            raise self._too_long(len(text))
        if len(text) < self.min_length:
            raise AnswerError(
                ngettext(
                    "%(label)s must have %(n)s character or more; it has %(count)s",
                    "%(label)s must have %(n)s characters or more; it has %(count)s",
                    self.min_length,
                    label=self.named,
                    count=len(text),
                )
            )

    def missing(self) -> str:
        return gettext("%(label)s: please write an answer", label=self.named)

    def most_text_bytes(self) -> int:
        return self.max_length * UTF8_BYTES


@dataclass(frozen=True, kw_only=True)
class ShortText(Text):
    """One line."""

    kind: ClassVar[str] = "short_text"
    names_submission: ClassVar[bool] = True

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("One line of text"), gettext("A name, a class, a telephone number.")


@dataclass(frozen=True, kw_only=True)
class LongText(Text):
    """Several lines."""

    kind: ClassVar[str] = "long_text"
    lines: ClassVar[bool] = True
    max_length: int = rule(rulebook.whole(1, 100_000), 20_000, ask=_longest("20,000"))

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Several lines of text"), gettext("A message, a description, reasons.")

    def texts(self, value: str) -> list[str]:
        return [value]


@dataclass(frozen=True, kw_only=True)
class Email(Field):
    """An e-mail address, checked by its form alone: Intray may have no internet to ask."""

    kind: ClassVar[str] = "email"
    names_submission: ClassVar[bool] = True
    is_address: ClassVar[bool] = True

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("E-mail address"), gettext("Checked for slips of the keyboard.")

    def parse(self, given: Given) -> str | None:
        from email_validator import EmailNotValidError, validate_email  # slow to import

        text = nfkc(bare(clean(given.text)))  # ａ＠ｂ is a@b
        if not text:
            return None
        try:
            return validate_email(text, check_deliverability=False).normalized
        except EmailNotValidError:
            message = gettext(
                "%(label)s must be an e-mail address, such as name@example.org", label=self.named
            )
            raise AnswerError(message) from None

    def missing(self) -> str:
        return gettext("%(label)s: please write an e-mail address", label=self.named)
