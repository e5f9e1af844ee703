"""The kind whose answer is a yes to a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ...i18n import gettext
from . import comparing
from .base import Field, Given, clean

_NO = frozenset({"no", "false", "off", "0"})  # what a program may send where a box is not ticked


@dataclass(frozen=True, kw_only=True)
class Consent(Field):
    """A sentence that is agreed to; the label is the sentence, and its version keeps the words."""

    kind: ClassVar[str] = "consent"
    compared: ClassVar[comparing.Comparing] = comparing.TICKED

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Consent"), gettext("A sentence to agree to, with a box to tick.")

    def parse(self, given: Given) -> bool | None:
        text = clean(given.text)
        return True if text and text.casefold() not in _NO else None

    def missing(self) -> str:
        return gettext("Please tick this box to go on: %(label)s", label=self.label)

    def texts(self, value: bool) -> list[str]:
        return [gettext("Yes")]

    def inputs(self, value: bool) -> Mapping[str, Sequence[str]]:
        return {"": ["yes"]}

    def index_text(self, value: bool) -> str:
        return ""

    def cell(self, value: bool) -> str:
        return gettext("Yes")
