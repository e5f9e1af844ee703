"""Kinds whose answer is chosen: one of several, any of several, a yes to a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from ...i18n import gettext, ngettext
from .. import asking, rulebook
from ..rulebook import DefinitionError, rule
from . import options
from .base import AnswerError, Field, Given, clean


@dataclass(frozen=True, kw_only=True)
class Chosen(Field):
    """What the two kinds that offer choices share."""

    choices: tuple[options.Option, ...] = rule(
        options.read_options,
        (),
        options.write_options,
        asking.Ask(
            lambda: gettext("Choices"),
            lambda: gettext("One on each line."),
            "area",
            is_needed=True,
            read=options.read_typed,
            show=lambda table: "\n".join(option["label"] for option in table),
        ),
    )

    def __post_init__(self) -> None:
        if not self.choices:
            raise DefinitionError(("choices",), gettext("is missing."))

    def with_ids(self, earlier: Field | None) -> Field:
        old = earlier.choices if isinstance(earlier, Chosen) else ()
        choices = options.with_ids(self.choices, old)
        return replace(super().with_ids(earlier), choices=choices)  # type: ignore[call-arg]

    def _chosen(self, texts: Sequence[str]) -> list[str]:
        """The ids of what was chosen, in the form's order. A label is taken for its key, for those
        who fill in forms by a program."""
        ids = {clean(o.label): o.id for o in self.choices} | {o.key: o.id for o in self.choices}
        wanted = {clean(text) for text in texts} - {""}
        if wanted - set(ids):
            raise AnswerError(gettext("%(label)s: please choose from the list", label=self.named))
        chosen = {ids[text] for text in wanted}
        return [option.id for option in self.choices if option.id in chosen]

    def texts(self, value: str | list[str]) -> list[str]:
        ids = [value] if isinstance(value, str) else value
        return [option.label for option in self.choices if option.id in ids]

    def plain(self, value: str | list[str]) -> str | list[str]:
        keys = {option.id: option.key for option in self.choices}
        return keys[value] if isinstance(value, str) else [keys[id] for id in value]

    def typed(self, value: str | list[str]) -> list[str]:
        keys = self.plain(value)
        return [keys] if isinstance(keys, str) else keys

    def index_text(self, value: str | list[str]) -> str:
        return " ".join(self.texts(value))

    def cell(self, value: str | list[str]) -> str:
        return "; ".join(self.texts(value))

    def most_parts(self) -> int:
        return len(self.choices)

    def most_text_bytes(self) -> int:
        return 1500 * self.most_parts()


@dataclass(frozen=True, kw_only=True)
class Choice(Chosen):
    """One of several."""

    kind: ClassVar[str] = "choice"

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("One from a list"), gettext("Exactly one of several choices.")

    def parse(self, given: Given) -> str | None:
        chosen = self._chosen(given.texts)
        if len(chosen) > 1:
            raise AnswerError(gettext("%(label)s: please choose only one", label=self.named))
        return chosen[0] if chosen else None

    def missing(self) -> str:
        return gettext("%(label)s: please choose one", label=self.named)


@dataclass(frozen=True, kw_only=True)
class Choices(Chosen):
    """Any of several, in number between a least and a most."""

    kind: ClassVar[str] = "choices"
    min_choices: int = rule(
        rulebook.whole(0, options.MOST_OPTIONS),
        0,
        ask=asking.whole(
            lambda: gettext("Fewest choices"), lambda: gettext("Any number unless given.")
        ),
    )
    max_choices: int = rule(
        rulebook.whole(1, options.MOST_OPTIONS),
        options.MOST_OPTIONS,
        ask=asking.whole(
            lambda: gettext("Most choices"), lambda: gettext("Any number unless given.")
        ),
    )

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Several from a list"), gettext("Any of several choices.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.min_choices > min(self.max_choices, len(self.choices)):
            raise DefinitionError(
                ("min_choices",), gettext("must not be greater than what can be chosen.")
            )

    def parse(self, given: Given) -> list[str] | None:
        chosen = self._chosen(given.texts)
        if len(chosen) > self.max_choices:
            raise AnswerError(
                ngettext(
                    "%(label)s: please choose %(n)s or none",
                    "%(label)s: please choose %(n)s or fewer",
                    self.max_choices,
                    label=self.named,
                )
            )
        if chosen and len(chosen) < self.min_choices:
            least = self.min_choices
            raise AnswerError(
                gettext("%(label)s: please choose at least %(n)s", label=self.named, n=least)
            )
        return chosen or None

    def missing(self) -> str:
        return gettext("%(label)s: please choose at least one", label=self.named)


_NO = frozenset({"no", "false", "off", "0"})  # what a program may send where a box is not ticked


@dataclass(frozen=True, kw_only=True)
class Consent(Field):
    """A sentence that is agreed to; the label is the sentence, and its version keeps the words."""

    kind: ClassVar[str] = "consent"

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Consent"), gettext("A sentence to agree to, with a box to tick.")

    def parse(self, given: Given) -> bool | None:
        text = clean(given.text)
        return True if text and text.casefold() not in _NO else None

    def missing(self) -> str:
        return gettext("Please tick this box to go on: %(label)s", label=self.label)

    def texts(self, value: bool) -> list[str]:
        return [gettext("Yes")]

    def typed(self, value: bool) -> list[str]:
        return ["yes"]

    def index_text(self, value: bool) -> str:
        return ""

    def cell(self, value: bool) -> str:
        return gettext("Yes")
