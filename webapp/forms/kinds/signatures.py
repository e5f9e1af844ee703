"""The kind whose answer is a signature: drawn with a finger, or a name that is typed.

What is drawn comes and stays as the numbers of its points. No picture is taken from anybody: pages make
one of the numbers, as a path of SVG, which holds nothing but them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ...i18n import gettext
from .base import AnswerError, Field, Given, bounded
from .texts import UTF8_BYTES

WIDTH, HEIGHT = 600, 200  # of what is drawn on; points are whole numbers in it
MOST_POINTS = 3000
FEWEST_POINTS = 5  # fewer come from a touch by accident
MOST_NAME = 200  # characters
_POINT_BYTES = 8  # at most: `600,200 `

# Points `x,y` with spaces between them, strokes with semicolons.
_STROKES = re.compile(r"\d{1,3},\d{1,3}(?:[ ;]\d{1,3},\d{1,3})*", re.ASCII)


def read_strokes(text: str) -> list[list[tuple[int, int]]] | None:
    """The points of each stroke; None where the text holds anything else, or too much."""
    if len(text) > MOST_POINTS * _POINT_BYTES or not _STROKES.fullmatch(text):
        return None
    strokes = [[_point(pair) for pair in stroke.split(" ")] for stroke in text.split(";")]
    points = [point for stroke in strokes for point in stroke]
    fit = all(x <= WIDTH and y <= HEIGHT for x, y in points)
    return strokes if fit and len(points) <= MOST_POINTS else None


def _point(pair: str) -> tuple[int, int]:
    x, _, y = pair.partition(",")
    return int(x), int(y)


@dataclass(frozen=True, kw_only=True)
class Signature(Field):
    """A signature, stored as `{"drawn": …}`, `{"typed": …}` or both."""

    kind: ClassVar[str] = "signature"
    keeps_object: ClassVar[bool] = True

    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT
    most_points: ClassVar[int] = MOST_POINTS

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Signature"), gettext("Drawn with a finger or a mouse, or a typed name.")

    def parts(self) -> Sequence[str]:
        return ("drawn",)

    def scripts(self) -> Sequence[str]:
        return ("js/signature.js",)

    def parse(self, given: Given) -> dict[str, str] | None:
        found = {"drawn": self._drawn(given.part("drawn")), "typed": self._typed(given.text)}
        return {how: text for how, text in found.items() if text} or None

    def _drawn(self, sent: str) -> str:
        text = sent.strip()
        if not text:
            return ""
        strokes = read_strokes(text)
        if strokes is None:
            told = gettext(
                "%(label)s: the drawing could not be read; please draw it again, or type your name",
                label=self.named,
            )
            raise AnswerError(told)
        if sum(map(len, strokes)) < FEWEST_POINTS:
            told = gettext(
                "%(label)s: the drawing is too short; please draw your whole signature, or type "
                "your name",
                label=self.named,
            )
            raise AnswerError(told)
        return text

    def _typed(self, sent: str) -> str:
        name = bounded(sent, MOST_NAME)
        if name is None:
            told = gettext(
                "%(label)s: the name must have %(n)s characters or fewer",
                label=self.named,
                n=MOST_NAME,
            )
            raise AnswerError(told)
        return name

    def missing(self) -> str:
        return gettext("%(label)s: please sign, or type your name", label=self.named)

    def understood(self, given: Given) -> str:
        return ""

    def inputs(self, value: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
        return {"": [value.get("typed", "")], "drawn": [value.get("drawn", "")]}

    def texts(self, value: Mapping[str, str]) -> list[str]:
        told = [gettext("Signed by drawing")] if value.get("drawn") else []
        return [*told, value["typed"]] if value.get("typed") else told

    def drawing(self, value: Mapping[str, str]) -> str:
        """The path of what was drawn; made of numbers alone, also where a database was tampered with."""
        strokes = read_strokes(value.get("drawn", "")) or []
        return "".join(
            "M{},{}L".format(*stroke[0]) + " ".join(f"{x},{y}" for x, y in stroke)
            for stroke in strokes
        )

    def plain(self, value: Mapping[str, str]) -> dict[str, object]:
        """Whether it was drawn, and the path; and the name that was typed."""
        return {"typed": value.get("typed"), "path": self.drawing(value) or None}

    def index_text(self, value: Mapping[str, str]) -> str:
        return value.get("typed", "")

    def cell(self, value: Mapping[str, str]) -> str:
        return "; ".join(self.texts(value))

    def most_parts(self) -> int:
        return 2

    def most_text_bytes(self) -> int:
        return MOST_POINTS * _POINT_BYTES + MOST_NAME * UTF8_BYTES
