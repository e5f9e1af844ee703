"""The reader's language: texts, and the machinery that finds their translation.

English is the source. It stands on Babel alone and on a context variable, so that rules and jobs
can speak to people without a request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations

SOURCE = "en"
LANGUAGES = {"en": "English", "zh": "中文"}
FOLDER = Path(__file__).parent / "translations"

_language: ContextVar[str | Callable[[], str]] = ContextVar("language", default=SOURCE)


def language() -> str:
    """The code of the language that texts come in now."""
    chosen = _language.get()
    if not isinstance(chosen, str):
        chosen = chosen()
        _language.set(chosen)
    return chosen


def find_language_by(find: Callable[[], str]) -> None:
    """From here on, texts come in the language whose code this gives. It is asked with the first text."""
    _language.set(find)


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
