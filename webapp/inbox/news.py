"""What is new to a user: the submissions that came after the last one that they have looked at."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ..database import insert_into, unit_of_work
from ..forms.tables import Form
from ..submissions.tables import Submission
from .tables import Seen

log = logging.getLogger("intray.inbox")

MOST_NEW = 999  # more are not counted


@dataclass(frozen=True)
class FormNews:
    """A form with what has come, for the overview."""

    form: Form
    title: str
    new: int  # MOST_NEW + 1 for more
    last_received_at: datetime | None


def seen_until(session: Session, user_id: int, form_id: int) -> int:
    """The id of the submission up to which the user has seen the form's; 0 for nothing seen."""
    query = select(Seen.submission_id).where(Seen.user_id == user_id, Seen.form_id == form_id)
    return session.scalar(query) or 0


def mark_seen(session: Session, user_id: int, form_id: int, submission_id: int) -> None:
    """The user has looked at what came up to this submission; an older mark changes nothing."""
    insert = insert_into(session, Seen)
    row = {"user_id": user_id, "form_id": form_id, "submission_id": submission_id}
    session.execute(
        insert.values(row).on_conflict_do_update(
            index_elements=["user_id", "form_id"],
            set_={"submission_id": submission_id},
            where=Seen.submission_id < submission_id,
        )
    )


def keep_seen(user_id: int, form_id: int, submission_id: int) -> None:
    """The same, in a transaction of its own, for pages that are read. Where others write for longer than
    can be waited for, it is left out: the page is worth more than the mark."""
    try:
        with unit_of_work() as session:
            mark_seen(session, user_id, form_id, submission_id)
    except OperationalError:
        log.exception("What user %d has seen of form %d is not kept.", user_id, form_id)


def overview(session: Session, user_id: int) -> Sequence[FormNews]:
    """All forms, those with what is newest first. One statement, however many forms there are."""
    mark = select(Seen.submission_id).where(Seen.user_id == user_id, Seen.form_id == Form.id)
    since = func.coalesce(mark.scalar_subquery(), 0)
    own = Submission.form_id == Form.id
    last = select(Submission.received_at).where(own).order_by(Submission.id.desc()).limit(1)
    title = Form.draft["title"].as_string()
    query = select(Form, title, _new(since), last.scalar_subquery())
    rows = session.execute(query.where(Form.erased_at.is_(None)).order_by(Form.id.desc())).all()
    return [FormNews(row[0], row[1], row[2], row[3]) for row in rows]


def _new(since: ColumnElement[int]) -> ColumnElement[int]:
    """How many of a form's submissions came after that one, not counted further than MOST_NEW + 1."""
    new = select(Submission.id).where(Submission.form_id == Form.id, Submission.id > since)
    few = new.limit(MOST_NEW + 1).correlate(Form).subquery()
    return select(func.count()).select_from(few).correlate(Form).scalar_subquery()
