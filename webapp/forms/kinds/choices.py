"""Kinds whose answer is chosen: one of several, any of several, a yes to a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ...i18n import gettext, ngettext
from ...ids import stable_id
from .. import rulebook
from ..rulebook import DefinitionError, RuleBroken, rule
from .base import AnswerError, Field, Given, clean


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of the choices of a field. `key` is what the page's input sends, `id` what is stored."""

    key: str = rule(rulebook.key)
    label: str = rule(rulebook.text(300, least=1))
    id: str = rule(rulebook.stable_id, "")


def _read_options(value: Any) -> tuple[Option, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= 500:
        raise RuleBroken("must be a list of 1 to 500 texts, or tables with key and label.")
    taken: set[str] = set()
    options: list[Option] = []
    for number, item in enumerate(value, start=1):
        option = _read_option(item, number, taken)
        if option.key in taken or option.label in {o.label for o in options}:
            raise RuleBroken(f"has {option.label!r} ({option.key}) twice.")
        taken.add(option.key)
        options.append(option)
    return tuple(options)


def _read_option(item: Any, number: int, taken: set[str]) -> Option:
    if isinstance(item, str):
        label = rulebook.text(300, least=1)(item)
        return Option(key=_key_for(label, number, taken), label=label)
    if not isinstance(item, dict):
        raise RuleBroken(f"item {number} must be a text, or a table with key and label.")
    try:
        return Option(**rulebook.read_values(Option, item, ()))
    except DefinitionError as wrong:
        raise RuleBroken(f"item {number}: {wrong}") from None


def _key_for(label: str, number: int, taken: Iterable[str]) -> str:
    """A key made from the label, where that can be read in it; else from its place in the list."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40]
    usable = rulebook.KEY.fullmatch(key) and key not in rulebook.RESERVED_KEYS
    return key if usable and key not in taken else f"choice_{number}"


def _write_options(options: Sequence[Option]) -> list[dict[str, Any]]:
    return [rulebook.write_values(option) for option in options]


@dataclass(frozen=True, kw_only=True)
class Chosen(Field):
    """What the two kinds that offer choices share."""

    choices: tuple[Option, ...] = rule(_read_options, (), _write_options)

    def __post_init__(self) -> None:
        if not self.choices:
            raise DefinitionError(("choices",), "is missing.")

    def with_ids(self, earlier: Field | None) -> Field:
        old = {o.key: o.id for o in earlier.choices} if isinstance(earlier, Chosen) else {}
        choices = (replace(o, id=o.id or old.get(o.key) or stable_id()) for o in self.choices)
        return replace(super().with_ids(earlier), choices=tuple(choices))  # type: ignore[call-arg]

    def _chosen(self, texts: Sequence[str]) -> list[str]:
        """The ids of what was chosen, in the form's order. A label is taken for its key, for those
        who fill in forms by a program."""
        ids = {o.label: o.id for o in self.choices} | {o.key: o.id for o in self.choices}
        wanted = {clean(text) for text in texts} - {""}
        if wanted - set(ids):
            raise AnswerError(gettext("%(label)s: please choose from the list", label=self.named))
        chosen = {ids[text] for text in wanted}
        return [option.id for option in self.choices if option.id in chosen]

    def texts(self, value: str | list[str]) -> list[str]:
        ids = [value] if isinstance(value, str) else value
        return [option.label for option in self.choices if option.id in ids]

    def most_parts(self) -> int:
        return len(self.choices)

    def most_text_bytes(self) -> int:
        return 1500 * self.most_parts()


@dataclass(frozen=True, kw_only=True)
class Choice(Chosen):
    """One of several."""

    kind: ClassVar[str] = "choice"

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
    min_choices: int = rule(rulebook.whole(0, 500), 0)
    max_choices: int = rule(rulebook.whole(1, 500), 500)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.min_choices > min(self.max_choices, len(self.choices)):
            raise DefinitionError(("min_choices",), "must not be greater than what can be chosen.")

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


@dataclass(frozen=True, kw_only=True)
class Consent(Field):
    """A sentence that is agreed to; the label is the sentence, and its version keeps the words."""

    kind: ClassVar[str] = "consent"

    def parse(self, given: Given) -> bool | None:
        return True if clean(given.text) else None

    def missing(self) -> str:
        return gettext("Please tick this box to go on: %(label)s", label=self.label)

    def texts(self, value: bool) -> list[str]:
        return [gettext("Yes")]
