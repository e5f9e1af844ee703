"""What a form may be made of: typed values with their rules, told in words when they are broken.

A definition comes from a person's file or from the builder, so each rule says what it wants.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from itertools import count
from typing import Any

from ..i18n import gettext
from ..texts import nfc

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
# `csrf_token` is the page's own input; the others are kept for what the format will learn.
RESERVED_KEYS = frozenset({"csrf_token", "section", "page", "show_if"})


@dataclass
class DefinitionError(Exception):
    """A definition breaks a rule. `place` leads to it (`("fields", 2, "key")`); `rule` is a sentence,
    which goes on behind the place's name. `other` is the second value that it names, if any."""

    place: tuple[str | int, ...]
    rule: str
    other: str = ""

    def __str__(self) -> str:
        return f"{'.'.join(str(step) for step in self.place)}: {self.rule}"


class RuleBroken(ValueError):
    """A value breaks the rule that is the text of this error."""


def rule(
    read: Callable[..., Any],
    default: Any = MISSING,
    write: Callable[[Any], Any] | None = None,
    ask: Any = None,
    called: str = "",
    said: bool = False,
    said_by_parts: bool = False,
    knows_class: bool = False,
) -> Any:
    """A dataclass field that a definition may set: `read` takes the given value or raises RuleBroken,
    `write` turns it back, `ask` (an `asking.Ask`) is how the builder asks for it. Without a default it
    must be given. `called` is its name in a definition's table, where that is another. What is `said` to
    those who fill in can be translated; so can what the parts of a value say. One that `knows_class` is
    read by `read(cls, value, place)`, which raises DefinitionError."""
    metadata = {
        "read": read,
        "write": write or (lambda value: value),
        "ask": ask,
        "called": called,
        "said": said,
        "said_by_parts": said_by_parts,
        "knows_class": knows_class,
    }
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def name_of(row: Field[Any]) -> str:
    """What a definition's table calls the value."""
    return row.metadata.get("called") or row.name


def is_said(row: Field[Any]) -> bool:
    """Whether the value is a text that those who fill in read."""
    return bool(row.metadata.get("said"))


def read_values(
    cls: type[Any], table: Mapping[str, Any], place: tuple[str | int, ...]
) -> dict[str, Any]:
    """The values for the dataclass that a definition's table gives.

    Raises DefinitionError for an unknown key, a missing one, or a value that breaks its rule.
    """
    rows = {name_of(row): row for row in fields(cls) if "read" in row.metadata}
    for name in table:
        if name not in rows:
            raise DefinitionError(
                (*place, name), gettext("is none of: %(names)s.", names=", ".join(rows))
            )
    values = {}
    for name, row in rows.items():
        if name in table and row.metadata["knows_class"]:
            values[row.name] = row.metadata["read"](cls, table[name], (*place, name))
        elif name in table:
            values[row.name] = read_value(row.metadata["read"], table[name], (*place, name))
        elif row.default is MISSING and row.default_factory is MISSING:
            raise DefinitionError((*place, name), gettext("is missing."))
    return values


def read_value(read: Callable[[Any], Any], value: Any, place: tuple[str | int, ...]) -> Any:
    """The value as `read` takes it; a broken rule becomes a DefinitionError with its place."""
    try:
        return read(value)
    except RuleBroken as broken:
        raise DefinitionError(place, str(broken)) from None


def write_values(thing: Any) -> dict[str, Any]:
    """The other way: a table that `read_values` takes, without what is left at its default."""
    table = {}
    for row in fields(thing):
        value = getattr(thing, row.name)
        if "read" in row.metadata and (row.default is MISSING or value != row.default):
            table[name_of(row)] = row.metadata["write"](value)
    return table


def text(most: int, *, least: int = 0, lines: bool = False) -> Callable[[Any], str]:
    """A text of so many characters; on one line unless `lines`."""

    def read(given: Any) -> str:
        if not isinstance(given, str):
            raise RuleBroken(gettext("must be a text in quotes."))
        value = nfc(given.replace("\r\n", "\n")).strip()
        if not least <= len(value) <= most:
            raise RuleBroken(
                gettext(
                    "must have %(least)s to %(most)s characters, and has %(count)s.",
                    least=least,
                    most=most,
                    count=len(value),
                )
            )
        if not lines and re.search(r"[\r\n\x85\u2028\u2029]", value):
            raise RuleBroken(gettext("must be on one line."))
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", value):
            raise RuleBroken(gettext("must not have control characters."))
        return value

    return read


def whole(least: int, most: int) -> Callable[[Any], int]:
    """A whole number in a range."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise RuleBroken(
                gettext(
                    "must be a whole number from %(least)s to %(most)s.", least=least, most=most
                )
            )
        return value

    return read


def true_or_false(value: Any) -> bool:
    if not isinstance(value, bool):
        raise RuleBroken(gettext("must be true or false."))
    return value


def key(value: Any) -> str:
    """The key of a field: it names the input in the page and the column in exports."""
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise RuleBroken(
            gettext("must be a small letter, then up to 39 small letters, digits or _.")
        )
    if value in RESERVED_KEYS:
        raise RuleBroken(gettext("must not be %(value)s, which is reserved.", value=repr(value)))
    return value


def key_from(words: str) -> str:
    """A key that is made of what can be read of the words in ASCII; empty if nothing can."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40]
    return made if KEY.fullmatch(made) and made not in RESERVED_KEYS else ""


def colour(value: Any) -> str:
    """A colour as CSS has it, in small letters: `#0b5f5f`; empty for none."""
    if not isinstance(value, str) or not re.fullmatch(r"(#[0-9A-Fa-f]{6})?", value):
        raise RuleBroken(gettext("must be a colour such as #0b5f5f."))
    return value.lower()


def unused_key(words: str, taken: Container[str], otherwise: str = "question") -> str:
    """A key that is made from the words, or else numbered."""
    base = key_from(words)
    if base and base not in taken:
        return base
    stem = base[:35] if base else otherwise
    return next(key for n in count(2 if base else 1) if (key := f"{stem}_{n}") not in taken)


def stable_id(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9A-Za-z_-]{1,40}", value):
        raise RuleBroken(gettext("must be 1 to 40 letters, digits, _ or -."))
    return value


def either(*allowed: str) -> Callable[[Any], str]:
    """One of these words."""

    def read(value: Any) -> str:
        if value not in allowed:
            raise RuleBroken(gettext("must be one of: %(names)s.", names=", ".join(allowed)))
        return str(value)

    return read
