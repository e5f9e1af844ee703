"""Slowing down whoever guesses passwords: by address, by account and address, and by account.

Counted before the password is looked at, so that many guesses at once are counted too. The limit of an
account alone stops guesses from many addresses; so that these do not shut its owner out, a browser in
which the account was signed in before is counted by itself (OWASP, "Device Cookies").
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..limits import rules as limits
from ..limits.rules import counter_name, neighbourhood

WINDOW = timedelta(minutes=15)
MOST_PER_PAIR = 10  # of one account, from one address or one known browser
MOST_PER_ACCOUNT = 100
MOST_PER_ADDRESS = 50
# Behind a proxy, on this computer or by a Unix socket, everybody seems to have one address.
MOST_THROUGH_PROXY = 1000

Limit = tuple[str, int]  # a counter's name, and its most


class TooManyAttempts(Exception):
    """No more for now; `wait` is how long, at most, until the next may be made."""

    wait = WINDOW


class Attempt:
    """Somebody tries to sign in to an account, which is named as `rules.folded` has it."""

    def __init__(self, account: str, address: str, device: str, secret: bytes) -> None:
        """`device` is what `device_cookie` gave that browser before, if anything."""
        self._limits = list(_limits_of(account, address, _known_device(device, account, secret)))

    def count(self, session: Session, now: datetime) -> bool:
        """Counts it, unless it is one too many already; tells whether the password may be looked at."""
        for name, most in self._limits:
            if limits.counted(session, name, now, WINDOW) >= most:
                return False
        for name, _ in self._limits:
            limits.count(session, name, now, WINDOW)
        return True

    def forgive(self, session: Session) -> None:
        """The right password: earlier slips count no more, nor does this attempt."""
        (pair, _), *others = self._limits
        limits.forget(session, pair)
        for name, _ in others:
            limits.take_back(session, name)


def _limits_of(account: str, address: str, device: str | None) -> Iterator[Limit]:
    """The counter of the closest circle first. A known browser has no other."""
    if device is not None:
        yield counter_name("sign-in by device", account, device), MOST_PER_PAIR
        return
    place = neighbourhood(address)
    is_proxy = limits.is_this_computer(address)
    of_pair, of_place = MOST_PER_PAIR, MOST_PER_ADDRESS
    if is_proxy:
        of_pair, of_place = MOST_PER_ACCOUNT, MOST_THROUGH_PROXY
    yield counter_name("sign-in", account, place), of_pair
    yield counter_name("sign-in from address", place), of_place
    yield counter_name("sign-in to account", account), MOST_PER_ACCOUNT


def device_cookie(account: str, secret: bytes) -> str:
    """What a browser keeps in which the account was signed in: it opens nothing."""
    device = secrets.token_hex(16)
    return f"{device}.{_signature(device, account, secret)}"


def _known_device(cookie: str, account: str, secret: bytes) -> str | None:
    device, _, signature = cookie.partition(".")
    right = _signature(device, account, secret)
    return (
        device
        if hmac.compare_digest(signature.encode("utf-8", "replace"), right.encode())
        else None
    )


def _signature(device: str, account: str, secret: bytes) -> str:
    message = f"{device}\0{account}".encode("utf-8", "replace")
    return hmac.new(secret, b"device\0" + message, "sha256").hexdigest()
