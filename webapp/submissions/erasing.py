"""Erasing submissions with their files: step 7 of the design's "How a submission is accepted".

Mark: the rows go from all tables but `erasures`, which keeps where the files lie, so that nothing that
lists, finds or shows submissions need know of this. Commit. Then each file is unlinked, its folder removed
if that leaves it empty, and its row in `erasures` last. What ends the process in between is made up for by
a job, and by the next start.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from ..database import now, snapshot, unit_of_work
from ..events.rules import record
from ..failpoints import reach
from ..forms.tables import Form
from ..jobs import queue
from ..storage.base import Storage, StorageError
from . import searching
from .tables import Erasure, StoredFile, Submission, SubmissionRevision

log = logging.getLogger("intray.submissions")

ERASE_JOB = "submission.erase"
ERASE_AGAIN_AFTER = timedelta(minutes=1)
_AT_ONCE = 500  # ids in one statement: databases have a limit


def erase(storage: Storage, submission_ids: Sequence[int], user_id: int | None) -> int:
    """Erases the submissions with their files, and tells how many there were. They are gone when this
    returns, even if a file cannot be removed now: a job tries again. No transaction may be open."""
    erased = 0
    for start in range(0, len(submission_ids), _AT_ONCE):
        with unit_of_work() as session:
            ids = submission_ids[start : start + _AT_ONCE]
            gone, files = mark(session, ids, user_id, now())
            reach("erase: not committed")
        reach("erase: marked")
        erased += gone
        _remove_now(storage, files)
    return erased


def mark(
    session: Session, submission_ids: Sequence[int], user_id: int | None, at: datetime
) -> tuple[int, Sequence[Erasure]]:
    """Takes the submissions out of all tables, in the transaction. Gives how many there were, and the
    files to be removed when that is committed."""
    found = _locked(session, submission_ids)
    ids = [row.id for row in found]
    files = _note_files(session, ids, at)
    session.execute(delete(StoredFile).where(StoredFile.submission_id.in_(ids)))
    own = SubmissionRevision.submission_id.in_(ids)
    session.execute(delete(SubmissionRevision).where(own))
    searching.remove(session, ids)
    session.execute(delete(Submission).where(Submission.id.in_(ids)))
    for form_id, count in Counter(row.form_id for row in found).items():
        counter = {"submission_count": Form.submission_count - count}
        session.execute(update(Form).where(Form.id == form_id).values(counter))
    for row in found:
        about: dict[str, Any] = {"form_id": row.form_id, "submission_id": row.id}
        details = {"reference": row.reference}
        record(session, "submission.deleted", at, user_id=user_id, **about, **details)
    return len(ids), files


def _locked(session: Session, submission_ids: Sequence[int]) -> Sequence[Any]:
    """Id, form and reference of those submissions that are still there. The forms' rows are locked
    first, as they are when submissions are accepted: their counters are to be right. Then their own, as
    when they are corrected: a file must not come between."""
    wanted = Submission.id.in_(submission_ids)
    form_ids = select(Submission.form_id).where(wanted)
    lock = select(Form.id).where(Form.id.in_(form_ids)).order_by(Form.id).with_for_update()
    session.execute(lock)
    own = select(Submission.id, Submission.form_id, Submission.reference).where(wanted)
    return session.execute(own.order_by(Submission.id).with_for_update()).all()


def _note_files(session: Session, submission_ids: Sequence[int], at: datetime) -> Sequence[Erasure]:
    own = StoredFile.submission_id.in_(submission_ids)
    columns = select(StoredFile.upload_id, StoredFile.storage_key).where(own)
    names = [row.upload_id for row in session.execute(columns)]
    if not names:
        return ()
    session.execute(insert(Erasure).from_select(["upload_id", "storage_key"], columns))
    queue.add(session, ERASE_JOB, at + ERASE_AGAIN_AFTER, name=ERASE_JOB)
    return session.scalars(
        select(Erasure).where(
            Erasure.upload_id.in_(columns.with_only_columns(StoredFile.upload_id))
        )
    ).all()


def _remove_now(storage: Storage, files: Sequence[Erasure]) -> None:
    """Removes the files of what was marked. What cannot be removed is the job's."""
    if files:
        failure = _remove(storage, files)
        if failure is not None:
            log.error("A file of an erased submission is still there: %s", failure)


def _remove(storage: Storage, files: Sequence[Erasure]) -> StorageError | OSError | None:
    """Removes the files, then their rows. Gives why the first of those that stay cannot be removed."""
    removed: list[int] = []
    failure: StorageError | OSError | None = None
    for file in files:
        try:
            storage.erase(file.upload_id, file.storage_key)
            removed.append(file.id)
        except (StorageError, OSError) as wrong:
            failure = failure or wrong
        reach("erase: unlinked")
    with unit_of_work() as session:
        # The job stays, and finds nothing: others, who are not committed yet, may rely on it.
        session.execute(delete(Erasure).where(Erasure.id.in_(removed)))
        reach("erase: not forgotten")
    reach("erase: forgotten")
    return failure


def erase_marked(storage: Storage, folder: str = "") -> None:
    """Removes the files of all that was marked, or of those in a form's folder. Raises StorageError or
    OSError for the first that cannot be removed; the others are, and doing it again does the rest."""
    failure: StorageError | OSError | None = None
    for files in _marked(f"{folder}/" if folder else ""):
        failure = failure or _remove(storage, files)
    if failure is not None:
        raise failure


def erase_all_marked(storage: Storage) -> None:
    """The same for the sweep: what cannot be removed now is logged, and tried again by its job."""
    try:
        erase_marked(storage)
    except (StorageError, OSError) as wrong:
        log.error("A file of an erased submission is still there: %s", wrong)


def _marked(beginning: str) -> Iterator[Sequence[Erasure]]:
    last = 0
    while True:
        with snapshot() as session:
            query = select(Erasure).where(Erasure.id > last).order_by(Erasure.id)
            own = Erasure.storage_key.startswith(beginning, autoescape=True)
            files = session.scalars(query.where(own).limit(_AT_ONCE)).all()
        if not files:
            return
        last = files[-1].id
        yield files


class EraseJob:
    """Does what an erasing has left, in case its request could not."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        erase_marked(self._storage)
        return None
