"""The languages that a form is given in, by their codes (RFC 5646): a language, and perhaps its script or
its country, such as `zh`, `zh-Hant`, `pt-BR`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError

from ..i18n import gettext, language
from .rulebook import RuleBroken

MOST_LANGUAGES = 20  # beside the first one
_MOST_WANTED = 20  # languages of a reader that are looked at
_CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3}|-[A-Z]{2}|-[0-9]{3})?")
# Those that a list offers; a file may name any other.
_OFFERED = (
    "am", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi",
    "fr", "ga", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "ko", "ku", "lt", "lv",
    "mk", "mn", "ms", "my", "nb", "ne", "nl", "pl", "ps", "pt", "ro", "ru", "sk", "sl", "so", "sq", "sr",
    "sv", "sw", "ta", "th", "ti", "tr", "uk", "ur", "uz", "vi", "zh", "zh-Hant",
)  # fmt: skip


@lru_cache(maxsize=1000)
def is_code(text: str) -> bool:
    """Whether that is the code of a language that is known."""
    if not _CODE.fullmatch(text):
        return False
    try:
        Locale.parse(text, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


def read_code(value: Any) -> str:
    """The code; empty for none."""
    if not isinstance(value, str) or (value and not is_code(value)):
        raise RuleBroken(gettext("must be the code of a language, such as en, zh or pt-BR."))
    return value


def read_codes(value: Any) -> tuple[str, ...]:
    """Several codes, each once."""
    if not isinstance(value, list) or not all(value):
        raise RuleBroken(
            gettext("must be a list of languages such as %(example)s.", example='["zh", "de"]')
        )
    if len(value) > MOST_LANGUAGES:
        raise RuleBroken(
            gettext(
                "must be %(most)s at most, and are %(count)s.",
                most=MOST_LANGUAGES,
                count=len(value),
            )
        )
    return tuple(dict.fromkeys(read_code(one) for one in value))


def best(codes: Sequence[str], wanted: Sequence[str]) -> str:
    """The one of the codes that a reader can do with best, who wants these languages; the first where
    there is none. (RFC 4647, section 3.4; and any `pt` is better than none for `pt-BR`.)"""
    for tag in wanted[:_MOST_WANTED]:
        found = _match(codes, tag.replace("_", "-").lower())
        if found:
            return found
    return codes[0]


def _match(codes: Sequence[str], tag: str) -> str:
    by_tag = {code.lower(): code for code in codes}
    spoken = tag.partition("-")[0]
    near = [code for code in codes if code.partition("-")[0] == spoken]
    if len(near) > 1:
        for one in (tag, f"{spoken}-{_script(tag)}", spoken):
            if one in by_tag:
                return by_tag[one]
    return near[0] if near else ""


def _script(tag: str) -> str:
    """In which script the language is written there: `hant` for `zh-tw`."""
    try:
        return (Locale.parse(tag, sep="-").script or "").lower()
    except (ValueError, UnknownLocaleError):
        return ""


def name_of(code: str) -> str:
    """What the reader calls the language; the code, where there is no word for it."""
    names = Locale.parse(language()).languages
    name = names.get(code.replace("-", "_"), "") or _with_subtag(
        code, names.get(code.partition("-")[0], "")
    )
    return name[:1].upper() + name[1:] if name else code


def _with_subtag(code: str, name: str) -> str:
    subtag = code.partition("-")[2]
    return f"{name} ({subtag})" if name and subtag else name


def choices() -> Sequence[tuple[str, str]]:
    """Languages to choose from, with their names: those that Intray speaks first, then by name."""
    first = ("en", "zh")
    named = sorted(((c, name_of(c)) for c in _OFFERED if c not in first), key=lambda one: one[1])
    return [*((code, name_of(code)) for code in first), *named]
