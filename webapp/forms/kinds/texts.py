"""Kinds whose answer is a text: one line, several lines, an e-mail address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ...i18n import gettext, ngettext
from ...texts import nfkc
from .. import asking, rulebook
from ..rulebook import DefinitionError, rule
from .base import AnswerError, Field, Given, bare, clean

UTF8_BYTES = 4  # at most, for a character
COUNTED_FROM = 0.8  # of the greatest length: from there on, a page says how much is left


# What browsers fill in by themselves, if they are told that it is asked for (WHATWG HTML, "Autofill").
_PURPOSES: Mapping[str, asking.Words] = {
    "": lambda: gettext("Nothing"),
    "name": lambda: gettext("Full name"),
    "given-name": lambda: gettext("First name"),
    "family-name": lambda: gettext("Last name"),
    "organization": lambda: gettext("Company or organisation"),
    "organization-title": lambda: gettext("Job title"),
    "street-address": lambda: gettext("Street address"),
    "address-level2": lambda: gettext("Town"),
    "postal-code": lambda: gettext("Postal code"),
    "country-name": lambda: gettext("Country"),
    "tel": lambda: gettext("Telephone number"),
    "email": lambda: gettext("E-mail address"),
    "url": lambda: gettext("Web address"),
}
_KEYBOARDS = {"tel": "tel", "email": "email", "url": "url"}  # HTML's `inputmode`, by purpose
_CAPITALS = {"name", "given-name", "family-name", "organization", "address-level2", "country-name"}


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
    soon_felt: ClassVar[int] = 30  # a greatest length up to which most answers come near it
    min_length: int = rule(rulebook.whole(0, 100_000), 0, ask=SHORTEST)
    max_length: int = rule(rulebook.whole(1, 100_000), 1000, ask=_longest("1,000"))
    autocomplete: str = rule(
        rulebook.either(*_PURPOSES),
        "",
        ask=asking.select(
            lambda: gettext("What the browser may fill in"),
            lambda: [(name, words()) for name, words in _PURPOSES.items()],
            lambda: gettext("If the question asks people for their own."),
        ),
    )

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

    def hints(self) -> list[str]:
        return [*super().hints(), *self._limits()]

    def limits(self) -> list[str]:
        least = [gettext("At least %(n)s characters", n=self.min_length)]
        most = ngettext("Up to %(n)s character", "Up to %(n)s characters", self.max_length)
        return [*(least if self.min_length > 1 else []), most]

    def _limits(self) -> list[str]:
        """What is told before: limits that people are likely to meet."""
        limits = []
        if self.min_length > 1:
            limits.append(gettext("At least %(n)s characters", n=self.min_length))
        if self.is_felt:
            limits.append(
                ngettext("Up to %(n)s character", "Up to %(n)s characters", self.max_length)
            )
        return limits

    @property
    def is_felt(self) -> bool:
        """Whether people should know the greatest length before they write."""
        return self.max_length <= self.soon_felt

    @property
    def counted_from(self) -> int:
        """From how many characters on a page says how many are left."""
        return 1 if self.is_felt else int(self.max_length * COUNTED_FROM)

    @property
    def keyboard(self) -> str:
        """Which keys a phone shows: HTML's `inputmode`."""
        return _KEYBOARDS.get(self.autocomplete, "")

    @property
    def capitals(self) -> str:
        """Where a phone begins with a capital letter by itself: HTML's `autocapitalize`."""
        if not self.autocomplete:
            return ""
        return "words" if self.autocomplete in _CAPITALS else "none"

    def scripts(self) -> Sequence[str]:
        return ("js/counting.js",)

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
    soon_felt: ClassVar[int] = 1500
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
