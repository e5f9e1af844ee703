"""Who may fill a form in: anyone with its link, who knows its passcode, or those with a personal link."""

from __future__ import annotations

import hmac
from enum import StrEnum

from .. import ids
from ..i18n import gettext
from ..texts import nfkc
from .rulebook import RuleBroken, text
from .tables import Form

LEAST_PASSCODE, MOST_PASSCODE = 6, 64  # characters


class Access(StrEnum):
    """Who may fill in."""

    LINK = "link"
    PASSCODE = "passcode"
    PERSONAL = "personal"


def passcode(value: object) -> str:
    """The value, if a form may have it for its passcode; empty for none. Raises RuleBroken."""
    word = text(MOST_PASSCODE)(value)
    if word and len(_plain(word)) < LEAST_PASSCODE:
        raise RuleBroken(gettext("must have %(least)s characters or more.", least=LEAST_PASSCODE))
    return word


def set_access(form: Form, access: str, word: str, late_days: int) -> None:
    """From now on, these may fill in. Another passcode ends what the one before had opened."""
    if word != form.passcode:
        form.entry_key = ids.private_key() if word else ""
    form.access, form.passcode, form.late_days = access, word, late_days


def is_passcode(form: Form, typed: str) -> bool:
    """Whether that is the form's passcode, whatever its case and spaces. It takes the same time for every
    wrong one."""
    right = _plain(form.passcode).encode()
    return bool(right) and hmac.compare_digest(
        right, _plain(typed[:1000]).encode("utf-8", "replace")
    )


def opens(form: Form, credential: str) -> bool:
    """Whether this is what a page of the form carries once the passcode was given."""
    right = (form.entry_key or "").encode()
    return bool(right) and hmac.compare_digest(right, credential.encode("utf-8", "replace"))


def _plain(word: str) -> str:
    return "".join(nfkc(word).casefold().split())
