"""Who has handed in and who has not: a form's whole list, by one statement, however long it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..filling import drafts
from ..filling.tables import FillingDraft
from ..forms.slugs import is_slug
from ..forms.tables import Form
from ..invited import rules as invited
from ..invited.tables import InvitedPerson
from ..submissions.tables import Submission

AT_ONCE = 100  # people on a page
_TITLE = Form.draft["title"].as_string()


class State(StrEnum):
    """How it stands with one person."""

    HANDED_IN = "handed-in"
    HANDED_IN_LATE = "handed-in-late"
    MISSING = "missing"
    OVERDUE = "overdue"  # missing, and the deadline is over
    CLOSED = "closed"  # the link is, and nothing came in by it


class Show(StrEnum):
    """Which part of the list is shown."""

    ALL = "all"
    HANDED_IN = "handed-in"
    MISSING = "missing"
    LATE = "late"
    CLOSED = "closed"


class Order(StrEnum):
    """How the list is sorted."""

    NAME = "name"
    TEAM = "group"
    TIME = "time"  # the last handed in first


MISSING = (State.MISSING, State.OVERDUE)
_STATES = {
    Show.ALL: tuple(State),
    Show.HANDED_IN: (State.HANDED_IN, State.HANDED_IN_LATE),
    Show.MISSING: MISSING,
    Show.LATE: (State.HANDED_IN_LATE, State.OVERDUE),
    Show.CLOSED: (State.CLOSED,),
}


@dataclass(frozen=True)
class FormHead:
    """The form whose people are shown."""

    form: Form
    title: str

    @property
    def is_published(self) -> bool:
        """Whether anybody else can see it."""
        return bool(self.form.version) and self.form.state != "draft"


@dataclass(frozen=True)
class Listed:
    """An invited person with what came in from them."""

    person: InvitedPerson
    reference: str | None
    received_at: datetime | None
    state: State
    saved_at: datetime | None = None  # when they last saved what they have not handed in


@dataclass(frozen=True)
class Part:
    """A page of the list."""

    rows: Sequence[Listed]
    number: int  # of the page, from 1
    pages: int
    found: int


class HandedIn(Exception):
    """Somebody who has handed in stays on the list."""


def find_head(session: Session, slug: str) -> FormHead | None:
    """The form of that slug."""
    if not is_slug(slug):
        return None
    row = session.execute(select(Form, _TITLE).where(Form.slug == slug)).first()
    return None if row is None else FormHead(*row)


def everyone(session: Session, form: Form, now: datetime) -> Sequence[Listed]:
    """All people of the form, by name."""
    rows = session.execute(_LISTED.where(InvitedPerson.form_id == form.id)).all()
    return sorted((_listed(form, row, now) for row in rows), key=_by_name)


_LISTED = (
    select(
        InvitedPerson,
        Submission.reference,
        Submission.received_at,
        Submission.late,
        FillingDraft.changed_at,
    )
    .outerjoin(Submission, Submission.invited_id == InvitedPerson.id)
    .outerjoin(FillingDraft, FillingDraft.invited_id == InvitedPerson.id)
)


def _listed(form: Form, row: Row[*tuple[Any, ...]], now: datetime) -> Listed:
    person, reference, received_at, late, saved_at = row
    state = state_of(form, person, reference, bool(late), now)
    return Listed(person, reference, received_at, state, saved_at)


def state_of(
    form: Form, person: InvitedPerson, reference: str | None, late: bool, now: datetime
) -> State:
    """How it stands with the person at a moment."""
    if reference is not None:
        return State.HANDED_IN_LATE if late else State.HANDED_IN
    if person.is_closed:
        return State.CLOSED
    until = person.closes_at or form.closes_at
    is_over = form.state == "closed" or (until is not None and until <= now)
    return State.OVERDUE if is_over else State.MISSING


def counts(people: Sequence[Listed]) -> dict[Show, int]:
    """How many there are in each part of the list."""
    return {show: sum(one.state in states for one in people) for show, states in _STATES.items()}


def chosen(people: Sequence[Listed], show: Show, order: Order, query: str) -> Sequence[Listed]:
    """Those of the list that are to be shown, sorted."""
    words = query.casefold().split()
    found = [one for one in people if one.state in _STATES[show] and _has(one, words)]
    return sorted(found, key=_KEYS[order])


def part(people: Sequence[Listed], number: int) -> Part:
    """One page of them; the last where there are not so many."""
    pages = max(1, -(-len(people) // AT_ONCE))
    at = min(max(number, 1), pages)
    return Part(people[(at - 1) * AT_ONCE : at * AT_ONCE], at, pages, len(people))


def _has(one: Listed, words: Sequence[str]) -> bool:
    person = one.person
    text = f"{person.name} {person.email} {person.team}".casefold()
    return all(word in text for word in words)


def _by_name(one: Listed) -> tuple[str, int]:
    return one.person.name.casefold(), one.person.id


def _by_team(one: Listed) -> tuple[bool, str, str, int]:
    return not one.person.team, one.person.team.casefold(), *_by_name(one)


def _by_time(one: Listed) -> tuple[bool, float, str, int]:
    at = one.received_at
    return at is None, -at.timestamp() if at else 0.0, *_by_name(one)


_KEYS: dict[Order, Callable[[Listed], tuple[object, ...]]] = {
    Order.NAME: _by_name,
    Order.TEAM: _by_team,
    Order.TIME: _by_time,
}


def remove(
    session: Session, form: Form, person: InvitedPerson, now: datetime, *, user_id: int | None
) -> None:
    """Takes the person off the list, with what they have begun. Raises HandedIn where something has come in
    from them."""
    # The form first, as whoever hands in does: nothing comes in by the link meanwhile.
    session.execute(select(Form.id).where(Form.id == form.id).with_for_update())
    if session.scalar(select(Submission.id).where(Submission.invited_id == person.id)):
        raise HandedIn
    drafts.forget_person(session, person.id, now)
    invited.remove(session, person, now, user_id=user_id)


def one(session: Session, form: Form, person_id: int, now: datetime) -> Listed | None:
    """One person of the form."""
    query = _LISTED.where(InvitedPerson.form_id == form.id, InvitedPerson.id == person_id)
    row = session.execute(query).first()
    return None if row is None else _listed(form, row, now)
