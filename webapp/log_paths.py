"""What of an address does not belong in a log. Standard library only: the launcher needs it."""

from __future__ import annotations

import re

# Who knows the rest of these has what is there; of all others the query alone is private.
_PRIVATE = re.compile(r"^(/(?:uploads|p|c)/)[^/]+")


def without_secrets(path: str) -> str:
    """The path with what makes a link a private one left out."""
    return _PRIVATE.sub(r"\1…", path)
