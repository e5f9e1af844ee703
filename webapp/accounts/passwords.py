"""Passwords: which ones will do, and how they are kept. Flask-Security does the hashing."""

from __future__ import annotations

import threading
from functools import cache

from flask_security import hash_password, verify_password

from ..i18n import gettext
from ..texts import nfkc

AT_ONCE = threading.BoundedSemaphore(4)  # each takes 19 MiB, whatever the number of threads
LEAST_DIFFERENT = 3
LEAST, MOST = 8, 200  # characters (NIST SP 800-63B, section 5.1.1.2: no rules on what they are)
# The ones that everybody tries first; the least length keeps out most of the others.
_COMMON = frozenset(
    {
        "password", "password1", "passw0rd", "12345678", "123456789", "1234567890", "qwertyui",
        "qwertyuiop", "11111111", "00000000", "iloveyou", "administrator", "intray123",
    }
)  # fmt: skip


def objection(password: str, email: str = "") -> str | None:
    """Why the password will not do for the user of that address, in words; None if it will."""
    plain = _plain(password)
    if len(plain) < LEAST:
        return gettext("The password must have at least %(n)s characters", n=LEAST)
    if max(len(plain), len(password)) > MOST:
        return gettext("The password must have %(n)s characters or fewer", n=MOST)
    if "\0" in password:
        return gettext("The password must not have control characters")
    if plain.lower() in _COMMON or plain.lower() == email or len(set(plain)) < LEAST_DIFFERENT:
        return gettext("This password is among the first that anybody would try: choose another")
    return None


def hashed(password: str) -> str:
    """Its Argon2id hash."""
    with AT_ONCE:
        return str(hash_password(_plain(password)))


def is_right(password: str, kept: str | None) -> bool:
    """Whether the password is that of the hash that is kept. Without one it takes as long, and is
    wrong; one that nobody can have takes no time."""
    if len(password) > MOST or "\0" in password:
        return False
    with AT_ONCE:
        right = verify_password(_plain(password), kept or _nobodys())
    return bool(right) and kept is not None


@cache
def _nobodys() -> str:
    return str(hash_password("a password that nobody has"))


def _plain(password: str) -> str:
    """NFKC, so that one password is the same from every keyboard."""
    return nfkc(password)
