"""Editing a draft: each function takes a definition and gives the changed one, with ids that stay."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from ..i18n import gettext
from . import rulebook, typed
from .definition import MOST_FIELDS, Definition, read_definition
from .kinds import Field, read_field
from .rulebook import DefinitionError
from .typed import Mistakes


def find(definition: Definition, field_id: str) -> Field | None:
    """The field of that id."""
    return next((field for field in definition.fields if field.id == field_id), None)


def place_of(definition: Definition, field_id: str) -> int:
    """The field's place, from 0. KeyError if there is none."""
    for place, field in enumerate(definition.fields):
        if field.id == field_id:
            return place
    raise KeyError(field_id)


def read_typed(
    definition: Definition, kind: type[Field], given: Mapping[str, str], was: Field | None = None
) -> Field:
    """The field that was typed, new or in place of `was`. Raises Mistakes."""
    taken = {field.key for field in definition.fields if field is not was}
    more: dict[str, Any] = {"id": was.id} if was else {}
    if not given.get("key", "").strip():
        more["key"] = unused_key(given.get("label", "")[:300], taken)
    values = typed.read(kind, given, was, **more)
    if values["key"] in taken:
        label = gettext("Short name")
        raise Mistakes({"key": typed.told(label, gettext("must not be another question's"))})
    return typed.made(kind, values).with_ids(was)


def unused_key(label: str, taken: Container[str]) -> str:
    """A key that is made from the label, or else numbered."""
    base = rulebook.key_from(label)
    if base and base not in taken:
        return base
    stem = base[:35] if base else "question"
    return next(key for n in count(2 if base else 1) if (key := f"{stem}_{n}") not in taken)


def add(definition: Definition, field: Field, place: int | None = None) -> Definition:
    """With the field at a place from 0, else at the end. Raises Mistakes if there are too many."""
    if len(definition.fields) >= MOST_FIELDS:
        text = gettext("A form can have %(n)s questions at most", n=MOST_FIELDS)
        raise Mistakes({"label": text})
    fields = list(definition.fields)
    fields.insert(len(fields) if place is None else place, field)
    return replace(definition, fields=tuple(fields))


def change(definition: Definition, field: Field) -> Definition:
    """With the field in place of the one of its id. KeyError if there is none."""
    place = place_of(definition, field.id)
    old = definition.fields[place]
    fields = (*definition.fields[:place], field, *definition.fields[place + 1 :])
    names_folder = definition.folder_label == old.key
    label = field.key if names_folder else definition.folder_label
    return replace(definition, fields=fields, folder_label=label)


def move(definition: Definition, field_id: str, place: int) -> Definition:
    """With the field at a place from 0, or at the end if that lies beyond. KeyError if there is none."""
    fields = list(definition.fields)
    field = fields.pop(place_of(definition, field_id))
    fields.insert(min(max(place, 0), len(fields)), field)
    return replace(definition, fields=tuple(fields))


def duplicate(definition: Definition, field_id: str) -> Definition:
    """With the same question once more, right behind it. KeyError if there is none. Raises Mistakes."""
    place = place_of(definition, field_id)
    field = definition.fields[place]
    key = unused_key(field.key, {field.key for field in definition.fields})
    table = without_ids(field.write()) | {"key": key}
    return add(definition, read_field(table, ()).with_ids(None), place + 1)


def remove(definition: Definition, field_id: str) -> Definition:
    """Without the field. KeyError if there is none."""
    place = place_of(definition, field_id)
    field = definition.fields[place]
    label = "" if definition.folder_label == field.key else definition.folder_label
    fields = (*definition.fields[:place], *definition.fields[place + 1 :])
    return replace(definition, fields=fields, folder_label=label)


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
    return read_definition(without_ids(definition.write()) | {"title": title}).with_ids(None)


def without_ids(table: Any) -> Any:
    """A definition's table, or a part of it, without the stable ids of fields and choices."""
    if isinstance(table, dict):
        return {name: without_ids(value) for name, value in table.items() if name != "id"}
    return [without_ids(item) for item in table] if isinstance(table, list) else table
