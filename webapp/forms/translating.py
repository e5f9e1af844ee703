"""Giving a draft in further languages: which these are, and each of its texts beside its translation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, TypeVar

from ..i18n import gettext
from . import rulebook, typed
from .definition import Definition
from .kinds import Element
from .languages import MOST_LANGUAGES, is_code
from .rulebook import RuleBroken
from .translations import read_text
from .typed import Mistakes

T = TypeVar("T")
_MOST_NAMED = 60  # characters of a text that a message names


@dataclass(frozen=True)
class Text:
    """A text of the form with its translation."""

    name: str  # of its input
    called: str  # what kind of text it is, in the reader's words
    original: str
    translation: str
    has_lines: bool
    is_older: bool = (
        False  # the text was changed since it was published, and the translation was not
    )


@dataclass(frozen=True)
class Group:
    """The texts of the form itself, or those of one question or heading."""

    element: Element | None
    texts: Sequence[Text]


def groups(
    definition: Definition, language: str, published: Definition | None = None
) -> Sequence[Group]:
    """All that the form says, with what is known of it in that language. `published` is what people read
    now, if anything."""
    was = _pairs(published, language) if published else {}
    return [
        Group(element, [_text(found, language, was) for found in _texts(part, prefix)])
        for element, prefix, part in _parts(definition)
    ]


def count(definition: Definition) -> int:
    """How many texts there are to translate."""
    return len(_pairs(definition, definition.language))


def missing(definition: Definition, language: str) -> int:
    """How many of them have no translation into that language."""
    return sum(not translation for _, translation in _pairs(definition, language).values())


def _parts(definition: Definition) -> Iterator[tuple[Element | None, str, Any]]:
    """The form itself and its elements, with what the names of their inputs begin with."""
    yield None, "", definition
    for element in definition.elements:
        yield element, f"{element.id}.", element


@dataclass(frozen=True)
class _Found:
    """A text within a part of the form."""

    name: str
    part: Any
    row: Any
    called: Callable[[], str]

    @property
    def original(self) -> str:
        return str(getattr(self.part, self.row.name))

    def translation(self, language: str) -> str:
        known: Mapping[str, str] = self.part.translations.of(language)
        return known.get(self.row.name, "")


def _texts(part: Any, prefix: str, called: Callable[[], str] | None = None) -> Iterator[_Found]:
    """The texts of a part that are there, and those of its own parts."""
    for row in fields(part):
        value = getattr(part, row.name)
        ask: Any = row.metadata.get("ask")
        if rulebook.is_said(row) and value:
            yield _Found(prefix + row.name, part, row, called or ask.label)
        elif row.metadata.get("said_by_parts"):
            for number, option in enumerate(value, start=1):
                name = f"{prefix}{row.name}.{option.id}."
                yield from _texts(option, name, partial(ask.one, number))


def _pairs(definition: Definition, language: str) -> dict[str, tuple[str, str]]:
    """Each text with its translation, by the name of its input."""
    return {
        found.name: (found.original, found.translation(language))
        for _, prefix, part in _parts(definition)
        for found in _texts(part, prefix)
    }


def _text(found: _Found, language: str, was: Mapping[str, tuple[str, str]]) -> Text:
    original, translation = found.original, found.translation(language)
    ask = found.row.metadata["ask"]
    before, then = was.get(found.name, (original, translation))
    return Text(
        found.name,
        found.called(),
        original,
        translation,
        ask is not None and ask.input == "area",
        bool(translation) and before != original and then == translation,
    )


def translate(definition: Definition, language: str, given: Mapping[str, str]) -> Definition:
    """With the translations that were typed; those that did not come along stay. Raises Mistakes."""
    problems: dict[str, str] = {}
    typing = _Typing(language, given, problems)
    made = typing.part(definition, "")
    elements = tuple(typing.part(one, f"{one.id}.") for one in definition.elements)
    if problems:
        raise Mistakes(problems)
    return replace(made, elements=elements)


@dataclass(frozen=True)
class _Typing:
    """What was typed in one language, and what is wrong with it."""

    language: str
    given: Mapping[str, str]
    problems: dict[str, str]

    def part(self, part: T, prefix: str) -> T:
        """The part, or the part of a part, with its own translations."""
        known: Any = part
        texts, values = known.translations.of(self.language), {}
        for row in fields(known):
            value, name = getattr(known, row.name), prefix + row.name
            if rulebook.is_said(row) and value and name in self.given:
                texts[row.name] = self._read(row, name, value)
            elif row.metadata.get("said_by_parts"):
                values[row.name] = tuple(self.part(one, f"{name}.{one.id}.") for one in value)
        values["translations"] = known.translations.with_texts(self.language, texts)
        return replace(known, **values)  # type: ignore[no-any-return]

    def _read(self, row: Any, name: str, original: str) -> str:
        try:
            return read_text(row, self.given[name])
        except RuleBroken as broken:
            short = original.splitlines()[0][:_MOST_NAMED]
            label = gettext("The translation of “%(text)s”", text=short)
            self.problems[name] = typed.told(label, str(broken))
            return ""


def give_in(definition: Definition, given: Mapping[str, str]) -> Definition:
    """With the languages that were chosen: that of its texts as they are, one more, one less. What is
    translated stays, for when the language comes back. Raises Mistakes."""
    first, more, less = (given.get(name, "") for name in ("language", "add", "remove"))
    others = [code for code in definition.languages if code != less]
    if more and more not in others:
        others.append(more)
    if not is_code(first) or not (is_code(more) or not more):
        raise Mistakes({"language": gettext("Please choose a language from the list")})
    if first in others:
        name = "add" if first == more else "language"
        text = gettext("The language of the texts as they are cannot be among the others")
        raise Mistakes({name: text})
    if len(others) > MOST_LANGUAGES:
        text = gettext("A form can have %(n)s further languages at most", n=MOST_LANGUAGES)
        raise Mistakes({"add": text})
    return replace(definition, language=first, languages=tuple(others))
