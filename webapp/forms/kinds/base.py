"""What every field kind is and can do."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any, ClassVar

from ...i18n import gettext
from ...texts import is_seen, nfc
from .. import asking, rulebook
from ..rulebook import rule
from .comparing import ANSWERED, Comparing
from .elements import QUESTION, Element

HEAD_BYTES = 1024  # of a file, for telling what it is
Value = Any  # what is stored as JSON: a str, a bool, a list of str; of some kinds an object
Cell = str | Decimal | date | time  # what a spreadsheet holds


class AnswerError(Exception):
    """An answer breaks a rule; the text names the field and the rule, in the reader's language. Of a
    field with several inputs, `parts` are those that are wrong, in the page's order."""

    def __init__(self, message: str, *parts: str) -> None:
        super().__init__(message)
        self.parts = parts


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
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)  # of further inputs, by part

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""

    def part(self, name: str) -> str:
        texts = self.parts.get(name)
        return texts[0] if texts else ""


@dataclass(frozen=True)
class Column:
    """A column of a spreadsheet for answers to a field."""

    id: str  # different among the field's columns, the same in all versions
    label: str
    key: str
    cell: Callable[[Value], Cell | None]


@dataclass(frozen=True, kw_only=True)
class Field(Element, ABC):
    """One question of a form, with the rules for its answer."""

    level: ClassVar[int] = QUESTION
    compared: ClassVar[Comparing] = ANSWERED  # what a show-if rule can ask about its answer
    takes_files: ClassVar[bool] = False
    names_submission: ClassVar[bool] = False  # its answer says whose submission it is, likely
    is_address: ClassVar[bool] = False  # its answer is an e-mail address
    keeps_object: ClassVar[bool] = False  # its answers are stored as JSON objects

    required: bool = rule(
        rulebook.true_or_false, False, ask=asking.tick(lambda: gettext("Must be answered"))
    )

    @classmethod
    @abstractmethod
    def in_words(cls) -> tuple[str, str]:
        """What the kind is called, and what it is good for, in the reader's language."""

    def answer(self, given: Given) -> Value | None:
        """The value to be stored, None where nothing is answered. Raises AnswerError."""
        value = self.parse(given)
        if value is None and self.required:
            raise AnswerError(self.missing())
        return value

    @abstractmethod
    def parse(self, given: Given) -> Value | None:
        """The normalised value, None for nothing. Raises AnswerError."""

    def parts(self) -> Sequence[str]:
        """Which inputs the field has beside the one of its key: that of a part is named `key.part`,
        which no key can be."""
        return ()

    def inputs(self, value: Value) -> Mapping[str, Sequence[str]]:
        """The other way: what the page's inputs hold for a stored value, by part; that of the key
        itself is under the empty one."""
        return {"": [str(value)]}

    def understood(self, given: Given) -> str:
        """What an answer was taken for, to be shown beside it; empty where that is what was typed."""
        try:
            value = self.parse(given)
        except AnswerError:
            return ""
        shown = "" if value is None else " ".join(self.texts(value))
        return "" if shown == given.text.strip() else shown

    def missing(self) -> str:
        """What to say where a required answer is not given."""
        return gettext("%(label)s: please answer this question", label=self.named)

    def texts(self, value: Value) -> list[str]:
        """The stored value as people read it, on one line or several."""
        return [str(value)]

    def drawing(self, value: Value) -> str:
        """What was drawn, as the data of an SVG path; empty for nothing."""
        return ""

    def cell(self, value: Value) -> Cell:
        """The stored value as one cell of a spreadsheet."""
        return str(value)

    def columns(self) -> Sequence[Column]:
        """The columns that a spreadsheet has for the field."""
        return [Column("", self.label, self.key, self.cell)]

    def plain(self, value: Value) -> Value:
        """The stored value as other programs take it, in JSON."""
        return value

    def index_text(self, value: Value) -> str:
        """The stored value as a search finds it, the same in every language."""
        return str(value)

    def hints(self) -> list[str]:
        """Help and limits, in words, to be read before answering."""
        return [self.help] if self.help else []

    def limits(self) -> list[str]:
        """What an answer must be, in short, for whoever makes the form."""
        return []

    def scripts(self) -> Sequence[str]:
        """The modules under `static/js/` that make more of the field's inputs."""
        return ()

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


def between(least: str, most: str, *, is_when: bool = False) -> list[str]:
    """A least and a greatest value in words; an empty one is none. `is_when` for days and times."""
    if least and most:
        return [gettext("From %(least)s to %(most)s", least=least, most=most)]
    if least and is_when:
        return [gettext("%(least)s or later", least=least)]
    if least:
        return [gettext("%(least)s or more", least=least)]
    if most and is_when:
        return [gettext("%(most)s or earlier", most=most)]
    return [gettext("%(most)s or less", most=most)] if most else []


def clean(text: str, *, lines: bool = False) -> str:
    """Text as it is stored: NFC, no control characters, LF for line ends, no space around it. One of
    which nothing is seen is empty."""
    text = ("\n" if lines else " ").join(text.splitlines())
    if not lines:
        text = text.replace("\t", " ")
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    text = nfc("".join(kept)).strip()
    return text if is_seen(text) else ""


def bounded(text: str, most: int = 100) -> str | None:
    """One line of text as `clean` gives it; None if it is longer than anybody means, which is told
    before much work is put into it."""
    cleaned = clean(text) if len(text) <= 1000 + 4 * most else None
    return cleaned if cleaned is None or len(cleaned) <= most else None


def bare(text: str) -> str:
    """The text from its first character that is seen to the last, without the spaces and marks that
    come along when it is copied from a page or a list."""
    seen = [at for at, c in enumerate(text) if not c.isspace() and unicodedata.category(c) != "Cf"]
    return text[seen[0] : seen[-1] + 1] if seen else ""
