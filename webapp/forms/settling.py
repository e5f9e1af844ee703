"""Making sure that a form's show-if rules are rules: of questions before them, and of answers that are.

A rule refers to earlier questions only, so no rules can go round in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..i18n import gettext
from .conditions import Condition
from .kinds import Element, Field
from .rulebook import DefinitionError, RuleBroken


class RuleOfNothing(DefinitionError):
    """A show-if rule cannot be. `sentence` says why, naming both questions."""

    def __init__(self, place: tuple[str | int, ...], sentence: str) -> None:
        super().__init__(place, gettext("cannot be: %(why)s.", why=sentence))
        self.sentence = sentence


def settled(elements: Sequence[Element], place: tuple[str | int, ...]) -> tuple[Element, ...]:
    """The elements with rules whose values are as they are kept. Raises RuleOfNothing."""
    places = _Places(elements)
    return tuple(
        _settled(places, number, (*place, number, "show_if")) if element.show_if else element
        for number, element in enumerate(elements)
    )


class _Places:
    """Where the elements stand, by what rules call them."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self.elements = elements
        self._by_key = {element.key: place for place, element in enumerate(elements)}
        self._by_id = {element.id: place for place, element in enumerate(elements) if element.id}

    def of(self, condition: Condition) -> int | None:
        return (self._by_id if condition.is_stored else self._by_key).get(condition.field)


def _settled(places: _Places, number: int, place: tuple[str | int, ...]) -> Element:
    element = places.elements[number]
    try:
        conditions = tuple(_condition(places, number, one) for one in element.show_if)
    except RuleBroken as broken:
        raise RuleOfNothing(place, str(broken)) from None
    return replace(element, show_if=conditions)


def _condition(places: _Places, number: int, condition: Condition) -> Condition:
    """The condition of the element of that number. Raises RuleBroken with a sentence."""
    label, at = places.elements[number].label, places.of(condition)
    asked = None if at is None else places.elements[at]
    if at is None or asked is None or (not isinstance(asked, Field) and at != number):
        raise RuleBroken(_unknown(label, condition))
    if at == number:
        raise RuleBroken(
            gettext("“%(label)s” can be shown only by the answer to another question", label=label)
        )
    if at > number:
        raise RuleBroken(
            gettext(
                "“%(label)s” can be shown only by the answer to a question before it, and "
                "“%(question)s” stands behind it",
                label=label,
                question=asked.label,
            )
        )
    assert isinstance(asked, Field)
    return _with_values(asked, condition, label)


def _unknown(label: str, condition: Condition) -> str:
    if condition.is_stored:
        return gettext(
            "“%(label)s” is shown only by the answer to a question that is not in this form",
            label=label,
        )
    return gettext(
        "“%(label)s” can be shown only by the answer to a question of this form, and none has the "
        "key %(key)s",
        label=label,
        key=repr(condition.field[:100]),
    )


def _with_values(asked: Field, condition: Condition, label: str) -> Condition:
    if condition.test not in asked.compared.tests:
        raise RuleBroken(
            gettext(
                "“%(label)s” cannot be shown by %(test)s of “%(question)s”, but by: %(tests)s",
                label=label,
                test=condition.test,
                question=asked.label,
                tests=", ".join(asked.compared.tests),
            )
        )
    if condition.test == "answered":
        return condition
    given, is_stored = condition.values, condition.is_stored
    try:
        values = asked.compared.read(asked, given, is_stored=is_stored)
    except RuleBroken as broken:
        raise RuleBroken(
            gettext("“%(label)s” cannot be shown: %(why)s", label=label, why=str(broken))
        ) from None
    return replace(condition, values=tuple(dict.fromkeys(values)))


def with_ids(elements: Sequence[Element], before: Sequence[Element]) -> tuple[Element, ...]:
    """The elements, which have ids now, with rules by ids; `before` are the same without."""
    places = {element.key: place for place, element in enumerate(before)}

    def stored(condition: Condition) -> Condition:
        if condition.is_stored:
            return condition
        place = places[condition.field]
        asked, now = before[place], elements[place]
        assert isinstance(asked, Field)
        values = condition.values
        if condition.test != "answered":
            values = tuple(asked.compared.with_id(asked, value, now) for value in values)
        return replace(condition, field=now.id, values=values, is_stored=True)

    return tuple(
        replace(one, show_if=tuple(map(stored, one.show_if))) if one.show_if else one
        for one in elements
    )


def by_keys(condition: Condition, asked: Field) -> Condition:
    """The condition about that question as a file and a page's inputs have it."""
    if not condition.is_stored:
        return condition
    values = condition.values
    if condition.test != "answered":
        values = tuple(asked.compared.with_key(asked, value) for value in values)
    return replace(condition, field=asked.key, values=values, is_stored=False)
