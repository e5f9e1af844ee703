"""What a text is found by: its words, for writing as well as for asking.

Both databases are given these words and split nothing themselves, so that a search finds the same in
both. Chinese, Japanese and Korean have no words that a program could tell: their runs are taken apart
into single characters and pairs that overlap, so that 小明 finds 王小明.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from ..texts import nfc, nfkc

MOST_CHARACTERS = 60  # of a word: what comes after them is not looked at
MOST_ASKED = 20  # words of a search: they have found what there is by then
_KEPT_MARKS = 10  # the combining class below which a mark makes another letter, as in Japanese

# Han with its marks, kana, bopomofo, hangul.
_RUNS = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u318f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001aff0-\U0001b16f\U00020000-\U000323af"
)
# From India to Cambodia vowels are marks, which `\w` leaves out: there whole blocks are letters.
_WITH_MARKS = "\u0900-\u109f\u1780-\u17ff"
_WORD = re.compile(f"([{_RUNS}]+)|((?:(?![{_RUNS}])[^\\W_]|[{_WITH_MARKS}])+)")


def most_words(texts: Iterable[str], most_bytes: int) -> list[str]:
    """The different words of the texts in their order, as many as fit into so many bytes of UTF-8."""
    found: dict[str, None] = {}
    used = 0
    for word in (word for text in texts for word in _words(text)):
        if word not in found:
            used += len(word.encode()) + 1
            if used > most_bytes:
                break
            found[word] = None
    return list(found)


def asked_words(query: str) -> tuple[list[str], list[str]]:
    """What a search asks for: words that must be there, and beginnings of words that must be there. Both
    are empty where nothing can be looked for."""
    whole: dict[str, None] = {}
    beginnings: dict[str, None] = {}
    for run, word in _runs(query[:1000]):
        if run:
            whole.update(dict.fromkeys(_pairs(run) or run))
        else:
            beginnings[word] = None
    return list(whole)[:MOST_ASKED], list(beginnings)[:MOST_ASKED]


def folded(text: str) -> str:
    """What remains of a text when small and capital letters, accents and widths are not told apart."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", nfkc(text).casefold())
    return nfc("".join(c for c in apart if unicodedata.combining(c) < _KEPT_MARKS))


def _words(text: str) -> Iterator[str]:
    for run, word in _runs(text):
        if run:
            yield from run
            yield from _pairs(run)
        else:
            yield word


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """The runs of characters without spaces between words, and the words: one of the two is empty."""
    for match in _WORD.finditer(folded(text)):
        yield match[1] or "", (match[2] or "")[:MOST_CHARACTERS]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]
