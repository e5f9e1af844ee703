"""What was removed, on its way back: it is kept, signed, in the notice that says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from ..forms import editing, rulebook
from ..forms.definition import Definition
from ..forms.kinds import Element, read_element
from ..forms.rulebook import DefinitionError

_SALT = "builder-removed"


@dataclass(frozen=True)
class Removed:
    """An element that was in a form."""

    form_id: str  # the form's public id
    element: Element
    after: str  # the id of the element that stood before it; empty for the first
    place: int  # from 0
    names_folders: bool


def removed(form_id: str, draft: Definition, element_id: str) -> Removed:
    """What is about to be removed. KeyError if there is none."""
    place = editing.place_of(draft, element_id)
    element = draft.elements[place]
    after = draft.elements[place - 1].id if place else ""
    return Removed(form_id, element, after, place, draft.folder_label == element.key)


def sign(secret: bytes, gone: Removed) -> str:
    """The text that a page carries."""
    table = {
        "form": gone.form_id,
        "element": gone.element.write(),
        "after": gone.after,
        "place": gone.place,
        "names_folders": gone.names_folders,
    }
    return URLSafeSerializer(secret, salt=_SALT).dumps(table)


def read(secret: bytes, form_id: str, text: str) -> Removed | None:
    """What a page carried; None where that was not signed here, or is another form's."""
    try:
        table: dict[str, Any] = URLSafeSerializer(secret, salt=_SALT).loads(text)
        element = read_element(table["element"], ())
    except (BadData, DefinitionError):  # a newer program may read elements otherwise
        return None
    if table["form"] != form_id:
        return None
    return Removed(form_id, element, table["after"], table["place"], table["names_folders"])


def bring_back(draft: Definition, gone: Removed) -> Definition:
    """The draft with the element where it was, under the id that it had. One that is there already
    stays. Raises Mistakes where there is no room for it, or its rules do not hold any more."""
    if editing.find(draft, gone.element.id) is not None:
        return draft
    keys = {one.key for one in draft.elements}
    key = gone.element.key
    element = gone.element if key not in keys else _called_otherwise(gone.element, keys)
    result = editing.add(draft, element, _place(draft, gone))
    if gone.names_folders and not draft.folder_label:
        return replace(result, folder_label=element.key)
    return result


def _called_otherwise(element: Element, keys: set[str]) -> Element:
    return replace(element, key=rulebook.unused_key(element.key, keys))


def _place(draft: Definition, gone: Removed) -> int:
    """Behind what stood before it, wherever that is now."""
    if not gone.after:
        return 0
    before = editing.find(draft, gone.after)
    return editing.place_of(draft, before.id) + 1 if before else gone.place
