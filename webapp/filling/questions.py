"""A question as the public page shows it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from ..forms.kinds import AnswerError, Field, Files, Given


@dataclass(frozen=True)
class KeptFile:
    """A file that came earlier, as the page lists it."""

    id: str
    filename: str
    size: int


@dataclass(frozen=True)
class Question:
    """A field with what was typed, and what is wrong with it."""

    field: Field
    values: Sequence[str] = ()
    error: str | None = None
    kept: Sequence[KeptFile] = ()
    rule: str = ""  # when it is shown, in words
    live: str = ""  # the same for the browser
    parts: Mapping[str, Sequence[str]] = dataclasses.field(
        default_factory=dict
    )  # what further inputs hold

    @cached_property
    def _given(self) -> Given:
        return Given(self.values, parts=self.parts)

    def part(self, name: str) -> str:
        """What the input of a part holds. Where the whole was sent under the key, its part of that."""
        if not any(self.parts.values()) and self.value:
            with suppress(AnswerError):
                stored = self.field.parse(self._given)
                inputs = {} if stored is None else self.field.inputs(stored)
                return "".join(inputs.get(name, ()))
        return self._given.part(name)

    @cached_property
    def wrong_parts(self) -> Sequence[str]:
        """Which parts the error is about; none where it is about the whole."""
        if self.error and not self.field.takes_files:
            try:
                self.field.answer(self._given)
            except AnswerError as wrong:
                return wrong.parts
        return ()

    @property
    def anchor(self) -> str:
        """The id of the first control that is wrong."""
        return f"{self.id}.{self.wrong_parts[0]}" if self.wrong_parts else self.id

    @property
    def understood(self) -> str:
        return self.field.understood(self._given) if self.value else ""

    @property
    def id(self) -> str:
        return f"f-{self.field.key}"

    @property
    def template(self) -> str:
        return self.field.template

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def hints(self) -> list[str]:
        return self.field.hints()

    @property
    def room(self) -> int:
        """How many more files may be chosen."""
        return max(self.field.max_files - len(self.kept), 0) if isinstance(self.field, Files) else 0
