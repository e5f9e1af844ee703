"""The keys and ids of a form's elements: made where none is given, and all different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..i18n import gettext
from . import rulebook
from .kinds import Element
from .rulebook import DefinitionError


def with_keys(elements: Sequence[Element]) -> Sequence[Element]:
    """With keys for the pages and sections that have none."""
    taken = {element.key for element in elements}
    named = []
    for element in elements:
        if not element.key:
            key = rulebook.unused_key(element.label, taken, element.kind)
            element = replace(element, key=key)
            taken.add(key)
        named.append(element)
    return named


def check_that_all_differ(elements: Sequence[Element], place: tuple[str | int, ...]) -> None:
    """Raises DefinitionError where two elements have one key, or one id."""
    for name in ("key", "id"):
        seen: set[str] = set()
        for number, element in enumerate(elements):
            value = getattr(element, name)
            if value and value in seen:
                raise DefinitionError(
                    (*place, "fields", number, name),
                    gettext("%(value)s is taken.", value=repr(value)),
                )
            seen.add(value)
