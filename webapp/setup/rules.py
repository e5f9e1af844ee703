"""Setting Intray up: what is asked, what is wrong with the answers, and the first user and form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from .. import clock
from ..accounts import rules as accounts
from ..accounts.permissions import Role
from ..accounts.rules import AccountError
from ..accounts.tables import User
from ..forms import starters
from ..forms.tables import Form
from ..i18n import gettext
from ..settings import rules as settings

COMPUTER, NETWORK = "computer", "network"  # who can open Intray
_ADVISORY_LOCK = 0x696E7365747570  # "insetup"


class AlreadySetUp(Exception):
    """There is a user: somebody else was faster."""


@dataclass(frozen=True)
class Answers:
    """What the page of set-up is answered with. `reach` is "" where it was not asked or answered."""

    name: str = ""
    email: str = ""
    password: str = ""
    time_zone: str = ""
    reach: str = ""
    starter: str = ""


def problems(answers: Answers, *, asks_reach: bool) -> dict[str, str]:
    """What is wrong with the answers: a sentence for the name of each that cannot stay."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: accounts.checked_name(answers.name),
        lambda: accounts.checked_email(answers.email),
        lambda: accounts.checked_password(answers.password, accounts.folded(answers.email)),
    )
    found = {}
    for check in checks:
        try:
            check()
        except AccountError as wrong:
            found[wrong.field] = str(wrong)
    if not clock.is_zone(answers.time_zone):
        found["time_zone"] = gettext("Choose a time zone")
    if asks_reach and answers.reach not in (COMPUTER, NETWORK):
        found["reach"] = gettext("Choose who can open Intray")
    if answers.starter not in {starter.name for starter in starters.starters()}:
        found["starter"] = gettext("Choose a form to begin with")
    return found


def set_up(session: Session, answers: Answers, language: str, now: datetime) -> tuple[User, Form]:
    """Makes the owner, and the form of the starter in the reader's language, from answers that have no
    problems. Raises AlreadySetUp, which one of two people at once gets; and AccountError."""
    _one_at_a_time(session)
    if accounts.has_users(session):
        raise AlreadySetUp
    owner = accounts.add_user(
        session,
        email=answers.email,
        name=answers.name,
        password=answers.password,
        role=Role.OWNER,
        language=language,
        now=now,
    )
    settings.put(session, settings.TIME_ZONE, answers.time_zone)
    form = starters.make(session, answers.starter, answers.time_zone, now, user_id=owner.id)
    return owner, form


def _one_at_a_time(session: Session) -> None:
    """SQLite's writers come one after the other anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
