"""Sizes of files, as people write and read them; a MB is 1024 * 1024 bytes, as Windows shows it."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from babel.numbers import format_decimal

from . import i18n

UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
MOST = 2**60  # bytes, which a database can add up
_SIZE = re.compile(r"(\d{1,19}(?:\.\d{1,3})?)\s*([KMGT]?I?B)", re.IGNORECASE | re.ASCII)


def parse_size(text: str) -> int:
    """Bytes of a size such as `200 MB`. Raises ValueError for anything else, and for nothing."""
    match = _SIZE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not match:
        raise ValueError(text)
    size = round(Decimal(match[1]) * UNITS[match[2].upper().replace("I", "")])
    if not 1 <= size <= MOST:
        raise ValueError(text)
    return size


def write_size(size: int) -> str:
    """The shortest text that `parse_size` reads back as the same number of bytes."""
    for unit in ("TB", "GB", "MB", "KB"):
        if size % UNITS[unit] == 0:
            return f"{size // UNITS[unit]} {unit}"
    return f"{size} B"


def format_count(count: int) -> str:
    """A whole number in the reader's language, such as `1,850`."""
    return format_decimal(count, locale=i18n.language())


def format_size(size: int) -> str:
    """A size in the reader's language, such as `1.2 MB`."""
    unit = next((u for u in ("TB", "GB", "MB", "KB") if size >= UNITS[u]), "B")
    number = format_decimal(size / UNITS[unit], format="#,##0.#", locale=i18n.language())
    return f"{number} {unit}"
