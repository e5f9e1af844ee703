"""Which parts of a form are shown, by the answers: question after question, in the form's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .conditions import YES, Condition
from .kinds import Element, Field

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": lambda answer, value: bool(answer == value),
    "is_not": lambda answer, value: bool(answer == value),
    "at_least": lambda answer, value: bool(answer >= value),
    "at_most": lambda answer, value: bool(answer <= value),
}


@dataclass(frozen=True)
class Test:
    """A condition, ready to be tried on an answer."""

    asked: Field
    test: str
    values: Sequence[Any]

    @classmethod
    def of(cls, condition: Condition, asked: Field) -> Test:
        values = condition.values
        if condition.test != "answered":
            values = tuple(asked.compared.of_rule(value) for value in values)
        return cls(asked, condition.test, values)

    def holds(self, answer: Any) -> bool:
        """Whether it holds for the stored answer, None where there is none. What is not answered is
        not any answer, and neither at least nor at most anything."""
        if self.test == "answered":
            return (answer is not None) is bool(self.values[0] == YES)
        given = () if answer is None else self.asked.compared.of_answer(answer)
        compare = _COMPARED[self.test]
        is_met = any(compare(one, value) for one in given for value in self.values)
        return is_met != (self.test == "is_not")


class Walk:
    """One way through a form: what is shown, while answers are told. A question that is not shown has no
    answer, also for the rules behind it."""

    def __init__(self, tests: Mapping[str, Sequence[Test]]) -> None:
        """`tests` are those of a form's elements, by key."""
        self._tests = tests
        self._answers: dict[str, Any] = {}
        self._shown = [True, True, True]  # the page, the section, the question

    def shows(self, element: Element) -> bool:
        """Whether the element is shown; to be asked of each in turn."""
        tests = self._tests.get(element.key, ())
        holds = all(test.holds(self._answers.get(test.asked.key)) for test in tests)
        level = element.level
        self._shown[level:] = [holds] + [True] * (2 - level)
        return all(self._shown)

    def answer(self, asked: Field, value: Any) -> None:
        """The stored answer to a question that is shown; True for files."""
        self._answers[asked.key] = value
