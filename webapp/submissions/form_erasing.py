"""Erasing a form with all its submissions: it is gone at once, and a job does the work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..database import now, snapshot, unit_of_work
from ..events.rules import record
from ..forms.tables import Form, FormVersion
from ..jobs import queue
from ..storage.base import Storage
from ..uploads import rules as uploads
from .erasing import erase, erase_marked
from .tables import Submission

ERASE_FORM_JOB = "form.erase"
_AT_ONCE = 200  # submissions; the job's lease must outlast the removal of their files


def erase_form(session: Session, form_id: int, user_id: int | None, at: datetime) -> None:
    """Takes the form away with all its submissions, when the transaction is committed: no page finds it,
    its slug is free, nothing can be handed in. Wake the worker then, which does the rest."""
    form = session.scalars(select(Form).where(Form.id == form_id).with_for_update()).one()
    count = form.submission_count
    record(
        session, "form.deleted", at, form_id=form_id, user_id=user_id, slug=form.slug, count=count
    )
    # An address that no slug can have: whoever looks for the form by its own finds none.
    form.slug, form.state, form.erased_at = f"~{form.public_id}", "draft", at
    _add_job(session, form_id, user_id, at)


def go_on(session: Session, at: datetime) -> None:
    """Adds the job again for each form that is still being erased: one that was given up, since a file
    could not be removed for days, must not be for good."""
    for form_id in session.scalars(select(Form.id).where(Form.erased_at.is_not(None))):
        _add_job(session, form_id, None, at)


def _add_job(session: Session, form_id: int, user_id: int | None, at: datetime) -> None:
    payload = {"form_id": form_id, "user_id": user_id}
    queue.add(session, ERASE_FORM_JOB, at, payload, name=f"{ERASE_FORM_JOB}:{form_id}")


class EraseFormJob:
    """Erases some submissions of such a form; due again until the form's row can go as well."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        form_id = payload["form_id"]
        with snapshot() as session:
            folder = session.scalar(select(Form.folder).where(Form.id == form_id))
            query = select(Submission.id).where(Submission.form_id == form_id)
            ids = session.scalars(query.order_by(Submission.id).limit(_AT_ONCE)).all()
        if ids:
            erase(self._storage, ids, payload["user_id"])
            return now()
        if folder is not None:
            erase_marked(self._storage, folder)  # or else the folder is not empty
            self._storage.remove_empty_folder(folder)
            self._forget(form_id)
        return None

    def _forget(self, form_id: int) -> None:
        with unit_of_work() as session:
            waiting = uploads.remove_all(session, form_id)
            session.execute(delete(FormVersion).where(FormVersion.form_id == form_id))
            session.execute(delete(Form).where(Form.id == form_id))
        uploads.discard(self._storage, waiting)
