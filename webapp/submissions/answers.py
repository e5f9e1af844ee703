"""Validating what a person gives, against the definition that they saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..forms.definition import Definition
from ..forms.kinds import AnswerError, Given


def validate(
    definition: Definition, given: Mapping[str, Given]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers by field id, and what is wrong by field key, in the form's order.

    `given` maps field keys to what came for them. Files are checked here and stored apart, so they
    have no answer. Nothing is to be accepted if anything is wrong.
    """
    answers: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in definition.fields:
        try:
            value = field.answer(given.get(field.key, Given()))
        except AnswerError as wrong:
            problems[field.key] = str(wrong)
            continue
        if value is not None and not field.takes_files:
            answers[field.id] = value
    return answers, problems
