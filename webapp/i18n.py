"""The reader's language: texts, and the machinery that finds their translation.

English is the source. It stands on Babel alone and on a context variable, so that rules and jobs
can speak to people without a request.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations, Translations

SOURCE = "en"
LANGUAGES = {"en": "English", "zh": "中文"}
FOLDER = Path(__file__).parent / "translations"


@dataclass(frozen=True)
class Offered:
    """The languages that what is shown is given in, and which of them it is in."""

    spoken: str
    codes: Sequence[str]


_language: ContextVar[str | Callable[[], str]] = ContextVar("language", default=SOURCE)
_wanted: ContextVar[Callable[[], Sequence[str]]] = ContextVar("wanted", default=tuple)
_offered: ContextVar[Offered | None] = ContextVar("offered", default=None)
_written: ContextVar[str] = ContextVar("written", default="")


def language() -> str:
    """The code of the language that texts come in now."""
    chosen = _language.get()
    if not isinstance(chosen, str):
        chosen = chosen()
        _language.set(chosen)
    return chosen


def find_language_by(find: Callable[[], str], wanted: Callable[[], Sequence[str]]) -> None:
    """From here on, texts come in the language whose code this gives. It is asked with the first text.
    `wanted` gives all languages that the reader can do with, the dearest first."""
    _language.set(find)
    _wanted.set(wanted)
    _offered.set(None)
    _written.set("")


def wanted() -> Sequence[str]:
    """The reader's languages, the dearest first: codes as RFC 5646 has them, whoever speaks them."""
    return _wanted.get()()


def offer(spoken: str, codes: Sequence[str]) -> None:
    """What is shown from here on has languages of its own. Intray speaks the same one, if it can."""
    _offered.set(Offered(spoken, codes))
    if nearest(spoken):
        set_language(nearest(spoken))


def offered() -> Offered | None:
    """The languages of what is shown; None where it has none of its own."""
    return _offered.get()


def write_in(code: str) -> None:
    """What is shown from here on is written in that language, whether Intray speaks it or not."""
    _written.set(code)


def is_from_right() -> bool:
    """Whether what is shown is written from right to left."""
    return bool(_written.get()) and _runs_from_right(_written.get())


@lru_cache(maxsize=100)
def _runs_from_right(code: str) -> bool:
    try:
        return Locale.parse(code, sep="-").text_direction == "rtl"
    except (ValueError, UnknownLocaleError):
        return False


def nearest(code: str) -> str:
    """The language of that code as Intray speaks it: `zh` for `zh-Hant`; empty if it does not."""
    spoken = code.partition("-")[0]
    return spoken if spoken in LANGUAGES else ""


def own_name(code: str) -> str:
    """What a language calls itself; the code, if it is none that is known."""
    if code in LANGUAGES:
        return LANGUAGES[code]
    try:
        name = Locale.parse(code, sep="-").get_display_name()
    except (ValueError, UnknownLocaleError):
        return code
    return name[:1].upper() + name[1:] if name else code


def set_language(code: str) -> None:
    """From here on, texts come in this language; KeyError for one that Intray does not speak."""
    _language.set(code if LANGUAGES[code] else SOURCE)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Inside the block, texts come in this language."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


@cache
def _catalogue(code: str) -> NullTranslations:
    return Translations.load(FOLDER, [code])


def gettext(message: str, **values: Any) -> str:
    """The message in the reader's language, `%(name)s` filled in."""
    text: str = _catalogue(language()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, **values: Any) -> str:
    """The message in the form for `n`, which is filled in as `%(n)s`."""
    text: str = _catalogue(language()).ngettext(singular, plural, n)
    return text % {"n": n, **values}


def isolated(text: str) -> str:
    """The text so that it does not turn what stands around it, where it runs from right to left. (Unicode
    Standard Annex #9, section 2.4.2)"""
    if any(unicodedata.bidirectional(one) in ("R", "AL") for one in text):
        return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
    return text


def in_a_row(texts: Iterable[str]) -> str:
    """Several whole sentences, one after the other."""
    return ("" if language() == "zh" else " ").join(texts)


def listed(texts: Iterable[str]) -> str:
    """Several messages without a stop at their ends, as one."""
    return ("；" if language() == "zh" else "; ").join(texts)


def in_a_list(texts: Iterable[str]) -> str:
    """Several names, one after another."""
    return ("、" if language() == "zh" else ", ").join(texts)


def any_of(texts: Sequence[str]) -> str:
    """Several things of which one is meant: `A, B or C`."""
    return _joined(texts, "或" if language() == "zh" else " or ")


def all_of(texts: Sequence[str]) -> str:
    """Several things that are all meant: `A, B and C`."""
    return _joined(texts, "并且" if language() == "zh" else " and ")


def _joined(texts: Sequence[str], last: str) -> str:
    first = ("、" if language() == "zh" else ", ").join(texts[:-1])
    return last.join([first, *texts[-1:]] if first else texts)
