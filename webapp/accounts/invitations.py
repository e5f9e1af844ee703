"""Invitations: a private link by which somebody makes an account, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..events.rules import record
from ..ids import private_key
from . import rules
from .security import hash_of
from .tables import Invitation, User

LIFETIME = timedelta(days=7)


def invite(
    session: Session, *, email: str, name: str, role: str, now: datetime, by: int | None
) -> str:
    """Makes an invitation and gives its key, which is kept nowhere. An earlier one of that address
    ends. Raises AccountError."""
    called, address = rules.checked_name(name), rules.new_email(session, email)
    session.execute(delete(Invitation).where(Invitation.email == address))
    key = private_key()
    session.add(
        Invitation(
            key_hash=hash_of(key),
            email=address,
            name=called,
            role=rules.checked_role(role),
            invited_by=by,
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    record(session, "user.invited", now, user_id=by, role=role)
    return key


def find(session: Session, key: str, now: datetime) -> Invitation | None:
    """The invitation of that key, if it can still be used."""
    wanted = select(Invitation).where(Invitation.key_hash == hash_of(key))
    return session.scalar(wanted.where(Invitation.expires_at > now))


def accept(
    session: Session, key: str, *, name: str, password: str, now: datetime, language: str
) -> User | None:
    """Makes the account and ends the invitation; None if that has ended. Raises AccountError."""
    ended = delete(Invitation).where(
        Invitation.key_hash == hash_of(key), Invitation.expires_at > now
    )
    invited = session.execute(ended.returning(Invitation.email, Invitation.role)).first()
    if invited is None:
        return None  # or somebody was faster: of two at once, one row is there for one of them
    return rules.add_user(
        session,
        email=invited.email,
        name=name,
        password=password,
        role=invited.role,
        language=language,
        now=now,
    )


def waiting(session: Session, now: datetime) -> Sequence[Invitation]:
    """Those that nobody has used yet, newest first."""
    query = select(Invitation).where(Invitation.expires_at > now)
    return session.scalars(query.order_by(Invitation.id.desc())).all()


def withdraw(session: Session, invitation_id: int) -> None:
    """Ends an invitation."""
    session.execute(delete(Invitation).where(Invitation.id == invitation_id))


def sweep(session: Session, now: datetime) -> None:
    """Removes those that have expired."""
    session.execute(delete(Invitation).where(Invitation.expires_at <= now))
