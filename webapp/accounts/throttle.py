"""Slowing down whoever guesses passwords: per account and address, per account, and per address.

Counted before the password is looked at, so that many guesses at once are counted too. Somebody else's
guesses from elsewhere do not keep a person out for long: the limit of an account alone is wide.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..limits import rules as limits
from ..limits.rules import counter_name, neighbourhood

WINDOW = timedelta(minutes=15)
MOST_PER_PAIR = 10  # of one account, from one address
MOST_PER_ACCOUNT = 100
MOST_PER_ADDRESS = 50


class TooManyAttempts(Exception):
    """No more for now; `wait` is when to try again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.wait = wait


def count_attempt(session: Session, email: str, address: str, now: datetime) -> None:
    """Counts an attempt to sign in. Raises TooManyAttempts, which counts as well."""
    account, place = email.strip().lower(), neighbourhood(address)
    counts = (
        (limits.count(session, _pair(account, place), now, WINDOW), MOST_PER_PAIR),
        (limits.count(session, counter_name("account", account), now, WINDOW), MOST_PER_ACCOUNT),
        (limits.count(session, counter_name("address", place), now, WINDOW), _of_address(address)),
    )
    if any(count > most for count, most in counts):
        raise TooManyAttempts(WINDOW)


def forgive(session: Session, email: str, address: str) -> None:
    """The right password: earlier slips of this person's count no more."""
    limits.forget(session, _pair(email.strip().lower(), neighbourhood(address)))


def _pair(account: str, place: str) -> str:
    return counter_name("sign-in", account, place)


def _of_address(address: str) -> int:
    # Behind a proxy on this computer everybody seems to come from here.
    return MOST_PER_ACCOUNT * 10 if limits.is_this_computer(address) else MOST_PER_ADDRESS
