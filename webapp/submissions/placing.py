"""Putting the files of accepted submissions into their places, now or later, as often as needed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..database import snapshot, unit_of_work
from ..failpoints import reach
from ..jobs import queue
from ..storage.base import Storage, StorageError
from ..uploads import rules as uploads
from .tables import StoredFile

log = logging.getLogger("intray.submissions")

PLACE_JOB = "submission.place"
_AT_ONCE = 500  # ids in one statement: databases have a limit


def job_name(submission_id: int) -> str:
    """The name of the job that places the files if the request cannot."""
    return f"{PLACE_JOB}:{submission_id}"


def place_files(storage: Storage, submission_id: int) -> None:
    """Places what is not yet placed of the submission. Raises StorageError or OSError for the first
    file that cannot be placed; the others are, and doing it again does the rest."""
    with snapshot() as session:
        files = _unplaced(session, submission_id)
    placed, failure = _place_each(storage, files)
    with unit_of_work() as session:
        session.execute(update(StoredFile).where(StoredFile.id.in_(placed)).values(placed=True))
        if failure is None:
            queue.drop(session, job_name(submission_id))
        session.flush()
        reach("place: not committed")
    reach("place: committed")
    if failure is not None:
        raise failure


def _place_each(
    storage: Storage, files: Sequence[StoredFile]
) -> tuple[list[int], StorageError | OSError | None]:
    """The ids of the files that are in their places now, and why the first of the others is not."""
    placed: list[int] = []
    failure: StorageError | OSError | None = None
    for file in files:
        try:
            storage.place(file.upload_id, file.storage_key)
            placed.append(file.id)
        except (StorageError, OSError) as wrong:
            failure = failure or wrong
        reach("place: renamed")
    return placed, failure


def _unplaced(session: Session, submission_id: int) -> Sequence[StoredFile]:
    query = select(StoredFile).where(
        StoredFile.submission_id == submission_id, StoredFile.placed.is_(False)
    )
    return session.scalars(query.order_by(StoredFile.id)).all()


def place_all(storage: Storage) -> None:
    """Places whatever accepted submissions have unplaced. What cannot be placed now is logged, and
    tried again by its job."""
    with snapshot() as session:
        query = select(StoredFile.submission_id).where(StoredFile.placed.is_(False)).distinct()
        submission_ids = session.scalars(query).all()
    for submission_id in submission_ids:
        try:
            place_files(storage, submission_id)
        except (StorageError, OSError, SQLAlchemyError) as wrong:
            log.error(
                "Not all files of submission %d are in their places: %s", submission_id, wrong
            )


def forget_strays(storage: Storage, older_than_seconds: float) -> None:
    """Removes what has been on its way in that long and is nobody's. What an accepted submission has is
    placed instead, even where the database says that it is: that may be its only copy."""
    old = list(storage.waiting(older_than_seconds))
    for start in range(0, len(old), _AT_ONCE):
        _forget_strays_among(storage, old[start : start + _AT_ONCE])


def _forget_strays_among(storage: Storage, upload_ids: Sequence[str]) -> None:
    with snapshot() as session:
        # In this order: on PostgreSQL an upload may be handed in between the two statements.
        waiting = uploads.waiting_ids(session, upload_ids)
        query = select(StoredFile.upload_id, StoredFile.storage_key)
        rows = session.execute(query.where(StoredFile.upload_id.in_(upload_ids)))
        accepted = {row.upload_id: row.storage_key for row in rows}
    for upload_id in set(upload_ids) - waiting:
        try:
            if upload_id in accepted:
                storage.place(upload_id, accepted[upload_id])
                storage.settle(upload_id)
            else:
                storage.discard(upload_id)
        except (StorageError, OSError) as wrong:
            log.error("What was on its way in as %s stays there: %s", upload_id, wrong)


class PlaceJob:
    """Does the job that an acceptance left, in case its request could not place the files."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        place_files(self._storage, payload["submission_id"])
        return None
