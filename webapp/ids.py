"""Ids that nobody can guess, and references that people can read out."""

from __future__ import annotations

import re
import secrets

# Without 0, O, 1 and I, which look alike on paper and sound alike on the telephone.
REFERENCE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PUBLIC_ID = re.compile(r"[0-9a-f]{32}")


def public_id() -> str:
    """128 random bits in lower-case hex, which every file system tells apart."""
    return secrets.token_hex(16)


def private_key() -> str:
    """128 random bits for a private link."""
    return secrets.token_urlsafe(16)


def stable_id() -> str:
    """An id for a field or a choice: it stays when key and label change."""
    return secrets.token_hex(6)


def reference() -> str:
    """A new reference, such as `K7Q4-MXD2`: 40 random bits."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def as_reference(text: str) -> str | None:
    """The reference that a person meant, whatever its case and hyphen; None if it cannot be one."""
    letters = re.sub(r"[\s-]", "", text).upper()
    if len(letters) != 8 or not set(letters) <= set(REFERENCE_LETTERS):
        return None
    return f"{letters[:4]}-{letters[4:]}"
