"""Editing a draft: each function takes a definition and gives the changed one, with ids that stay.

An element is a question, or what begins a page or a section.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ..i18n import gettext
from . import rulebook, settling, typed
from .conditions import Condition
from .definition import MOST_FIELDS, Definition, read_definition
from .kinds import Element, Field, read_element
from .rulebook import DefinitionError, RuleBroken
from .settling import RuleOfNothing
from .typed import Mistakes

T = TypeVar("T", bound=Element)

RULES = "rules"  # under which name Mistakes tell of show-if rules that would be broken


def find(definition: Definition, element_id: str) -> Element | None:
    """The element of that id."""
    return next((one for one in definition.elements if one.id == element_id), None)


def place_of(definition: Definition, element_id: str) -> int:
    """The element's place, from 0. KeyError if there is none."""
    for place, element in enumerate(definition.elements):
        if element.id == element_id:
            return place
    raise KeyError(element_id)


def read_typed(
    definition: Definition,
    kind: type[T],
    given: Mapping[str, str],
    was: Element | None = None,
    show_if: Sequence[Condition] | None = None,
) -> T:
    """The element that was typed, new or in place of `was`, whose rules it keeps unless others are given.
    Raises Mistakes."""
    taken = {element.key for element in definition.elements if element is not was}
    more: dict[str, Any] = {"id": was.id} if was else {}
    if was is not None:
        more["translations"] = was.translations
    more["show_if"] = tuple(show_if) if show_if is not None else was.show_if if was else ()
    if not given.get("key", "").strip():
        more["key"] = _key(kind, given.get("label", "")[:300], taken, was)
    values = typed.read(kind, given, was, **more)
    if values["key"] in taken:
        label = gettext("Short name")
        raise Mistakes({"key": typed.told(label, gettext("must not be another question's"))})
    return typed.made(kind, values).with_ids(was)


def _key(kind: type[Element], label: str, taken: set[str], was: Element | None) -> str:
    """A key for what is given none. That of a heading stays: nobody is asked for it."""
    if was is not None and not kind.is_question():
        return was.key
    return rulebook.unused_key(label, taken)


def add(definition: Definition, element: Element, place: int | None = None) -> Definition:
    """With the element at a place from 0, else at the end. Raises Mistakes if there are too many."""
    if len(definition.elements) >= MOST_FIELDS:
        text = gettext(
            "A form can have %(n)s questions at most, with its pages and sections", n=MOST_FIELDS
        )
        raise Mistakes({"label": text})
    elements = list(definition.elements)
    elements.insert(len(elements) if place is None else place, element)
    return _with_elements(definition, elements)


def _with_elements(
    definition: Definition, elements: Sequence[Element], folder_label: str | None = None
) -> Definition:
    """Raises Mistakes if a show-if rule cannot be kept."""
    label = definition.folder_label if folder_label is None else folder_label
    try:
        settling.settled(elements, ())
    except RuleOfNothing as broken:
        raise Mistakes({RULES: broken.sentence}) from None
    return replace(definition, elements=tuple(elements), folder_label=label)


def change(definition: Definition, element: Element) -> Definition:
    """With the element in place of the one of its id. KeyError if there is none. Raises Mistakes."""
    place = place_of(definition, element.id)
    old = definition.elements[place]
    _check_answers(definition, old, element)
    elements = (*definition.elements[:place], element, *definition.elements[place + 1 :])
    names_folder = definition.folder_label == old.key
    return _with_elements(definition, elements, element.key if names_folder else None)


def _check_answers(definition: Definition, old: Element, new: Element) -> None:
    """Raises Mistakes if a rule needs an answer that the changed question does not take any more."""
    if not isinstance(old, Field) or not isinstance(new, Field):
        return
    for shown in shown_by(definition, old):
        for condition in shown.show_if:
            if condition.field != old.id or condition.test == "answered":
                continue
            try:
                new.compared.read(new, condition.values, is_stored=True)
            except RuleBroken:
                rule = old.compared.in_words(old, condition)
                raise Mistakes({RULES: _answer_needed(shown, rule)}) from None


def _answer_needed(shown: Element, rule: str) -> str:
    return gettext(
        "“%(label)s” is shown only if %(rule)s: please keep that answer, or change that rule first",
        label=shown.label,
        rule=rule,
    )


