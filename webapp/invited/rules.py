"""Inviting people, giving them more time, closing and opening their links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from .. import ids
from ..events.rules import record
from ..forms.tables import Form
from .lists import Line, folded
from .tables import InvitedPerson

MOST_PEOPLE = 5000  # of one form: its list is read as a whole


class TooManyPeople(Exception):
    """The form would have more than MOST_PEOPLE."""


def known_people(session: Session, form_id: int) -> set[tuple[str, str, str]]:
    """Those whom the form is meant for already, as a list tells them apart."""
    own = InvitedPerson.form_id == form_id
    query = select(InvitedPerson.name, InvitedPerson.email, InvitedPerson.team).where(own)
    return {folded(*row) for row in session.execute(query)}


def add_people(
    session: Session, form_id: int, lines: Sequence[Line], now: datetime, *, user_id: int | None
) -> int:
    """Gives each line a link, and tells how many there were. Raises TooManyPeople."""
    session.execute(select(Form.id).where(Form.id == form_id).with_for_update())
    own = InvitedPerson.form_id == form_id
    there = session.scalar(select(func.count(InvitedPerson.id)).where(own)) or 0
    if there + len(lines) > MOST_PEOPLE:
        raise TooManyPeople
    if lines:
        rows = [_row(form_id, line, now) for line in lines]
        session.connection().execute(insert(InvitedPerson.__table__), rows)  # type: ignore[arg-type]
        record(session, "people.invited", now, form_id=form_id, user_id=user_id, count=len(lines))
    return len(lines)


def _row(form_id: int, line: Line, now: datetime) -> dict[str, object]:
    return {
        "form_id": form_id,
        "name": line.name,
        "email": line.email,
        "team": line.team,
        "token": ids.private_key(),
        "made_at": now,
    }


def find_person(
    session: Session, form_id: int, person_id: int, *, lock: bool = False
) -> InvitedPerson | None:
    """The form's person of that id; with `lock`, for this transaction to change."""
    query = select(InvitedPerson).where(
        InvitedPerson.id == person_id, InvitedPerson.form_id == form_id
    )
    return session.scalar(query.with_for_update() if lock else query)


def set_deadline(
    session: Session,
    person: InvitedPerson,
    closes_at: datetime | None,
    now: datetime,
    *,
    user_id: int | None,
) -> None:
    """Gives the person a deadline of their own, or the form's again."""
    if person.closes_at != closes_at:
        person.closes_at = closes_at
        _changed(session, person, "person.deadline", now, user_id)


def switch(
    session: Session, person: InvitedPerson, now: datetime, *, closed: bool, user_id: int | None
) -> None:
    """Closes the person's link, or opens it again."""
    if person.is_closed != closed:
        person.is_closed = closed
        _changed(session, person, f"person.{'closed' if closed else 'opened'}", now, user_id)


def remove(session: Session, person: InvitedPerson, now: datetime, *, user_id: int | None) -> None:
    """Takes the person off the list; the link leads nowhere then."""
    _changed(session, person, "person.removed", now, user_id)
    session.delete(person)


def _changed(
    session: Session, person: InvitedPerson, kind: str, now: datetime, user_id: int | None
) -> None:
    record(session, kind, now, form_id=person.form_id, user_id=user_id, person_id=person.id)
