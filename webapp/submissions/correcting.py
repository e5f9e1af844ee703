"""How a correction is accepted: as a submission is (accepting.py), and beside what was there before.

The submission's row gets the new content. What it held goes to `submission_revisions`; a file that is
kept stays where it is, one that was taken away stays on the disk with the earlier revision, and new ones
go into a folder of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from ..events.rules import record
from ..forms.definition import Definition
from ..forms.tables import Form
from ..invited.tables import InvitedPerson
from ..jobs import queue
from ..storage import names
from ..uploads import rules as uploads
from ..uploads.rules import UploadedFile
from . import searching
from .accepting import (
    ANNOUNCE_JOB,
    PLACE_AGAIN_AFTER,
    Accepted,
    NotAccepted,
    UploadsGone,
    content_hash,
    stored_file,
)
from .indexing import Entry, entry
from .permits import permit
from .placing import PLACE_JOB, job_name
from .tables import IS_CURRENT, StoredFile, Submission, SubmissionRevision


@dataclass(frozen=True)
class Correction:
    """What a person hands in instead of what a submission holds, validated against its form version."""

    submission_id: int
    begun_on: int  # the revision that the person saw
    definition: Definition
    nonce: str
    answers: Mapping[str, Any]
    kept: Sequence[UploadedFile]  # files of that revision
    uploads: Sequence[UploadedFile]  # new ones
    language: str = ""
    # Worked out here, before the transaction for which others wait.
    entry: Entry = field(init=False)

    def __post_init__(self) -> None:
        filenames = [file.filename for file in (*self.kept, *self.uploads)]
        object.__setattr__(self, "entry", entry(self.definition, self.answers, filenames))

    @cached_property
    def content_hash(self) -> str:
        """The same for the same answers and the same files."""
        return content_hash(self.answers, [*self.kept, *self.uploads])


class NotCorrectable(NotAccepted):
    """The submission may not be corrected now, or is gone."""


class CorrectedAlready(NotAccepted):
    """Another correction came in since the page was opened."""


def find_current_files(session: Session, submission_id: int) -> list[UploadedFile]:
    """The files that the submission has now."""
    query = select(StoredFile).where(StoredFile.submission_id == submission_id, IS_CURRENT)
    return [
        UploadedFile(f.upload_id, f.field_id, f.filename, f.media_type, f.size, f.sha256)
        for f in session.scalars(query.order_by(StoredFile.id))
    ]


def correct(session: Session, correction: Correction, now: datetime) -> Accepted:
    """Adds the correction to the transaction, which is accepted when that is committed.

    The same page with the same content, and one that changes nothing, give the submission as it is. Raises
    NotCorrectable, CorrectedAlready or UploadsGone.
    """
    query = select(Submission).where(Submission.id == correction.submission_id).with_for_update()
    submission = session.scalars(query).one_or_none()
    if submission is None:
        raise NotCorrectable
    if _is_repetition(session, submission, correction):
        return _accepted(submission, is_repetition=True)
    form = session.get_one(Form, submission.form_id)
    person = _person(session, submission)
    leave = permit(form, submission, now, person)
    if form.erased_at is not None or leave is None:
        raise NotCorrectable
    if submission.revision != correction.begun_on:
        raise CorrectedAlready
    stored = _stored(session, submission.id)
    kept = {file.id for file in correction.kept}
    current = {file.upload_id for file in stored if file.until is None}
    if kept - current or not uploads.take(session, [u.id for u in correction.uploads]):
        raise UploadsGone
    is_same = kept == current and not correction.uploads
    if is_same and submission.answers == dict(correction.answers):
        return _accepted(submission, is_repetition=True)
    _keep_what_was(session, submission)
    _take_away(session, stored, kept, submission.revision)
    submission.late = submission.late or leave.is_late
    name = person.name if person else ""
    _set(session, submission, correction, name, now)
    _add_files(session, form, submission, stored, correction, name)
    _tell(session, form, submission, correction, now)
    return _accepted(submission)


def _person(session: Session, submission: Submission) -> InvitedPerson | None:
    """The one by whose personal link it came in."""
    person_id = submission.invited_id
    return None if person_id is None else session.get(InvitedPerson, person_id)


def _accepted(submission: Submission, *, is_repetition: bool = False) -> Accepted:
    known = submission.id, submission.reference, submission.receipt_key
    return Accepted(*known, is_repetition=is_repetition)


def _is_repetition(session: Session, submission: Submission, correction: Correction) -> bool:
    """Whether this very page came in before. Raises CorrectedAlready if it held something else."""
    known = submission.correction_hash
    if submission.correction_nonce != correction.nonce:
        own = SubmissionRevision.submission_id == submission.id
        query = select(SubmissionRevision.content_hash).where(own)
        known = session.scalar(query.where(SubmissionRevision.nonce == correction.nonce))
    if known is not None and known != correction.content_hash:
        raise CorrectedAlready
    return known is not None


def _stored(session: Session, submission_id: int) -> Sequence[StoredFile]:
    """Its files of all revisions."""
    own = select(StoredFile).where(StoredFile.submission_id == submission_id)
    return session.scalars(own.order_by(StoredFile.id)).all()


def _keep_what_was(session: Session, submission: Submission) -> None:
    was = SubmissionRevision(
        submission_id=submission.id,
        number=submission.revision,
        form_version_id=submission.form_version_id,
        nonce=submission.correction_nonce or submission.nonce,
        content_hash=submission.correction_hash or submission.content_hash,
        answers=submission.answers,
        received_at=submission.corrected_at or submission.received_at,
        language=submission.language,
    )
    session.add(was)


def _take_away(
    session: Session, stored: Sequence[StoredFile], kept: set[str], revision: int
) -> None:
    gone = [file.id for file in stored if file.until is None and file.upload_id not in kept]
    if gone:
        last = update(StoredFile).where(StoredFile.id.in_(gone))
        session.execute(last.values(until=revision).execution_options(synchronize_session=False))


def _set(
    session: Session, submission: Submission, correction: Correction, name: str, now: datetime
) -> None:
    entry = correction.entry.of(name) if name else correction.entry
    submission.revision += 1
    submission.corrected_at = now
    submission.correction_nonce = correction.nonce
    submission.correction_hash = correction.content_hash
    submission.answers = dict(correction.answers)
    submission.language = correction.language
    for name, value in entry.columns.items():
        setattr(submission, name, value)
    known = submission.id, submission.form_id, submission.reference
    searching.remove(session, [submission.id])
    searching.add(session, [searching.Document(*known, entry.words)])


def _add_files(
    session: Session,
    form: Form,
    submission: Submission,
    stored: Sequence[StoredFile],
    correction: Correction,
    name: str,
) -> None:
    if not correction.uploads:
        return
    folder = f"{form.folder}/{_folder(form, submission, stored, correction, name)}"
    kept = {file.id for file in correction.kept}
    taken = [f.storage_key.rsplit("/", 1)[-1] for f in stored if f.upload_id in kept]
    wanted = [names.file_name(upload.filename) for upload in correction.uploads]
    # different from those that are kept, too: an archive of one submission has no folders
    different = names.all_different([*taken, *wanted])[len(taken) :]
    rows = [
        stored_file(submission.id, file, f"{folder}/{name}", since=submission.revision)
        for file, name in zip(correction.uploads, different, strict=True)
    ]
    session.execute(insert(StoredFile), rows)


def _folder(
    form: Form,
    submission: Submission,
    stored: Sequence[StoredFile],
    correction: Correction,
    name: str,
) -> str:
    """A folder that none of the submission's files is in, beside the first."""
    day = submission.received_at.astimezone(ZoneInfo(form.time_zone)).date().isoformat()
    name = correction.definition.folder_name(correction.answers) or name
    taken = {names.folded(file.storage_key.split("/")[-2]) for file in stored}
    number = submission.revision
    while True:
        folder = names.submission_folder(day, submission.reference, name, number)
        if names.folded(folder) not in taken:  # somebody may be called `Ann (2)`
            return folder
        number += 1


def _tell(
    session: Session,
    form: Form,
    submission: Submission,
    correction: Correction,
    now: datetime,
) -> None:
    record(
        session,
        "submission.corrected",
        now,
        form_id=submission.form_id,
        submission_id=submission.id,
        reference=submission.reference,
        revision=submission.revision,
    )
    if correction.uploads:
        due_at, payload = now + PLACE_AGAIN_AFTER, {"submission_id": submission.id}
        queue.add(session, PLACE_JOB, due_at, payload, name=job_name(submission.id))
    if form.announces:
        payload = {"submission_id": submission.id, "revision": submission.revision}
        queue.add(session, ANNOUNCE_JOB, now, payload)
