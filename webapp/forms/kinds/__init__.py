"""The field kinds: one class holds all about a kind, and the registry finds it by its name.

A field of a form is an object of its kind's class. To add a kind: write its class in a module here,
its template in `templates/forms/kinds/`, and name the class below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...i18n import gettext
from ..rulebook import DefinitionError
from .base import HEAD_BYTES, AnswerError, Cell, Column, Field, Given, ReceivedFile
from .birthdays import Birthday
from .choices import Choice, Choices
from .consents import Consent
from .dates import Date
from .elements import Element, Heading, PageStart, Section
from .files import Files
from .grids import Matrix
from .numbers import Number
from .phones import Phone
from .ratings import Rating
from .signatures import Signature
from .texts import Email, LongText, ShortText
from .times import Time

__all__ = [
    "ELEMENTS",
    "HEADINGS",
    "HEAD_BYTES",
    "KINDS",
    "AnswerError",
    "Cell",
    "Column",
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
    for kind in (
        ShortText,
        LongText,
        Email,
        Phone,
        Number,
        Date,
        Time,
        Birthday,
        Choice,
        Choices,
        Rating,
        Matrix,
        Consent,
        Signature,
        Files,
    )
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
