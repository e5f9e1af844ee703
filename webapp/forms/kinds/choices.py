"""Kinds whose answer is chosen: one of several, any of several, a yes to a sentence."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
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
    is_named: bool = field(default=True, compare=False)  # its key was given, not made here


def _read_options(value: Any) -> tuple[Option, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= 500:
        raise RuleBroken(gettext("must be a list of 1 to 500 texts, or tables with key and label."))
    taken = {str(item.get("key")) for item in value if isinstance(item, dict)}
    options: list[Option] = []
    for number, item in enumerate(value, start=1):
        options.append(_read_option(item, number, taken))
        taken.add(options[-1].key)
    _check_that_all_differ(options)
    return tuple(options)


def _check_that_all_differ(options: Sequence[Option]) -> None:
    for name in ("key", "label", "id"):
        seen: set[str] = set()
        for option in options:
            value = getattr(option, name)
            if value and value in seen:
                raise RuleBroken(
                    gettext("has the %(name)s %(value)s twice.", name=name, value=repr(value))
                )
            seen.add(value)


def _read_option(item: Any, number: int, taken: Container[str]) -> Option:
    if isinstance(item, str):
        label = rulebook.text(300, least=1)(item)
        return Option(key=_key_for(label, number, taken), label=label, is_named=False)
    if not isinstance(item, dict):
        raise RuleBroken(
            gettext("item %(n)s must be a text, or a table with key and label.", n=number)
        )
    try:
        return Option(**rulebook.read_values(Option, item, ()))
    except DefinitionError as wrong:
        raise RuleBroken(gettext("item %(n)s: %(wrong)s", n=number, wrong=wrong)) from None


def _key_for(label: str, number: int, taken: Container[str]) -> str:
    """A key made from the label, where that can be read in it; else from its place in the list."""
    key = rulebook.key_from(label)
    candidates = chain([key] if key else [], (f"choice_{n}" for n in count(number)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _write_options(options: Sequence[Option]) -> list[dict[str, Any]]:
    return [rulebook.write_values(option) for option in options]


def _with_ids(options: Sequence[Option], old: Sequence[Option]) -> tuple[Option, ...]:
    """The options with stable ids: their own, else those that they had, else new ones."""
    taken = {option.id for option in options}
    labels = {option.label for option in options}
    result = []
    for option in options:
        was = _earlier(option, old, labels)
        inherited = was.id if was and was.id not in taken else stable_id()
        result.append(replace(option, id=option.id or inherited))
        taken.add(result[-1].id)
    return tuple(result)


def _earlier(option: Option, old: Sequence[Option], labels: Container[str]) -> Option | None:
    """What the option was before. A key that was given tells; one that was made here may only tell of
    the option's place in the list, where another has been put since, so the label goes first."""
    by_key = next((was for was in old if was.key == option.key), None)
    if option.is_named:
        return by_key
    by_label = next((was for was in old if was.label == option.label), None)
    return by_label or (by_key if by_key and by_key.label not in labels else None)


@dataclass(frozen=True, kw_only=True)
class Chosen(Field):
    """What the two kinds that offer choices share."""

    choices: tuple[Option, ...] = rule(_read_options, (), _write_options)

    def __post_init__(self) -> None:
        if not self.choices:
            raise DefinitionError(("choices",), gettext("is missing."))

    def with_ids(self, earlier: Field | None) -> Field:
        old = earlier.choices if isinstance(earlier, Chosen) else ()
        choices = _with_ids(self.choices, old)
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

    def parse(self, given: Given) -> bool | None:
        text = clean(given.text)
        return True if text and text.casefold() not in _NO else None

    def missing(self) -> str:
        return gettext("Please tick this box to go on: %(label)s", label=self.label)

    def texts(self, value: bool) -> list[str]:
        return [gettext("Yes")]

    def index_text(self, value: bool) -> str:
        return ""

    def cell(self, value: bool) -> str:
        return gettext("Yes")
