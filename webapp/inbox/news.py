"""What is new to a user: the submissions that came after the last one that they have looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from ..database import insert_into
from ..forms.tables import Form
from ..submissions.tables import Submission
from .tables import Seen

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


def count_new(session: Session, form_id: int, since: int) -> int:
    """How many of the form's submissions came after this one; MOST_NEW + 1 for more."""
    query: Select[*tuple[Any, ...]] = (
        select(_new(since)).select_from(Form).where(Form.id == form_id)
    )
    return session.scalar(query) or 0


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


def _new(since: ColumnElement[int] | int) -> ColumnElement[int]:
    """How many of a form's submissions came after that one, not counted further than MOST_NEW + 1."""
    new = select(Submission.id).where(Submission.form_id == Form.id, Submission.id > since)
    few = new.limit(MOST_NEW + 1).correlate(Form).subquery()
    return select(func.count()).select_from(few).correlate(Form).scalar_subquery()
