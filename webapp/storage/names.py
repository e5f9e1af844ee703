"""Names for folders and files that every system can bear and a person can read.

What people type reaches a file system only through here. The rules are those of the strictest system,
Windows, wherever Intray runs: the data folder may move.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable

from ..texts import nfc

FORM_UNITS, FOLDER_UNITS, FILE_UNITS = 40, 60, 80  # UTF-16 code units, which Windows counts in
MOST_BYTES = 255  # of UTF-8, which Linux counts in
_EXTENSION_UNITS = 16

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE
)
# Unassigned, private, surrogate, control, and format characters, which hold the bidi marks.
_UNSEEN = frozenset({"Cn", "Co", "Cs", "Cc", "Cf", "Zl", "Zp"})
_JOINER = "\u200d"  # holds emoji and some scripts' letters together

# Windows Explorer acts on these when it merely shows their folder: it follows them to fetch icons,
# which hands the reader's network password to whoever made the file.
_ACTED_ON = (
    ".lnk", ".url", ".scf", ".library-ms", ".search-ms", ".searchconnector-ms", ".theme",
    ".themepack", ".desktopthemepackfile", ".contact", ".website", ".pif",
)  # fmt: skip
_ACTED_ON_NAMES = frozenset({"desktop.ini", "autorun.inf", "thumbs.db", "folder.htt"})
INERT_SUFFIX = ".received"
# The point before a class id as the extension, by which a folder shows something else than its content.
_CLASS_ID = re.compile(r"\.(?=\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\})", re.IGNORECASE)


def form_folder(title: str) -> str:
    """The name of the folder for a form's submissions."""
    return _bearable(title, FORM_UNITS) or "form"


def submission_folder(day: str, reference: str, name: str, revision: int = 1) -> str:
    """The name of the folder for a submission's files: `2026-11-22 K7Q4-MXD2 Ann Lee`, and for what came
    with a correction `2026-11-22 K7Q4-MXD2 Ann Lee (2)`."""
    head = f"{day} {reference}"
    ending = f" ({revision})" if revision > 1 else ""
    used = len(head) + len(ending) + 1
    tail = _bearable(name, FOLDER_UNITS - used, MOST_BYTES - used)
    return f"{head} {tail}{ending}" if tail else head + ending


def file_name(original: str) -> str:
    """The name under which a received file is stored; its extension stays, what is unsafe does not."""
    stem, extension = split_extension(_shown(original))
    name = _fitted(stem, extension)
    # looked at as it will be: cutting a long name may lay bare another ending
    return _fitted(stem, extension + INERT_SUFFIX) if _is_acted_on(name) else name


def _fitted(stem: str, ending: str) -> str:
    units, octets = FILE_UNITS - utf16_units(ending), MOST_BYTES - len(ending.encode())
    stem = _bearable(stem, units, octets, is_whole=not ending) or "file"
    return stem + ending


def unused(name: str, taken: Container[str]) -> str:
    """The name, or the first of `name (2)`, `name (3)` … whose folded form is not taken."""
    number, candidate = 1, name
    while folded(candidate) in taken:
        number += 1
        candidate = _numbered(name, number)
    return candidate


def all_different(wanted: Iterable[str]) -> list[str]:
    """The names, each with the first number that tells it from those before it where it must."""
    taken: set[str] = set()
    numbers: dict[str, int] = {}  # the last that was tried, so that a thousand of a name are quick
    different = []
    for name in wanted:
        number, candidate = numbers.get(folded(name), 1), name
        while folded(candidate) in taken:
            number += 1
            candidate = _numbered(name, number)
        numbers[folded(name)] = number
        taken.add(folded(candidate))
        different.append(candidate)
    return different


def _numbered(name: str, number: int) -> str:
    stem, extension = split_extension(name)
    ending = f" ({number}){extension}"
    units, octets = max(utf16_units(name), FORM_UNITS), max(len(name.encode()), FORM_UNITS)
    return _cut(stem, units - utf16_units(ending), octets - len(ending.encode())) + ending


def folded(name: str) -> str:
    """What two names share that some system takes for the same."""
    return nfc(nfc(name).casefold())


def split_extension(name: str) -> tuple[str, str]:
    """A name's stem and its extension with the dot: `("essay", ".pdf")`, `("data", ".tar.gz")`."""
    match = re.fullmatch(r"(.+?)((?:\.tar)?\.[^\s.]+)", name, re.DOTALL)
    if match and utf16_units(match[2]) <= _EXTENSION_UNITS:
        return match[1], match[2]
    return name, ""


def utf16_units(text: str) -> int:
    """How many UTF-16 code units the text has."""
    return len(text.encode("utf-16-le")) // 2


def _is_acted_on(name: str) -> bool:
    folded_name = folded(name).rstrip(". ")
    return folded_name.endswith(_ACTED_ON) or folded_name in _ACTED_ON_NAMES


def _shown(text: str) -> str:
    """The text in NFC, without what is not seen, with `_` for what no name may hold."""
    text = _FORBIDDEN.sub("_", nfc(text))
    seen = (c for c in text if c == _JOINER or unicodedata.category(c) not in _UNSEEN)
    # once more: what was not seen may have stood between a letter and its accent
    text = nfc(re.sub(r"\s+", " ", "".join(seen)))
    return _CLASS_ID.sub("_", text).strip(_JOINER + " ").rstrip(_JOINER + ". ")


def _bearable(text: str, units: int, octets: int = MOST_BYTES, *, is_whole: bool = True) -> str:
    """The text as a name, or as a name's stem, of at most so many units and bytes; it may be empty."""
    text = _shown(text)
    first_dot = text.split(".", 1)[0].rstrip(" ")
    if _RESERVED.fullmatch(first_dot) or text.startswith((".", "~$")):
        text = "_" + text  # not a device of Windows, not hidden on UNIX
    cut = _cut(text, units, octets)
    return cut.rstrip(_JOINER + ". ") if is_whole else cut.rstrip(_JOINER + " ")


def _cut(text: str, units: int, octets: int) -> str:
    """As much of the text's beginning as fits, in whole characters and without a loose joiner."""
    used_units = used_octets = 0
    for at, character in enumerate(text):
        used_units += 2 if ord(character) > 0xFFFF else 1
        used_octets += len(character.encode())
        if used_units > units or used_octets > octets:
            return text[:at].rstrip(_JOINER + " ")
    return text


def original_name(given: str) -> str:
    """A file's name as it was given, without what no database or page can hold; 1,000 characters at
    most. It is for showing and telling, never for opening a file."""
    kept = "".join(c for c in given if unicodedata.category(c) not in ("Cc", "Cs"))
    stem, extension = split_extension(nfc(kept).strip())
    return stem[: 1000 - len(extension)] + extension or "file"


def shown_name(original: str) -> str:
    """An original name for a page: without the marks that turn the writing direction, by which
    `exe.fdp` would pass for `pdf.exe`."""
    if original.isascii():
        return original
    return "".join(c for c in original if c == _JOINER or unicodedata.category(c) != "Cf")
