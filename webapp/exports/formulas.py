"""Keeping a spreadsheet from reading a text as a formula (OWASP, "CSV Injection")."""

from __future__ import annotations

import re

# What is not seen before a sign: spaces, and what Unicode calls Default_Ignorable_Code_Point (UAX #44).
_UNSEEN = (
    r"[^\S\t\n\r]|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
# The signs that begin a formula, full-width and small ones as well, since some input methods give them
# and some programs take them.
_SIGNS = r"[=+\-@＝＋－＠﹦﹢﹣﹫−]"
_START = re.compile(rf"(?:{_UNSEEN})*+(?:{_SIGNS}|[\t\r\n])")
# A cell's text also begins behind a line end, a tab or a semicolon, for a program that takes one of them
# for what parts the cells, as Excel does with the semicolon in half of Europe: then our quotation marks
# are within a cell and mean nothing. One of the text's own that follows is taken for the cell's.
_START_WITHIN = re.compile(rf'[\t\r\n;](?=(?:{_UNSEEN}|")*+{_SIGNS})')


def defused(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet might see the start of a formula."""
    if _START_WITHIN.search(text):
        text = _START_WITHIN.sub(r"\g<0>'", text)
    return "'" + text if _START.match(text) else text
