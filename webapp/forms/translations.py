"""What a form says in further languages: each part of it has the translations of its own texts.

So a question that is removed, doubled or moved to another form takes them along. Which texts there are
is said beside their rules (`rulebook.rule`, `said`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, TypeVar

from ..i18n import gettext
from . import rulebook
from .languages import MOST_LANGUAGES, read_code
from .rulebook import DefinitionError, RuleBroken

T = TypeVar("T")


class Said(str):
    """A text that knows its language: the page's own words may be in another."""

    __slots__ = ("lang",)

    def __new__(cls, text: str, lang: str) -> Said:
        said = super().__new__(cls, text)
        said.lang = lang
        return said

    lang: str


@dataclass(frozen=True)
class Translations:
    """The texts of one part of a form in other languages than the form's first one."""

    texts: tuple[tuple[str, str, str], ...] = ()  # language, name of the text, text; in this order

    def of(self, language: str) -> dict[str, str]:
        """The texts in that language, by name."""
        return {name: text for code, name, text in self.texts if code == language}

    def with_texts(self, language: str, texts: Mapping[str, str]) -> Translations:
        """With these texts for those of that language; empty ones are none."""
        others = [one for one in self.texts if one[0] != language]
        own = [(language, name, text) for name, text in texts.items() if text]
        return Translations(tuple(sorted([*others, *own])))

    def write(self) -> dict[str, dict[str, str]]:
        """The table that `read` takes."""
        table: dict[str, dict[str, str]] = {}
        for code, name, text in self.texts:
            table.setdefault(code, {})[name] = text
        return table


NONE = Translations()


def read(cls: type[Any], table: Any, place: tuple[str | int, ...]) -> Translations:
    """The translations of a part of that class. Raises DefinitionError."""
    if not isinstance(table, dict) or not all(isinstance(one, dict) for one in table.values()):
        raise DefinitionError(
            place,
            gettext(
                "must be a table such as %(example)s.",
                example='{ zh = { label = "…" } }',
            ),
        )
    if len(table) > MOST_LANGUAGES:
        raise DefinitionError(
            place, gettext("must have %(most)s languages at most.", most=MOST_LANGUAGES)
        )
    found = NONE
    for code, texts in table.items():
        rulebook.read_value(read_code, code, (*place, code))
        found = found.with_texts(code, _texts(cls, texts, (*place, code)))
    return found


def _texts(
    cls: type[Any], texts: Mapping[str, Any], place: tuple[str | int, ...]
) -> dict[str, str]:
    rows = {row.name: row for row in fields(cls) if rulebook.is_said(row)}
    for name in texts:
        if name not in rows:
            raise DefinitionError(
                (*place, name), gettext("is none of: %(names)s.", names=", ".join(rows))
            )
    return {
        name: rulebook.read_value(partial(read_text, rows[name]), text, (*place, name))
        for name, text in texts.items()
    }


def read_text(row: Any, text: Any) -> str:
    """A translation, by the rule of the text that it translates; empty for none. Raises RuleBroken."""
    if not isinstance(text, str):
        raise RuleBroken(gettext("must be a text in quotes."))
    return str(row.metadata["read"](text)) if text.strip() else ""


def translated() -> Any:
    """The dataclass field of a part that has translations."""
    return rulebook.rule(read, NONE, Translations.write, knows_class=True)


def spoken(thing: T, language: str, otherwise: str) -> T:
    """The same with its texts in that language where they are translated, and else as they are, in the
    form's first one."""
    known: Mapping[str, str] = {}
    # What was translated into the first one, before it became that, waits for when it is none any more.
    if language != otherwise:
        known = thing.translations.of(language)  # type: ignore[attr-defined]
    values: dict[str, Any] = {}
    for row in fields(thing):  # type: ignore[arg-type]
        value = getattr(thing, row.name)
        if rulebook.is_said(row) and value:
            text = known.get(row.name)
            values[row.name] = Said(text, language) if text else Said(value, otherwise)
        elif row.metadata.get("said_by_parts"):
            values[row.name] = tuple(spoken(part, language, otherwise) for part in value)
    return replace(thing, **values)  # type: ignore[type-var]
