"""A form in the reader's language, as far as it was given in that."""

from __future__ import annotations

from .. import i18n
from .definition import Definition
from .languages import best


def to_reader(definition: Definition) -> Definition:
    """The form for the page of whoever reads now: in the language that suits the reader best of those that
    it has, in which Intray goes on speaking, if it can."""
    if not definition.language:
        return definition
    return on_page(definition, best(definition.codes, i18n.wanted()))


def on_page(definition: Definition, code: str) -> Definition:
    """The form for a page that speaks one of its languages."""
    if definition.languages:
        i18n.offer(code, definition.codes)
    i18n.write_in(code)
    return definition.in_language(code)


def in_passing(definition: Definition) -> Definition:
    """The same among others, where the page does not speak for it."""
    if not definition.language:
        return definition
    return definition.in_language(best(definition.codes, [i18n.language(), *i18n.wanted()]))


def to(definition: Definition, language: str) -> Definition:
    """The form for somebody who reads that language, or none that is known."""
    if not definition.language:
        return definition
    return definition.in_language(best(definition.codes, [language]))
