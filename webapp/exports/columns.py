"""The columns of an export: the union of what a form's versions ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..forms.definition import Definition
from ..forms.kinds import Column, Field
from ..i18n import gettext

ColumnId = tuple[str, str]  # of the field, and of the column among the field's


@dataclass(frozen=True)
class Question:
    """A column of one field, over all versions that have it."""

    field: Field  # as the newest of them asks
    column: Column
    version: int  # that version's number

    @property
    def id(self) -> ColumnId:
        return self.field.id, self.column.id


def questions_of(versions: Iterable[tuple[int, Definition]]) -> list[Question]:
    """The columns of numbered versions, which come newest first: in the newest one's order; a field that
    is gone stands where it stood, behind the field that it followed. So do the columns of a field."""
    found: dict[ColumnId, Question] = {}
    order: list[ColumnId] = []
    for number, definition in versions:
        place = 0
        for field in definition.fields:
            for column in field.columns():
                question = Question(field, column, number)
                if question.id in found:
                    place = order.index(question.id) + 1
                    continue
                found[question.id] = question
                order.insert(place, question.id)
                place += 1
    return [found[id] for id in order]


def headings(questions: Sequence[Question], others: Iterable[str]) -> list[str]:
    """What stands above the columns: the labels. Where a label is another's too, or one of `others`, the
    key tells them apart; and where a field of that key is gone, the last version that had it."""
    columns = [question.column for question in questions]
    labels = Counter([*others, *(column.label for column in columns)])
    keys = Counter((column.label, column.key) for column in columns)
    return [
        _told_apart(question, keys) if labels[question.column.label] > 1 else question.column.label
        for question in questions
    ]


def _told_apart(question: Question, keys: Counter[tuple[str, str]]) -> str:
    column = question.column
    if keys[column.label, column.key] == 1:
        return f"{column.label} ({column.key})"
    return gettext(
        "%(label)s (%(key)s, version %(n)s)",
        label=column.label,
        key=column.key,
        n=question.version,
    )
