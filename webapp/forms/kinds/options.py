"""The choices that a field offers: reading them from a file or from lines, with ids that stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any

from ...i18n import gettext
from ...ids import stable_id
from ...texts import nfc
from .. import asking, rulebook
from ..rulebook import DefinitionError, RuleBroken, rule
from ..translations import Translations, translated

MOST_OPTIONS = 500
MOST_LABEL = 300  # characters


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of the choices of a field. `key` is what the page's input sends, `id` what is stored."""

    key: str = rule(rulebook.key)
    label: str = rule(rulebook.text(MOST_LABEL, least=1), said=True)
    id: str = rule(rulebook.stable_id, "")
    translations: Translations = translated()
    is_named: bool = field(default=True, compare=False)  # its key was given, not made here


def asked(label: asking.Words, hint: asking.Words, one: asking.Numbered) -> asking.Ask:
    """How the builder asks for them: as lines of an area. `one` says what each of them is called."""
    return asking.Ask(
        label,
        hint,
        "area",
        is_needed=True,
        read=read_typed,
        show=lambda table: "\n".join(option["label"] for option in table),
        one=one,
    )


def up_to(most: int) -> Callable[[Any], tuple[Option, ...]]:
    """Reads options as `read_options` does, and no more than `most`."""

    def read(value: Any) -> tuple[Option, ...]:
        options = read_options(value)
        if len(options) > most:
            raise RuleBroken(
                gettext(
                    "must be %(most)s at most, and are %(count)s.", most=most, count=len(options)
                )
            )
        return options

    return read


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
    """The options with stable ids: their own, else those that they had, else new ones. A key that is
    made here goes with the id: a new option never gets one that another had."""
    taken = {option.id for option in options}
    keys = {option.key for option in options if option.is_named}
    earlier = _earlier(options, old)
    result = []
    for number, option in enumerate(options, start=1):
        was = earlier.get(option.label)
        was = None if was is None or was.id in taken else was
        if not option.is_named:
            others = keys | {one.key for one in old if one is not was}
            option = replace(option, key=_key_again(option, was, number, others))
        result.append(replace(option, id=option.id or (was.id if was else stable_id())))
        taken.add(result[-1].id)
        keys.add(result[-1].key)
    return tuple(result)


def _key_again(option: Option, was: Option | None, number: int, others: Container[str]) -> str:
    """The key that it had, else its own, else one that is free."""
    for key in (was.key if was else option.key, option.key):
        if key not in others:
            return key
    return _key_for(option.label, number, others)


def _earlier(options: Sequence[Option], old: Sequence[Option]) -> dict[str, Option]:
    """What the options were before, by label. A key that was given tells. One that was made here may
    only tell of a place in the list, where another stands since: so the label goes first, and then
    the key if it can be read in the label, or if nothing else in the list has changed."""
    by_key, by_label = {was.key: was for was in old}, {was.label: was for was in old}
    labels = {option.label for option in options}
    is_alone = len(options) == len(old) and len(labels - by_label.keys()) == 1
    found = {}
    for option in options:
        was = by_key.get(option.key)
        if not option.is_named:
            tells = is_alone or option.key == rulebook.key_from(option.label)
            was = by_label.get(option.label) or (
                was if was and tells and was.label not in labels else None
            )
        if was is not None:
            found[option.label] = was
    return found
