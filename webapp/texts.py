"""Unicode's normal forms, in a time that grows with the text alone.

Python's own normalisation takes the square of the length of a run of combining marks, so a stranger
could hold the whole process up with one answer.
"""

from __future__ import annotations

import re
import unicodedata

# Default_Ignorable_Code_Point (UAX #44), other format characters, and the empty Braille cell.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)

MOST_MARKS = 30  # in a row; no language has more (UAX #15, "Stream-Safe Text Format")


def nfc(text: str) -> str:
    """The text in NFC, in which equal characters are equal code points."""
    return unicodedata.normalize("NFC", _stream_safe(text))


def nfkc(text: str) -> str:
    """The text in NFKC, in which full-width forms and ligatures are plain letters."""
    return unicodedata.normalize("NFKC", _stream_safe(text))


def is_seen(text: str) -> bool:
    """Whether anything of the text is seen: not where it is spaces and what Unicode has no shape for."""
    return any(not c.isspace() and not _UNSEEN.match(c) for c in text)


def _stream_safe(text: str) -> str:
    """The text without the marks that come after MOST_MARKS others."""
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
