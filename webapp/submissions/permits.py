"""Who may correct what was handed in, and until when: as the form says, or as the desk has asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..events.rules import record
from ..forms.availability import Availability, availability
from ..forms.rules import UNTIL_CLOSED
from ..forms.tables import Form
from .tables import Submission

MOST_TEXT = 2000  # characters of what the desk writes


@dataclass(frozen=True)
class Permit:
    """Leave to correct a submission."""

    until: datetime | None  # the first moment without; None for no end that is known
    asked_text: str = ""  # what the desk wrote when it asked
    is_asked: bool = False


def permit(form: Form, submission: Submission, now: datetime) -> Permit | None:
    """The leave that there is at a moment; None for none. What the desk asks of one submission goes on
    after the form is closed."""
    by_form = _form_allows(form, now)
    if not is_asked(submission, now):
        return Permit(form.closes_at) if by_form else None
    ends = [submission.asked_until, *([form.closes_at] if by_form else [])]
    known = [end for end in ends if end is not None]
    until = max(known) if len(known) == len(ends) else None
    return Permit(until, submission.asked_text, True)


def _form_allows(form: Form, now: datetime) -> bool:
    is_open = availability(form, now) in (Availability.OPEN, Availability.FULL)
    return is_open and form.corrections == UNTIL_CLOSED


def is_asked(submission: Submission, now: datetime) -> bool:
    """Whether the desk asks for a correction of it, and has not closed it again."""
    until = submission.asked_until
    return submission.asked_at is not None and (until is None or now < until)


def is_waiting(submission: Submission, now: datetime) -> bool:
    """Whether the correction that the desk asks for has not come yet."""
    asked, corrected = submission.asked_at, submission.corrected_at
    if asked is None or not is_asked(submission, now):
        return False
    return corrected is None or corrected < asked


def ask(
    session: Session,
    submission_id: int,
    text: str,
    until: datetime | None,
    now: datetime,
    *,
    user_id: int | None,
) -> None:
    """Opens the submission for correction, whatever the form says; in the transaction."""
    submission = session.get_one(Submission, submission_id, with_for_update=True)
    submission.asked_at, submission.asked_text, submission.asked_until = (
        now,
        text,
        until,
    )
    _record(session, submission, "submission.correction_asked", now, user_id)


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
    about = {
        "form_id": submission.form_id,
        "submission_id": submission.id,
        "user_id": user_id,
    }
    record(session, kind, now, **about, reference=submission.reference)
