"""What of an address does not belong in a log. Standard library only: the launcher needs it."""

from __future__ import annotations

import re
from urllib.parse import unquote

# Who knows the rest of these has what is there; of all others the query alone is private.
# Anywhere in it, since a request may name the site before its path, and a proxy may add a prefix.
_PRIVATE = re.compile(r"(/(?:uploads|p|c)/+)[^/]+")


def without_secrets(path: str) -> str:
    """The path, as it was sent, with what makes a link a private one left out."""
    read = unquote(path) if "%" in path else path
    hidden = _PRIVATE.sub(r"\1…", read)
    return path if hidden == read else hidden
