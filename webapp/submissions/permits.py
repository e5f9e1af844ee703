"""Who may correct what was handed in, and until when: as the form says, or as the desk has asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Session

from ..events.rules import record
from ..forms.availability import Availability, availability, late_until
from ..forms.rules import UNTIL_CLOSED
from ..forms.tables import Form
from ..ids import public_id
from ..invited.tables import InvitedPerson
from ..jobs import queue
from .tables import Submission

ASK_JOB = "submission.ask"  # writes to the sender, where there is an address and a mail server
MOST_TEXT = 2000  # characters of what the desk writes


class Asked(Protocol):
    """What must be known of a submission, to tell whether a correction is asked for."""

    @property
    def asked_at(self) -> datetime | None: ...

    @property
    def asked_until(self) -> datetime | None: ...

    @property
    def corrected_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Permit:
    """Leave to correct a submission."""

    until: datetime | None  # the first moment without; None for no end that is known
    asked_text: str = ""  # what the desk wrote, as long as no correction has come
    is_asked: bool = False  # as long as that
    is_late: bool = (
        False  # the deadline is over: what is corrected is marked as late, as a hand-in is
    )


def permit(
    form: Form, submission: Submission, now: datetime, person: InvitedPerson | None = None
) -> Permit | None:
    """The leave that there is at a moment; None for none. `person` is the one by whose personal link the
    submission came in: their deadline counts. What the desk asks of one submission goes on after that."""
    closes_at = (person.closes_at if person else None) or form.closes_at
    by_form = _form_allows(form, closes_at, now)
    if not is_asked(submission, now):
        return _by_form(form, closes_at, now) if by_form else None
    ends = [submission.asked_until, *([closes_at] if by_form else [])]
    known = [end for end in ends if end is not None]
    until = max(known) if len(known) == len(ends) else None
    waits = is_waiting(submission, now)
    return Permit(until, submission.asked_text if waits else "", waits)


def _form_allows(form: Form, closes_at: datetime | None, now: datetime) -> bool:
    state = availability(form, now, closes_at)
    is_open = state.takes or state is Availability.FULL
    return is_open and form.corrections == UNTIL_CLOSED


def _by_form(form: Form, closes_at: datetime | None, now: datetime) -> Permit:
    if closes_at is None or now < closes_at:
        return Permit(closes_at)
    return Permit(late_until(form, closes_at), is_late=True)


def is_asked(submission: Asked, now: datetime) -> bool:
    """Whether the desk asks for a correction of it, and has not closed it again."""
    until = submission.asked_until
    return submission.asked_at is not None and (until is None or now < until)


def is_waiting(submission: Asked, now: datetime) -> bool:
    """Whether the correction that the desk asks for has not come yet."""
    asked, corrected = submission.asked_at, submission.corrected_at
    if asked is None or not is_asked(submission, now):
        return False
    return corrected is None or corrected < asked


def waiting(now: datetime) -> ColumnElement[bool]:
    """The same, for the database to find those of which it is so."""
    asked, until, corrected = Submission.asked_at, Submission.asked_until, Submission.corrected_at
    is_open = or_(until.is_(None), until > now)
    return and_(asked.is_not(None), is_open, or_(corrected.is_(None), corrected < asked))


def ask(
    session: Session,
    submission_id: int,
    text: str,
    until: datetime | None,
    now: datetime,
    *,
    user_id: int | None,
) -> None:
    """Opens the submission for correction, whatever the form says, and has its sender written to; in the
    transaction. Wake the worker when that is committed."""
    submission = session.get_one(Submission, submission_id, with_for_update=True)
    submission.asked_at, submission.asked_text, submission.asked_until = (
        now,
        text,
        until,
    )
    _record(session, submission, "submission.correction_asked", now, user_id)
    payload = {"submission_id": submission.id, "asked_at": now.isoformat(), "mail_id": public_id()}
    queue.add(session, ASK_JOB, now, payload)


def close(session: Session, submission_id: int, now: datetime, *, user_id: int | None) -> None:
    """Takes that leave back. What the form allows is still allowed."""
    submission = session.get_one(Submission, submission_id, with_for_update=True)
    if submission.asked_at is not None:
        submission.asked_at, submission.asked_text, submission.asked_until = (
            None,
            "",
            None,
        )
        _record(session, submission, "submission.correction_closed", now, user_id)


def _record(
    session: Session,
    submission: Submission,
    kind: str,
    now: datetime,
    user_id: int | None,
) -> None:
    about: dict[str, Any] = {
        "form_id": submission.form_id,
        "submission_id": submission.id,
        "user_id": user_id,
    }
    record(session, kind, now, **about, reference=submission.reference)