def move(definition: Definition, element_id: str, place: int) -> Definition:
    """With the element at a place from 0, or at the end if that lies beyond. KeyError if there is none.
    Raises Mistakes."""
    elements = list(definition.elements)
    element = elements.pop(place_of(definition, element_id))
    elements.insert(min(max(place, 0), len(elements)), element)
    return _with_elements(definition, elements)


def move_among_questions(definition: Definition, element_id: str, nth: int) -> Definition:
    """With the element right before what is then the question behind it, counted from 1: a question
    becomes the nth. KeyError if there is none. Raises Mistakes."""
    if nth == nth_of(definition, element_id):
        return definition
    others = [one for one in definition.elements if one.id != element_id]
    places = [place for place, one in enumerate(others) if one.is_question()]
    place = places[nth - 1] if 0 < nth <= len(places) else len(others)
    return move(definition, element_id, place)


def nth_of(definition: Definition, element_id: str) -> int:
    """How many questions stand before the element, and one. KeyError if there is no such element."""
    before = definition.elements[: place_of(definition, element_id)]
    return 1 + sum(one.is_question() for one in before)


def duplicate(definition: Definition, element_id: str) -> Definition:
    """With the same element once more, right behind it. KeyError if there is none. Raises Mistakes."""
    place = place_of(definition, element_id)
    element = definition.elements[place]
    key = rulebook.unused_key(element.key, {one.key for one in definition.elements})
    table = without_ids(element.write()) | {"key": key}
    return add(definition, read_element(table, ()).with_ids(None), place + 1)


def remove(definition: Definition, element_id: str) -> Definition:
    """Without the element. KeyError if there is none. Raises Mistakes if others are shown by it."""
    place = place_of(definition, element_id)
    element = definition.elements[place]
    shown = shown_by(definition, element)
    if shown:
        raise Mistakes({RULES: _needed(element, shown[0])})
    label = "" if definition.folder_label == element.key else None
    elements = (*definition.elements[:place], *definition.elements[place + 1 :])
    return _with_elements(definition, elements, label)


def shown_by(definition: Definition, element: Element) -> Sequence[Element]:
    """What is shown by the answer to that question."""
    return [
        one
        for one in definition.elements
        if any(definition.asked_by(condition) is element for condition in one.show_if)
    ]


def _needed(element: Element, shown: Element) -> str:
    return gettext(
        "“%(question)s” must stay, because “%(label)s” is shown by the answer to it; change that rule "
        "first",
        question=element.label,
        label=shown.label,
    )


def describe(definition: Definition, given: Mapping[str, str]) -> Definition:
    """With the title and the description that were typed. Raises Mistakes."""
    values = typed.read(Definition, given, definition, only=("title", "description"))
    return replace(definition, **{"description": "", **values})


def dress(definition: Definition, given: Mapping[str, str]) -> Definition:
    """With the colour and the closing text that were typed. Raises Mistakes."""
    values = typed.read(Definition, given, definition, only=("accent", "closing"))
    return replace(definition, **{"accent": "", "closing": "", **values})


def name_folders_by(definition: Definition, key: str) -> Definition:
    """With the field of this key naming the folders of submissions; with an empty one, none."""
    try:
        return read_definition(
            definition.write() | {"folder_label": key} if key else _bare(definition)
        )
    except DefinitionError as wrong:
        raise typed.mistakes(Definition, wrong) from None


def _bare(definition: Definition) -> dict[str, Any]:
    return {name: value for name, value in definition.write().items() if name != "folder_label"}


def copy(definition: Definition, title: str) -> Definition:
    """The same questions for another form: with new ids."""
    table = without_ids(definition.write_by_keys()) | {"title": title}
    return read_definition(table).with_ids(None)


def without_ids(table: Any) -> Any:
    """A definition's table, or a part of it, without the stable ids of its elements and choices."""
    if isinstance(table, dict):
        kept = {name: value for name, value in table.items() if name != "id"}
        # In those an `id` is Indonesian.
        return {n: v if n == "translations" else without_ids(v) for n, v in kept.items()}
    return [without_ids(item) for item in table] if isinstance(table, list) else table
