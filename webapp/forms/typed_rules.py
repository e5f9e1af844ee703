"""Show-if rules as they are typed into the builder: one row of inputs for each condition.

A row's inputs are `rule-<number>-field` (hidden), `-test`, `-value` and `-remove`; `rule-new` names the
question of one more row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..i18n import gettext
from .conditions import MOST_CONDITIONS, NO, YES, Condition
from .definition import Definition
from .kinds import Element, Field
from .rulebook import RuleBroken
from .typed import Mistakes

NEW = "rule-new"
NOT_ANSWERED = "not_answered"  # `answered = false`, which people choose as a test of its own


@dataclass(frozen=True)
class TypedRule:
    """What stands in a row of inputs."""

    field_id: str
    test: str = ""
    values: Sequence[str] = ()


def of(element: Element | None) -> Sequence[TypedRule]:
    """The rules of an element, which have ids."""
    return [_of(condition) for condition in element.show_if] if element else []


def _of(condition: Condition) -> TypedRule:
    if condition.test != "answered":
        return TypedRule(condition.field, condition.test, condition.values)
    test = "answered" if condition.value == YES else NOT_ANSWERED
    return TypedRule(condition.field, test)


def posted(given: Mapping[str, Sequence[str]]) -> Sequence[TypedRule]:
    """The rows of a request's inputs, in their order, with an empty one for what is to be added."""
    found = (re.fullmatch(r"rule-(\d{1,3})-field", name) for name in given)
    numbers = sorted({int(match[1]) for match in found if match})
    rows = [_posted(given, number) for number in numbers if f"rule-{number}-remove" not in given]
    asked = given.get(NEW, [""])[0]
    return [*rows, TypedRule(asked)] if asked else rows


def _posted(given: Mapping[str, Sequence[str]], number: int) -> TypedRule:
    name = f"rule-{number}"
    values = [value.strip() for value in given.get(f"{name}-value", []) if value.strip()]
    return TypedRule(given[f"{name}-field"][0], given.get(f"{name}-test", [""])[0], values)


def earlier(definition: Definition, element: Element | None) -> Sequence[Field]:
    """The questions that an element can be shown by: those before it, or all where it is new."""
    before: list[Field] = []
    for one in definition.elements:
        if element is not None and one.id == element.id:
            break
        if isinstance(one, Field):
            before.append(one)
    return before


def read(definition: Definition, rows: Sequence[TypedRule]) -> tuple[Condition, ...]:
    """The conditions. Raises Mistakes by the inputs' names."""
    asked = {field.id: field for field in definition.fields}
    conditions, problems = [], {}
    if len(rows) > MOST_CONDITIONS:
        problems["rules"] = gettext("There can be %(n)s rules at most", n=MOST_CONDITIONS)
    if any(row.field_id not in asked for row in rows):
        problems["rules"] = gettext(
            "A question that a rule was about is not in this form any more: the rule is taken away"
        )
    known = [row for row in rows if row.field_id in asked]  # as the page shows them again
    for number, row in enumerate(known[: MOST_CONDITIONS + 1]):
        try:
            conditions.append(_read(asked[row.field_id], row))
        except RuleBroken as broken:
            problems[f"rule-{number}-value"] = str(broken)
    if problems:
        raise Mistakes(problems)
    return tuple(conditions)


def _read(asked: Field, row: TypedRule) -> Condition:
    if row.test in ("answered", NOT_ANSWERED):
        return Condition(asked.id, "answered", (YES if row.test == "answered" else NO,), True)
    if row.test not in asked.compared.tests or not row.values:
        raise RuleBroken(gettext("Please say which answer to “%(label)s”", label=asked.label))
    values = asked.compared.read(asked, row.values, is_stored=True)
    return Condition(asked.id, row.test, tuple(values), True)
