"""Show-if rules: a part of a form is shown where all its conditions hold for what was answered before.

Here is how they are written. What can be asked about an answer is its kind's matter
(`kinds/comparing.py`), that they refer to earlier questions the definition's (`settling.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..i18n import gettext
from .rulebook import RuleBroken

TESTS = ("is", "is_not", "answered", "at_least", "at_most")
SEVERAL = ("is", "is_not")  # the tests that take a list of answers, of which one is enough
BY_KEY, BY_ID = (
    "field",
    "field_id",
)  # what a table calls the question: in a file, and as it is stored
MOST_CONDITIONS = 20  # of one part of a form
MOST_VALUES = 500  # of one condition
YES, NO = "true", "false"  # the values of `answered`


@dataclass(frozen=True)
class Condition:
    """One thing that must hold. As it is stored, `field` is the question's id, and chosen answers are
    their ids, so that a rule stays where things are renamed; in a file both are keys."""

    field: str
    test: str  # one of TESTS
    values: tuple[Any, ...]  # texts, as soon as the rule is known to be one (settling.py)
    is_stored: bool

    @property
    def value(self) -> str:
        return str(self.values[0])

    def write(self) -> dict[str, Any]:
        """The table that `read` takes."""
        values: Any = list(self.values) if len(self.values) > 1 else self.values[0]
        if self.test == "answered":
            values = self.value == YES
        return {BY_ID if self.is_stored else BY_KEY: self.field, self.test: values}


def read(value: Any) -> tuple[Condition, ...]:
    """The conditions of a table, or of a list of them. Raises RuleBroken."""
    tables = [value] if isinstance(value, dict) else value
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RuleBroken(
            gettext(
                "must be a table such as %(example)s, or a list of them.",
                example='{ field = "key", is = "yes" }',
            )
        )
    if len(tables) > MOST_CONDITIONS:
        raise RuleBroken(gettext("must have %(n)s conditions at most.", n=MOST_CONDITIONS))
    return tuple(_read_one(table) for table in tables)


def write(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """The other way."""
    return [condition.write() for condition in conditions]


def _read_one(table: Mapping[str, Any]) -> Condition:
    named = [name for name in (BY_KEY, BY_ID) if name in table]
    tests = [name for name in table if name not in (BY_KEY, BY_ID)]
    if len(named) != 1 or not isinstance(table[named[0]], str):
        raise RuleBroken(gettext("must name one question in each condition, by its key: field."))
    if len(tests) != 1 or tests[0] not in TESTS:
        raise RuleBroken(
            gettext("must have one of these in each condition: %(names)s.", names=", ".join(TESTS))
        )
    (test,) = tests
    return Condition(table[named[0]], test, _values(test, table[test]), named[0] == BY_ID)


def _values(test: str, value: Any) -> tuple[Any, ...]:
    if test == "answered":
        if not isinstance(value, bool):
            raise RuleBroken(gettext("must have true or false for answered."))
        return (YES if value else NO,)
    values = value if isinstance(value, list) and test in SEVERAL else [value]
    if not 1 <= len(values) <= MOST_VALUES or any(isinstance(v, list | dict) for v in values):
        raise RuleBroken(
            gettext(
                "must have one value for each of %(names)s, and for is and is_not one or a list.",
                names="at_least, at_most",
            )
        )
    return tuple(dict.fromkeys(values))
