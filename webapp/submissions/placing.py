"""Putting the files of accepted submissions into their places, now or later, as often as needed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..database import snapshot, unit_of_work
from ..failpoints import reach
from ..jobs import queue
from ..storage.base import Storage, StorageError
from .tables import StoredFile

log = logging.getLogger("intray.submissions")

PLACE_JOB = "submission.place"


def job_name(submission_id: int) -> str:
    """The name of the job that places the files if the request cannot."""
    return f"{PLACE_JOB}:{submission_id}"


def place_files(storage: Storage, submission_id: int) -> None:
    """Places what is not yet placed of the submission. Raises StorageError or OSError; what was placed
    by then is so, and doing it again does the rest."""
    with snapshot() as session:
        files = _unplaced(session, submission_id)
    for file in files:
        storage.place(file.upload_id, file.storage_key)
        reach("place: renamed")
    with unit_of_work() as session:
        placed = [file.id for file in files]
        session.execute(update(StoredFile).where(StoredFile.id.in_(placed)).values(placed=True))
        queue.drop(session, job_name(submission_id))
        session.flush()
        reach("place: not committed")
    reach("place: committed")


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
        except (StorageError, OSError):
            log.exception("The files of submission %d cannot be placed now.", submission_id)


def unplaced_upload_ids(session: Session) -> frozenset[str]:
    """The upload ids of stored files that still lie in the incoming place."""
    return frozenset(
        session.scalars(select(StoredFile.upload_id).where(StoredFile.placed.is_(False)))
    )


class PlaceJob:
    """Does the job that an acceptance left, in case its request could not place the files."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        place_files(self._storage, payload["submission_id"])
        return None
