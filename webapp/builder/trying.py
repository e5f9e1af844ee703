"""Trying a draft out: what people would be told for these answers, with nothing kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from ..filling.posted import read_posted
from ..forms.definition import Definition
from ..forms.kinds import Element, Given, ReceivedFile
from ..storage import names
from ..submissions.answers import validate
from ..uploads.media_types import UNKNOWN


@dataclass(frozen=True)
class Tried:
    """What was typed, and what is wrong with it by field key."""

    texts: Mapping[str, list[str]]
    problems: Mapping[str, str]


def try_out(definition: Definition, inputs: MultiDict[str, str]) -> Tried:
    """Checks answers as a hand-in does. Of files only the names come: they count as files of a byte."""
    posted = read_posted(definition, inputs, MultiDict())
    given = posted.given(definition, [])
    for field in definition.fields:
        if field.takes_files:
            given[field.key] = Given(files=_named(inputs.getlist(field.key)))
    _, problems = validate(definition, given)
    return Tried(posted.texts, problems)


def _named(given: list[str]) -> list[ReceivedFile]:
    shown = [names.shown_name(names.original_name(name)) for name in given if name]
    return [ReceivedFile(name, 1, UNKNOWN) for name in shown]


def alone(draft: Definition, element: Element) -> Definition:
    """A form that has this element only, shown to everybody."""
    shown = replace(element, show_if=())
    return replace(draft, description="", folder_label="", elements=(shown,))
