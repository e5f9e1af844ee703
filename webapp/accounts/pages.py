"""What the pages of accounts show, as their templates take it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .. import clock
from ..i18n import gettext
from .permissions import Role
from .tables import SignIn


@dataclass(frozen=True)
class ListedSignIn:
    """A browser in which somebody is signed in."""

    id: int
    browser: str
    address: str
    seen: str
    is_this: bool


def listed_sign_ins(sign_ins: Sequence[SignIn], current: str) -> list[ListedSignIn]:
    """Where a user is signed in; `current` is the hash of this browser's key."""
    return [
        ListedSignIn(
            s.id, browser_name(s.browser), s.address, _moment(s.seen_at), s.key_hash == current
        )
        for s in sign_ins
    ]


def role_names() -> dict[str, str]:
    """The roles in the reader's language, with what they may do."""
    return {
        Role.OWNER: gettext("Owner: everything, users and settings too"),
        Role.EDITOR: gettext("Editor: makes forms, works through submissions, deletes"),
        Role.REVIEWER: gettext("Reviewer: reads and exports submissions"),
    }


# Browsers name each other for old times' sake: the first that is found is the one that it is.
_BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"
}  # fmt: skip
_SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
    "Mac OS": "macOS", "Linux": "Linux",
}  # fmt: skip


def browser_name(user_agent: str) -> str:
    """A browser as people know it, such as `Firefox, Windows`."""
    names = [
        next((name for sign, name in signs.items() if sign in user_agent), None)
        for signs in (_BROWSERS, _SYSTEMS)
    ]
    known = ", ".join(name for name in names if name)
    return known or re.sub(r"[/(].*", "", user_agent).strip() or gettext("unknown program")


def _moment(moment: datetime) -> str:
    return clock.format_moment(moment, clock.local_zone())
