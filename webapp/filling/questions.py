"""A question as the public page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..forms.kinds import Field, Files


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
