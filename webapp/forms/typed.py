"""Values of a definition as they are typed into the builder: shown, read, and told what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from ..i18n import gettext
from . import rulebook
from .asking import Ask
from .rulebook import DefinitionError, RuleBroken

T = TypeVar("T")


class Mistakes(Exception):
    """What was typed breaks rules: sentences by the names of the inputs."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class Input:
    """An input of the builder."""

    name: str
    label: str
    hint: str
    input: str  # line, area, tick or select
    mode: str
    is_further: bool
    is_optional: bool
    value: str  # as it stands in the input
    choices: Sequence[tuple[str, str]] = ()  # of a select


def inputs(
    cls: type[Any],
    earlier: Any = None,
    typed: Mapping[str, str] | None = None,
    only: Collection[str] | None = None,
) -> Sequence[Input]:
    """The inputs for all that `cls` asks for, or for the names in `only`: with what was typed, else
    with the values of `earlier`, an object of the class."""
    table = {} if earlier is None else rulebook.write_values(earlier)
    return [_input(name, row, table, typed) for name, row in _asked(cls, only)]


def _asked(cls: type[Any], only: Collection[str] | None) -> Iterator[tuple[str, Any]]:
    """The names and rows of what is asked for: what most people never need last."""
    for row in sorted(fields(cls), key=_is_further):
        if row.metadata.get("ask") is not None and (only is None or row.name in only):
            yield row.name, row


def _input(name: str, row: Any, table: Mapping[str, Any], typed: Mapping[str, str] | None) -> Input:
    ask: Ask = row.metadata["ask"]
    value = ask.show(table[name]) if name in table else ""
    if typed is not None:
        value = typed.get(name, "")
    is_optional = not _is_needed(row) and not ask.is_further and ask.input != "tick"
    return Input(
        name,
        ask.label(),
        ask.hint(),
        ask.input,
        ask.mode,
        ask.is_further,
        is_optional,
        value,
        ask.choices(),
    )


def read(
    cls: type[T],
    typed: Mapping[str, str],
    earlier: T | None = None,
    only: Collection[str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The values of `cls` that were typed, beside `more`, which are values already; what is empty keeps
    its default. Raises Mistakes with all that is wrong."""
    values, problems = dict(more), {}
    for name, row in _asked(cls, only):
        if name in more:
            continue
        try:
            if typed.get(name, "").strip():
                was = getattr(earlier, name, None)
                values[name] = row.metadata["read"](row.metadata["ask"].read(typed[name], was))
            elif _is_needed(row):
                raise RuleBroken(gettext("must not be empty."))
        except RuleBroken as broken:
            problems[name] = told(row.metadata["ask"].label(), str(broken))
    if problems:
        raise Mistakes(problems)
    return values


def made(cls: type[T], values: Mapping[str, Any]) -> T:
    """The object of the class with these values. Raises Mistakes where two of them break a rule."""
    try:
        return cls(**values)
    except DefinitionError as wrong:
        raise mistakes(cls, wrong) from None


def mistakes(cls: type[Any], wrong: DefinitionError) -> Mistakes:
    """The same in the builder's words."""
    labels = {name: row.metadata["ask"].label() for name, row in _asked(cls, None)}
    name = str(wrong.place[-1]) if wrong.place else ""
    rule = wrong.rule
    if wrong.other:
        other = gettext("“%(label)s”", label=labels.get(wrong.other, wrong.other))
        rule = rule.replace(wrong.other, other)
    return Mistakes({name: told(labels.get(name, name), rule)})


def told(label: str, rule: str) -> str:
    """A rule as what an input's label is followed by."""
    return gettext("%(label)s %(rule)s", label=label, rule=rule.rstrip(".。"))


def _is_further(row: Any) -> bool:
    ask = row.metadata.get("ask")
    return ask is not None and bool(ask.is_further)


def _is_needed(row: Any) -> bool:
    return row.default is MISSING or row.metadata["ask"].is_needed
