"""Where users are signed in: listed, and ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..texts import nfc
from .tables import SignIn

UNUSED = timedelta(days=31)  # as long as the browser's cookie lasts unused


def add(
    session: Session, *, user_id: int, key_hash: str, address: str, browser: str, now: datetime
) -> None:
    """A browser in which the user is signed in from now on."""
    named = "".join(c for c in nfc(browser) if c.isprintable())[:300]
    session.add(
        SignIn(
            user_id=user_id,
            key_hash=key_hash,
            address=address[:45],
            browser=named,
            created_at=now,
            seen_at=now,
        )
    )


def of_user(session: Session, user_id: int) -> Sequence[SignIn]:
    """Where the user is signed in, the last used first."""
    query = select(SignIn).where(SignIn.user_id == user_id)
    return session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.id.desc())).all()


def seen(session: Session, key_hash: str, now: datetime) -> None:
    """It is used now."""
    session.execute(update(SignIn).where(SignIn.key_hash == key_hash).values(seen_at=now))


def end(session: Session, key_hash: str) -> None:
    """Signs that browser out."""
    session.execute(delete(SignIn).where(SignIn.key_hash == key_hash))


def end_one(session: Session, user_id: int, sign_in_id: int) -> None:
    """Signs the user out of one browser; of somebody else's sign-in nothing happens."""
    session.execute(delete(SignIn).where(SignIn.user_id == user_id, SignIn.id == sign_in_id))


def end_all(session: Session, user_id: int) -> None:
    """Signs the user out everywhere."""
    session.execute(delete(SignIn).where(SignIn.user_id == user_id))


def sweep(session: Session, now: datetime) -> None:
    """Removes those whose browser's session has expired."""
    session.execute(delete(SignIn).where(SignIn.seen_at < now - UNUSED - timedelta(days=1)))
