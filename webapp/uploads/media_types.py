"""The media type that a sender claims for a file."""

from __future__ import annotations

import re

UNKNOWN = "application/octet-stream"


def media_type(text: str) -> str:
    """The type, if it has the shape of one (RFC 6838, section 4.2); else that of what is not known."""
    shape = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,100}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}"
    plain = text.partition(";")[0].strip().lower()
    return plain if re.fullmatch(shape, plain) else UNKNOWN
