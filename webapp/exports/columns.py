"""The columns of an export: the union of what a form's versions ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..forms.definition import Definition
from ..forms.kinds import Field
from ..i18n import gettext


@dataclass(frozen=True)
class Question:
    """The column of one field, over all versions that have it."""

    field: Field  # as the newest of them asks
    version: int  # that version's number


def questions_of(versions: Iterable[tuple[int, Definition]]) -> list[Question]:
    """The columns of numbered versions, which come newest first: in the newest one's order; a field that
    is gone stands where it stood, behind the field that it followed."""
    found: dict[str, Question] = {}
    order: list[str] = []
    for number, definition in versions:
        place = 0
        for field in definition.fields:
            if field.id in found:
                place = order.index(field.id) + 1
                continue
            found[field.id] = Question(field, number)
            order.insert(place, field.id)
            place += 1
    return [found[field_id] for field_id in order]


def headings(questions: Sequence[Question], others: Iterable[str]) -> list[str]:
    """What stands above the columns: the labels. Where a label is another's too, or one of `others`, the
    key tells them apart; and where a field of that key is gone, the last version that had it."""
    labels = Counter([*others, *(question.field.label for question in questions)])
    keys = Counter((question.field.label, question.field.key) for question in questions)
    return [
        _told_apart(question, keys) if labels[question.field.label] > 1 else question.field.label
        for question in questions
    ]


def _told_apart(question: Question, keys: Counter[tuple[str, str]]) -> str:
    field = question.field
    if keys[field.label, field.key] == 1:
        return f"{field.label} ({field.key})"
    return gettext(
        "%(label)s (%(key)s, version %(n)s)", label=field.label, key=field.key, n=question.version
    )
