"""Passwords: which ones will do, and how they are kept. Flask-Security does the hashing."""

from __future__ import annotations

from functools import cache

from flask_security import hash_password, verify_password

from ..i18n import gettext
from ..texts import nfkc

LEAST, MOST = 8, 200  # characters (NIST SP 800-63B, section 5.1.1.2: no rules on what they are)
# The ones that everybody tries first; the least length keeps out most of the others.
_COMMON = frozenset(
    {
        "password", "password1", "passw0rd", "12345678", "123456789", "1234567890", "qwertyui",
        "qwertyuiop", "11111111", "00000000", "iloveyou", "administrator", "intray123",
    }
)  # fmt: skip


def objection(password: str) -> str | None:
    """Why the password will not do, in words; None if it will."""
    if len(_plain(password)) < LEAST:
        return gettext("The password must have at least %(n)s characters", n=LEAST)
    if len(password) > MOST:
        return gettext("The password must have %(n)s characters or fewer", n=MOST)
    if _plain(password).lower() in _COMMON:
        return gettext("This password is among the first that anybody would try: choose another")
    return None


def hashed(password: str) -> str:
    """Its Argon2id hash."""
    return str(hash_password(_plain(password)))


def is_right(password: str, hash: str | None) -> bool:
    """Whether the password is that of the hash; without a hash it takes as long, and is wrong."""
    if len(password) > MOST or "\0" in password:
        return False
    right = verify_password(_plain(password), hash or _nobodys())
    return bool(right) and hash is not None


@cache
def _nobodys() -> str:
    return hashed("a password that nobody has")


def _plain(password: str) -> str:
    """NFKC, so that one password is the same from every keyboard."""
    return nfkc(password)
