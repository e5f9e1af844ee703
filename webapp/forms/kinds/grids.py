"""The kind that asks the same of several things: one of the same columns for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Self

from ...i18n import gettext
from ..rulebook import DefinitionError, rule
from . import options
from .base import AnswerError, Column, Field, Given, clean
from .elements import Element

MOST_ROWS, MOST_COLUMNS = 50, 12
_NAMED = 3  # rows that a message names, before it says how many there are


@dataclass(frozen=True, kw_only=True)
class Matrix(Field):
    """Rows by columns, one column for each row; stored as column ids by row ids."""

    kind: ClassVar[str] = "matrix"
    keeps_object: ClassVar[bool] = True

    rows: tuple[options.Option, ...] = rule(
        options.up_to(MOST_ROWS),
        (),
        options.write_options,
        options.asked(
            lambda: gettext("Rows"),
            lambda: gettext("What is asked about, one on each line."),
            lambda number: gettext("Row %(n)s", n=number),
        ),
        said_by_parts=True,
    )
    choices: tuple[options.Option, ...] = rule(
        options.up_to(MOST_COLUMNS),
        (),
        options.write_options,
        options.asked(
            lambda: gettext("Columns"),
            lambda: gettext("The choices for every row, one on each line."),
            lambda number: gettext("Column %(n)s", n=number),
        ),
        said_by_parts=True,
    )

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Grid"), gettext("Several rows, with the same choices for each.")

    def __post_init__(self) -> None:
        for name in ("rows", "choices"):
            if not getattr(self, name):
                raise DefinitionError((name,), gettext("is missing."))

    def with_ids(self, earlier: Element | None) -> Self:
        old = earlier if isinstance(earlier, Matrix) else None
        rows = options.with_ids(self.rows, old.rows if old else ())
        choices = options.with_ids(self.choices, old.choices if old else ())
        return replace(super().with_ids(earlier), rows=rows, choices=choices)

    def parts(self) -> Sequence[str]:
        return [row.key for row in self.rows]

    def parse(self, given: Given) -> dict[str, str] | None:
        found = {row.id: self._column(row, given) for row in self.rows}
        answered = {row_id: column_id for row_id, column_id in found.items() if column_id}
        left = [row for row in self.rows if row.id not in answered]
        if answered and left and self.required:
            raise self._incomplete(left)
        return answered or None

    def _column(self, row: options.Option, given: Given) -> str:
        """The id of what was chosen for the row, empty for nothing. A label is taken for its key."""
        ids = {clean(o.label): o.id for o in self.choices} | {o.key: o.id for o in self.choices}
        wanted = {clean(text) for text in given.parts.get(row.key, ())} - {""}
        if len(wanted) > 1:
            raise AnswerError(self._of(row, gettext("please choose only one")), row.key)
        chosen = wanted.pop() if wanted else ""
        if chosen and chosen not in ids:
            raise AnswerError(self._of(row, gettext("please choose from the list")), row.key)
        return ids[chosen] if chosen else ""

    def _of(self, row: options.Option, what: str) -> str:
        return gettext("%(label)s, “%(row)s”: %(what)s", label=self.named, row=row.label, what=what)

    def _incomplete(self, left: Sequence[options.Option]) -> AnswerError:
        named = ", ".join(f"“{row.label}”" for row in left[:_NAMED])
        if len(left) > _NAMED:
            message = gettext(
                "%(label)s: please choose one for %(rows)s and %(n)s more",
                label=self.named,
                rows=named,
                n=len(left) - _NAMED,
            )
        else:
            message = gettext(
                "%(label)s: please choose one for %(rows)s", label=self.named, rows=named
            )
        return AnswerError(message, *(row.key for row in left))

    def answer(self, given: Given) -> dict[str, str] | None:
        value = self.parse(given)
        if value is None and self.required:
            raise AnswerError(self.missing(), *self.parts())
        return value

    def missing(self) -> str:
        return gettext("%(label)s: please choose one in each row", label=self.named)

    def texts(self, value: Mapping[str, str]) -> list[str]:
        told = ((row.label, self._label(value.get(row.id))) for row in self.rows)
        return [gettext("%(label)s: %(text)s", label=row, text=text) for row, text in told if text]

    def _label(self, column_id: str | None) -> str:
        return next((column.label for column in self.choices if column.id == column_id), "")

    def plain(self, value: Mapping[str, str]) -> dict[str, str]:
        keys = {column.id: column.key for column in self.choices}
        return {row.key: keys[value[row.id]] for row in self.rows if row.id in value}

    def inputs(self, value: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
        return {row: [column] for row, column in self.plain(value).items()}

    def index_text(self, value: Mapping[str, str]) -> str:
        return ""  # of the same few words in every submission

    def cell(self, value: Mapping[str, str]) -> str:
        return "; ".join(self.texts(value))

    def columns(self) -> Sequence[Column]:
        return [self._of_row(row) for row in self.rows]

    def _of_row(self, row: options.Option) -> Column:
        label = gettext("%(label)s: %(text)s", label=self.named, text=row.label)
        return Column(row.id, label, f"{self.key}.{row.key}", partial(self._cell_of, row.id))

    def _cell_of(self, row_id: str, value: Mapping[str, str]) -> str | None:
        return self._label(value.get(row_id)) or None

    def most_parts(self) -> int:
        return len(self.rows)

    def most_text_bytes(self) -> int:
        return 1500 * len(self.rows)
