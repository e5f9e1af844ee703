"""Unicode's normal forms, in a time that grows with the text alone.

Python's own normalisation takes the square of the length of a run of combining marks, so a stranger
could hold the whole process up with one answer.
"""

from __future__ import annotations

import unicodedata

MOST_MARKS = 30  # in a row; no language has more (UAX #15, "Stream-Safe Text Format")


def nfc(text: str) -> str:
    """The text in NFC, in which equal characters are equal code points."""
    return unicodedata.normalize("NFC", _stream_safe(text))


def nfkc(text: str) -> str:
    """The text in NFKC, in which full-width forms and ligatures are plain letters."""
    return unicodedata.normalize("NFKC", _stream_safe(text))


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
