"""Validating what a person gives, against the definition that they saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..forms.definition import Definition
from ..forms.kinds import AnswerError, Field, Given


def validate(
    definition: Definition, given: Mapping[str, Given]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers by field id, and what is wrong by field key, in the form's order.

    `given` maps field keys to what came for them. What came for a field that is not shown is left out,
    and never wrong. Files are checked here and stored apart, so they have no answer. Nothing is to be
    accepted if anything is wrong.
    """
    answers: dict[str, Any] = {}
    problems: dict[str, str] = {}
    walk = definition.walk()
    for field in definition.elements:
        if not walk.shows(field) or not isinstance(field, Field):
            continue
        try:
            value = field.answer(given.get(field.key, Given()))
        except AnswerError as wrong:
            problems[field.key] = str(wrong)
            continue
        walk.answer(field, value)
        if value is not None and not field.takes_files:
            answers[field.id] = value
    return answers, problems


def shown(
    definition: Definition, answers: Mapping[str, Any], file_fields: Iterable[str]
) -> frozenset[str]:
    """The ids of the fields that are shown for these answers, and for files that were given to the fields
    of these ids."""
    return definition.shown({**dict.fromkeys(file_fields, True), **answers})
