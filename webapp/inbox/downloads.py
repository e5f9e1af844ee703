"""How received files are handed out: as what they are, bytes that nobody has looked at."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from typing import BinaryIO
from urllib.parse import quote

# One type for all: whatever a stranger's file claims to be, no browser shows it as that, and by its
# name's ending the program that opens it knows it as well.
MEDIA_TYPE = "application/octet-stream"
_PLAIN = "!#$&+-.^_`|~"  # with letters and digits, what RFC 8187 leaves as it is


def headers(name: str) -> Mapping[str, str]:
    """The headers of a file of this name. It is kept and never shown, in a page without rights."""
    return {
        "Content-Disposition": content_disposition(name),
        "Content-Type": MEDIA_TYPE,
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def length_of(stream: BinaryIO) -> int:
    """How many bytes there are to read, from the first to the last: a file in a folder may be another
    than was received."""
    length = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return length


def content_disposition(name: str) -> str:
    """`attachment` with the name twice (RFC 6266, section 4.3): as it is (RFC 8187), and for old programs
    in ASCII, without the signs that they read differently (appendix D)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join("_" if c in '"\\%' or not c.isprintable() else c for c in plain).strip()
    if plain.startswith(".") or not plain:
        plain = "file" + plain
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_PLAIN)}"
