"""What every field kind is and can do."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from ...i18n import gettext
from ...ids import stable_id
from ...texts import is_seen, nfc
from .. import asking, rulebook
from ..rulebook import DefinitionError, rule

HEAD_BYTES = 1024  # of a file, for telling what it is
Value = Any  # what is stored as JSON: a str, a bool, a list of str
Cell = str | Decimal | date  # what a spreadsheet holds


class AnswerError(Exception):
    """An answer breaks a rule; the text names the field and the rule, in the reader's language."""


@dataclass(frozen=True)
class ReceivedFile:
    """A file that came with an answer and is not yet handed in."""

    filename: str
    size: int  # bytes
    media_type: str
    head: bytes = b""  # its first HEAD_BYTES, where they are known


@dataclass(frozen=True)
class Given:
    """What a request gives for one field."""

    texts: Sequence[str] = ()
    files: Sequence[ReceivedFile] = ()

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """One question of a form, with the rules for its answer."""

    kind: ClassVar[str]
    takes_files: ClassVar[bool] = False
    names_submission: ClassVar[bool] = False  # its answer says whose submission it is, likely
    is_address: ClassVar[bool] = False  # its answer is an e-mail address

    key: str = rule(
        rulebook.key,
        ask=asking.Ask(
            lambda: gettext("Short name"),
            lambda: gettext(
                "Names the column in exports: small letters, digits and _. It is made from the question "
                "unless given."
            ),
            is_further=True,
        ),
    )
    label: str = rule(rulebook.text(300, least=1), ask=asking.line(lambda: gettext("Question")))
    help: str = rule(
        rulebook.text(2000, lines=True),
        "",
        ask=asking.area(
            lambda: gettext("Help"), lambda: gettext("Stands beneath the question, if given.")
        ),
    )
    required: bool = rule(
        rulebook.true_or_false, False, ask=asking.tick(lambda: gettext("Must be answered"))
    )
    id: str = rule(rulebook.stable_id, "")

    @classmethod
    @abstractmethod
    def in_words(cls) -> tuple[str, str]:
        """What the kind is called, and what it is good for, in the reader's language."""

    @classmethod
    def read(cls, table: Mapping[str, Any], place: tuple[str | int, ...]) -> Self:
        """The field that a definition's table describes. Raises DefinitionError."""
        values = rulebook.read_values(cls, table, place)
        try:
            return cls(**values)
        except DefinitionError as wrong:  # a rule that two values break together
            raise DefinitionError((*place, *wrong.place), wrong.rule, wrong.other) from None

    def write(self) -> dict[str, Any]:
        """The table that `read_field` reads back as this field."""
        return {"kind": self.kind, **rulebook.write_values(self)}

    def with_ids(self, earlier: Field | None) -> Field:
        """The same field with stable ids where it has none: those of an earlier form of it, or new."""
        return replace(self, id=self.id or (earlier.id if earlier else stable_id()))

    def answer(self, given: Given) -> Value | None:
        """The value to be stored, None where nothing is answered. Raises AnswerError."""
        value = self.parse(given)
        if value is None and self.required:
            raise AnswerError(self.missing())
        return value

    @abstractmethod
    def parse(self, given: Given) -> Value | None:
        """The normalised value, None for nothing. Raises AnswerError."""

    def missing(self) -> str:
        """What to say where a required answer is not given."""
        return gettext("%(label)s: please answer this question", label=self.named)

    def texts(self, value: Value) -> list[str]:
        """The stored value as people read it, on one line or several."""
        return [str(value)]

    def cell(self, value: Value) -> Cell:
        """The stored value as one cell of a spreadsheet."""
        return str(value)

    def plain(self, value: Value) -> Value:
        """The stored value as other programs take it, in JSON."""
        return value

    def typed(self, value: Value) -> list[str]:
        """What the field's inputs would send for the stored value."""
        return [str(value)]

    def index_text(self, value: Value) -> str:
        """The stored value as a search finds it, the same in every language."""
        return str(value)

    def hints(self) -> list[str]:
        """Help and limits, in words, to be read before answering."""
        return [self.help] if self.help else []

    def most_text_bytes(self) -> int:
        """How many bytes of text a well-meant answer can have."""
        return 1000

    def most_parts(self) -> int:
        """How many parts of a multipart body a well-meant answer can have."""
        return 1

    def most_file_bytes(self) -> int:
        """How large each file may be, in bytes."""
        return 0

    @property
    def named(self) -> str:
        """The label as messages name it: without the sign that ends it, since the sentence goes on."""
        return self.label.rstrip(" .:?!。：？！") or self.label

    @property
    def template(self) -> str:
        return f"forms/kinds/{self.kind}.html"


def clean(text: str, *, lines: bool = False) -> str:
    """Text as it is stored: NFC, no control characters, LF for line ends, no space around it. One of
    which nothing is seen is empty."""
    text = ("\n" if lines else " ").join(text.splitlines())
    if not lines:
        text = text.replace("\t", " ")
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    text = nfc("".join(kept)).strip()
    return text if is_seen(text) else ""


def bare(text: str) -> str:
    """The text from its first character that is seen to the last, without the spaces and marks that
    come along when it is copied from a page or a list."""
    seen = [at for at, c in enumerate(text) if not c.isspace() and unicodedata.category(c) != "Cf"]
    return text[seen[0] : seen[-1] + 1] if seen else ""
