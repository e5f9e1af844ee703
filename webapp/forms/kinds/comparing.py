"""What a show-if rule can ask about the answer to a question of a kind, and how it is put in words.

Each kind says by `compared` which of these it is. `static/js/conditions.js` reads and compares answers
alike in the browser: under the name that is `reads`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from ...i18n import any_of, gettext
from ..conditions import YES, Condition
from ..rulebook import RuleBroken
from .options import Option

T = TypeVar("T")


class Asked(Protocol):
    """A question, as far as rules about it need to know it."""

    @property
    def label(self) -> str: ...


class Comparing:
    """A kind whose answers can only be there or not."""

    reads: ClassVar[str] = "text"
    tests: ClassVar[Sequence[str]] = ("answered",)

    def read(self, asked: Any, values: Sequence[Any], *, is_stored: bool) -> Sequence[str]:
        """The values that a rule compares with, as they are kept. Raises RuleBroken."""
        raise AssertionError("a kind that is only answered or not is compared with nothing")

    def of_answer(self, answer: Any) -> Sequence[Any]:
        """The stored answer, or each of several, as it is compared."""
        return ()

    def of_rule(self, value: str) -> Any:
        """A kept value as it is compared."""
        return value

    def with_id(self, asked: Any, value: str, stored: Any) -> str:
        """The value for `stored`, which is the question with its ids."""
        return value

    def with_key(self, asked: Any, value: str) -> str:
        """The other way: the value as a file and a page's inputs have it."""
        return value

    def choices(self, asked: Any) -> Sequence[tuple[str, str]]:
        """The values to choose from, with their words; none where a value is written."""
        return ()

    def value_in_words(self, asked: Any, value: str) -> str:
        return value

    def in_words(self, asked: Asked, condition: Condition) -> str:
        """The condition, to go on behind `Only if`."""
        question = asked.label
        if condition.test == "answered":
            return self.answered_in_words(question, condition.value == YES)
        values = any_of([self.value_in_words(asked, value) for value in condition.values])
        return self._test_in_words(question, condition.test, values)

    def answered_in_words(self, question: str, is_answered: bool) -> str:
        if is_answered:
            return gettext("“%(question)s” is answered", question=question)
        return gettext("“%(question)s” is not answered", question=question)

    def _test_in_words(self, question: str, test: str, values: str) -> str:
        if test == "is":
            return gettext("“%(question)s” is %(values)s", question=question, values=values)
        return gettext("“%(question)s” is not %(values)s", question=question, values=values)

    def tests_in_words(self) -> dict[str, str]:
        """What can be asked, to choose from."""
        words = {
            "is": gettext("is"),
            "is_not": gettext("is not"),
            **self._bounds_in_words(),
            "answered": gettext("is answered"),
            "not_answered": gettext("is not answered"),
        }
        known = {*self.tests, "not_answered"}
        return {test: text for test, text in words.items() if test in known}

    def _bounds_in_words(self) -> dict[str, str]:
        return {"at_least": gettext("is at least"), "at_most": gettext("is at most")}


class Ticked(Comparing):
    """A box that is ticked or not."""

    reads: ClassVar[str] = "tick"

    def answered_in_words(self, question: str, is_answered: bool) -> str:
        if is_answered:
            return gettext("“%(question)s” is ticked", question=question)
        return gettext("“%(question)s” is not ticked", question=question)

    def tests_in_words(self) -> dict[str, str]:
        return {"answered": gettext("is ticked"), "not_answered": gettext("is not ticked")}


class Listed(Comparing):
    """One or several of the question's choices; kept by their ids."""

    reads: ClassVar[str] = "choice"
    tests: ClassVar[Sequence[str]] = ("is", "is_not", "answered")

    def read(self, asked: Any, values: Sequence[Any], *, is_stored: bool) -> Sequence[str]:
        options: Sequence[Option] = asked.choices
        if is_stored:
            known = {option.id: option.id for option in options}
        else:  # a label is taken for its key, as it is in answers
            known = {o.label: o.key for o in options} | {o.key: o.key for o in options}
        for value in values:
            if not isinstance(value, str) or value not in known:
                named = gettext("the one that is asked for") if is_stored else _short(value)
                raise RuleBroken(
                    gettext(
                        "“%(question)s” has no choice %(value)s",
                        question=asked.label,
                        value=named,
                    )
                )
        return [known[value] for value in values]

    def of_answer(self, answer: str | list[str]) -> Sequence[str]:
        return [answer] if isinstance(answer, str) else answer

    def with_id(self, asked: Any, value: str, stored: Any) -> str:
        # by place: keys that were made here may be others by now
        place = [option.key for option in asked.choices].index(value)
        return str(stored.choices[place].id)

    def with_key(self, asked: Any, value: str) -> str:
        return next(str(option.key) for option in asked.choices if option.id == value)

    def choices(self, asked: Any) -> Sequence[tuple[str, str]]:
        return [(option.id, option.label) for option in asked.choices]

    def value_in_words(self, asked: Any, value: str) -> str:
        label = next(o.label for o in asked.choices if value in (o.id, o.key))
        return gettext("“%(label)s”", label=label)


class Measured(Comparing, Generic[T]):
    """An amount, which can be at least or at most so much."""

    tests: ClassVar[Sequence[str]] = ("is", "is_not", "at_least", "at_most", "answered")

    def __init__(
        self,
        reads: str,
        read: Callable[[Any], T],
        write: Callable[[T], str],
        kept: Callable[[str], T],
        words: Callable[[T], str],
    ) -> None:
        """`read` takes a value of a file or raises RuleBroken, `write` keeps it, `kept` takes what is
        kept, which is how answers are stored, `words` tells it to people."""
        self.reads = reads  # type: ignore[misc]
        self._read, self._write, self._kept, self._words = read, write, kept, words

    def read(self, asked: Any, values: Sequence[Any], *, is_stored: bool) -> Sequence[str]:
        return [self._read_one(asked, value) for value in values]

    def _read_one(self, asked: Any, value: Any) -> str:
        try:
            return self._write(self._read(value))
        except RuleBroken as broken:
            raise RuleBroken(
                gettext(
                    "%(value)s, with which “%(question)s” is compared, %(rule)s",
                    value=_short(value),
                    question=asked.label,
                    rule=str(broken).rstrip(".。"),
                )
            ) from None

    def of_answer(self, answer: str) -> Sequence[T]:
        return [self._kept(answer)]

    def of_rule(self, value: str) -> T:
        return self._kept(value)

    def value_in_words(self, asked: Any, value: str) -> str:
        return self._words(self._kept(value))

    def _test_in_words(self, question: str, test: str, values: str) -> str:
        if test == "at_least":
            return gettext("“%(question)s” is %(value)s or more", question=question, value=values)
        if test == "at_most":
            return gettext("“%(question)s” is %(value)s or less", question=question, value=values)
        return super()._test_in_words(question, test, values)


class Dated(Measured[T]):
    """A day, which can be earlier or later."""

    def _test_in_words(self, question: str, test: str, values: str) -> str:
        if test == "at_least":
            return gettext("“%(question)s” is %(value)s or later", question=question, value=values)
        if test == "at_most":
            return gettext(
                "“%(question)s” is %(value)s or earlier", question=question, value=values
            )
        return super()._test_in_words(question, test, values)

    def _bounds_in_words(self) -> dict[str, str]:
        return {
            "at_least": gettext("is on this day or later"),
            "at_most": gettext("is on this day or earlier"),
        }


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return gettext("“%(label)s”", label=text[:100])


ANSWERED, TICKED, LISTED = Comparing(), Ticked(), Listed()
