"""Giving a form's passcode, and not guessing it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..forms.access import is_passcode
from ..forms.tables import Form
from ..limits import rules as limits
from ..limits.rules import counter_name, neighbourhood

WINDOW = timedelta(hours=1)
MOST_WRONG = 20  # of one form, from one address
# Behind a proxy, on this computer or by a Unix socket, everybody seems to have one address.
MOST_THROUGH_PROXY = 1000


class TooManyGuesses(Exception):
    """No more for now; `wait` is how long, at most, until the next may be made."""

    wait = WINDOW


def entry_for(session: Session, form: Form, typed: str, address: str, now: datetime) -> str:
    """What pages of the form are to carry, for the right passcode; empty for a wrong one, which counts.
    Raises TooManyGuesses."""
    place = neighbourhood(address)
    name = counter_name("passcode", form.public_id, place)
    is_proxy = not place or limits.is_this_computer(address)
    most = MOST_THROUGH_PROXY if is_proxy else MOST_WRONG
    # counted before it is looked at, so that many guesses at once are counted too
    if limits.count(session, name, now, WINDOW) > most:
        raise TooManyGuesses
    if not is_passcode(form, typed):
        return ""
    limits.take_back(session, name)
    return form.entry_key
