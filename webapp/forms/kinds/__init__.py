"""The field kinds: one class holds all about a kind, and the registry finds it by its name.

A field of a form is an object of its kind's class. To add a kind: write its class in a module here,
its template in `templates/forms/kinds/`, and name the class below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...i18n import gettext
from ..rulebook import DefinitionError
from .base import HEAD_BYTES, AnswerError, Cell, Field, Given, ReceivedFile
from .choices import Choice, Choices, Consent
from .elements import Element, Heading, PageStart, Section
from .files import Files
from .numbers import Date, Number
from .texts import Email, LongText, ShortText

__all__ = [
    "ELEMENTS",
    "HEADINGS",
    "HEAD_BYTES",
    "KINDS",
    "AnswerError",
    "Cell",
    "Element",
    "Field",
    "Files",
    "Given",
    "Heading",
    "PageStart",
    "ReceivedFile",
    "Section",
    "read_element",
    "read_field",
]

KINDS: Mapping[str, type[Field]] = {
    kind.kind: kind
    for kind in (ShortText, LongText, Email, Number, Date, Choice, Choices, Consent, Files)
}


HEADINGS: Mapping[str, type[Heading]] = {kind.kind: kind for kind in (PageStart, Section)}
ELEMENTS: Mapping[str, type[Element]] = {**KINDS, **HEADINGS}


def read_element(table: Mapping[str, Any], place: tuple[str | int, ...]) -> Element:
    """The question or heading that a definition's table describes. Raises DefinitionError."""
    name = table.get("kind")
    if name is None:
        raise DefinitionError((*place, "kind"), gettext("is missing."))
    if not isinstance(name, str) or name not in ELEMENTS:
        raise DefinitionError(
            (*place, "kind"), gettext("must be one of: %(names)s.", names=", ".join(ELEMENTS))
        )
    return ELEMENTS[name].read({k: v for k, v in table.items() if k != "kind"}, place)


def read_field(table: Mapping[str, Any], place: tuple[str | int, ...]) -> Field:
    """The same, where it is a question."""
    field = read_element(table, place)
    assert isinstance(field, Field)
    return field
