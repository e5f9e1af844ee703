"""How two texts differ, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Letters of scripts that have no spaces between words stand alone.
_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\U00020000-\U000323af]|\w+|\s+|[^\w\s]")
MOST_WORDS = 3000  # of one text: comparing takes as long as their number squared
_LEAST_ALIKE = 0.3  # below, two texts are shown one after the other


class Kind(StrEnum):
    """What became of a part of a text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Part:
    """Some of a text."""

    kind: Kind
    text: str


def differences(old: str, new: str) -> Sequence[Part]:
    """Both texts as one: what stayed, what went, what came, in the order in which they are read."""
    if old == new:
        return _parts((Kind.SAME, new))
    words = _WORDS.findall(old), _WORDS.findall(new)
    if max(map(len, words)) > MOST_WORDS:
        return _parts((Kind.REMOVED, old), (Kind.ADDED, new))
    matcher = SequenceMatcher(None, *words, autojunk=False)
    if matcher.ratio() < _LEAST_ALIKE:
        return _parts((Kind.REMOVED, old), (Kind.ADDED, new))
    found: list[tuple[Kind, str]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            found.append((Kind.SAME, "".join(words[0][a:b])))
        else:
            found.append((Kind.REMOVED, "".join(words[0][a:b])))
            found.append((Kind.ADDED, "".join(words[1][c:d])))
    return _parts(*found)


def _parts(*found: tuple[Kind, str]) -> Sequence[Part]:
    return [Part(kind, text) for kind, text in found if text]
