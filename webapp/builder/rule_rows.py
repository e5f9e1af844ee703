"""The show-if rules of an element as the builder's page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..forms import typed_rules
from ..forms.definition import Definition
from ..forms.kinds import Element
from ..forms.typed_rules import TypedRule
from ..i18n import gettext


@dataclass(frozen=True)
class RuleRow:
    """A rule about one question."""

    name: str  # with which the names of its inputs begin
    field_id: str
    label: str
    tests: Sequence[tuple[str, str]]
    test: str
    choices: Sequence[tuple[str, str]]  # none where the value is written
    values: Sequence[str]
    takes_value: bool

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True)
class Rules:
    """All rules of an element, and the questions that another can be about."""

    rows: Sequence[RuleRow]
    questions: Sequence[tuple[str, str]]


def rules(definition: Definition, element: Element | None, typed: Sequence[TypedRule]) -> Rules:
    """The rules as they were typed; without those about questions that are gone."""
    before = typed_rules.earlier(definition, element)
    asked = {field.id: field for field in definition.fields}
    rows: list[RuleRow] = []
    for rule in typed:
        if rule.field_id in asked:
            field = asked[rule.field_id]
            compared = field.compared
            rows.append(
                RuleRow(
                    f"rule-{len(rows)}",
                    field.id,
                    field.label,
                    list(compared.tests_in_words().items()),
                    rule.test,
                    compared.choices(field),
                    rule.values,
                    len(compared.tests) > 1,
                )
            )
    nothing = ("", gettext("No question"))
    return Rules(rows, [nothing, *((field.id, field.label) for field in before)])
