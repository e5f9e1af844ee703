"""The choices that a field offers: reading them from a file or from lines, with ids that stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any

from ...i18n import gettext
from ...ids import stable_id
from ...texts import nfc
from .. import rulebook
from ..rulebook import DefinitionError, RuleBroken, rule

MOST_OPTIONS = 500
MOST_LABEL = 300  # characters


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of the choices of a field. `key` is what the page's input sends, `id` what is stored."""

    key: str = rule(rulebook.key)
    label: str = rule(rulebook.text(MOST_LABEL, least=1))
    id: str = rule(rulebook.stable_id, "")
    is_named: bool = field(default=True, compare=False)  # its key was given, not made here


def read_options(value: Any) -> tuple[Option, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_OPTIONS:
        raise RuleBroken(gettext("must be a list of 1 to 500 texts, or tables with key and label."))
    taken = {str(item.get("key")) for item in value if isinstance(item, dict)}
    options: list[Option] = []
    for number, item in enumerate(value, start=1):
        options.append(_read_option(item, number, taken))
        taken.add(options[-1].key)
    _check_that_all_differ(options)
    return tuple(options)


def _check_that_all_differ(options: Sequence[Option]) -> None:
    for name in ("key", "label", "id"):
        seen: set[str] = set()
        for option in options:
            value = getattr(option, name)
            if value and value in seen:
                raise RuleBroken(
                    gettext("has the %(name)s %(value)s twice.", name=name, value=repr(value))
                )
            seen.add(value)


def _read_option(item: Any, number: int, taken: Container[str]) -> Option:
    if isinstance(item, str):
        label = rulebook.text(MOST_LABEL, least=1)(item)
        return Option(key=_key_for(label, number, taken), label=label, is_named=False)
    if not isinstance(item, dict):
        raise RuleBroken(
            gettext("item %(n)s must be a text, or a table with key and label.", n=number)
        )
    try:
        return Option(**rulebook.read_values(Option, item, ()))
    except DefinitionError as wrong:
        raise RuleBroken(gettext("item %(n)s: %(wrong)s", n=number, wrong=wrong)) from None


def _key_for(label: str, number: int, taken: Container[str]) -> str:
    """A key made from the label, where that can be read in it; else from its place in the list."""
    key = rulebook.key_from(label)
    candidates = chain([key] if key else [], (f"choice_{n}" for n in count(number)))
    return next(candidate for candidate in candidates if candidate not in taken)


def read_typed(text: str, earlier: Any) -> list[Any]:
    """The choices that stand on the lines. One that was there keeps its key and id; so does one that
    was rewritten where it stands, if all others have stayed."""
    labels = [nfc(line).strip() for line in text.splitlines() if line.strip()]
    if not labels:
        raise RuleBroken(gettext("must have one choice or more, each on a line of its own."))
    if len(labels) > MOST_OPTIONS:
        raise RuleBroken(gettext("must have %(n)s choices at most.", n=MOST_OPTIONS))
    for number, label in enumerate(labels, start=1):
        if len(label) > MOST_LABEL:
            raise RuleBroken(
                gettext(
                    "must have %(most)s characters at most on each line, and line %(n)s has %(count)s.",
                    most=MOST_LABEL,
                    n=number,
                    count=len(label),
                )
            )
    twice = next((label for label, times in Counter(labels).items() if times > 1), None)
    if twice is not None:
        raise RuleBroken(gettext("must all differ, and “%(choice)s” is there twice.", choice=twice))
    return _matched(labels, earlier or ())


def _matched(labels: Sequence[str], old: Sequence[Option]) -> list[Any]:
    known = {option.label: rulebook.write_values(option) for option in old}
    changed = [n for n, label in enumerate(labels) if label not in known]
    if len(labels) == len(old) and len(changed) == 1 and old[changed[0]].label not in labels:
        place = changed[0]
        known[labels[place]] = rulebook.write_values(old[place]) | {"label": labels[place]}
    return [known.get(label, label) for label in labels]


def write_options(options: Sequence[Option]) -> list[dict[str, Any]]:
    return [rulebook.write_values(option) for option in options]


def with_ids(options: Sequence[Option], old: Sequence[Option]) -> tuple[Option, ...]:
    """The options with stable ids: their own, else those that they had, else new ones."""
    taken = {option.id for option in options}
    labels = {option.label for option in options}
    result = []
    for option in options:
        was = _earlier(option, old, labels)
        inherited = was.id if was and was.id not in taken else stable_id()
        result.append(replace(option, id=option.id or inherited))
        taken.add(result[-1].id)
    return tuple(result)


def _earlier(option: Option, old: Sequence[Option], labels: Container[str]) -> Option | None:
    """What the option was before. A key that was given tells; one that was made here may only tell of
    the option's place in the list, where another has been put since, so the label goes first."""
    by_key = next((was for was in old if was.key == option.key), None)
    if option.is_named:
        return by_key
    by_label = next((was for was in old if was.label == option.label), None)
    return by_label or (by_key if by_key and by_key.label not in labels else None)
