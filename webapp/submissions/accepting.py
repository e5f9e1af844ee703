"""How a submission is accepted: once, wholly, or not at all.

The steps and their numbers are those of the design's "How a submission is accepted": 1 the files
are received (uploads), 2 the answers are validated (answers.py), 3 one transaction, which is the
acceptance, 4 the files are put in their places (placing.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from .. import ids
from ..events.rules import record
from ..forms.availability import Availability
from ..forms.definition import Definition, canonical_json
from ..forms.tables import Form
from ..invited.admission import Admission, admission
from ..invited.tables import InvitedPerson
from ..jobs import queue
from ..storage import names
from ..uploads import rules as uploads
from ..uploads.rules import UploadedFile
from . import searching
from .indexing import Entry, entry
from .placing import PLACE_JOB, job_name
from .tables import StoredFile, Submission

ANNOUNCE_JOB = "submission.announce"  # tells whom the form's notices name
PLACE_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class HandIn:
    """What a person hands in, validated against a form version."""

    form_id: int
    version_id: int
    definition: Definition
    nonce: str
    answers: Mapping[str, Any]
    uploads: Sequence[UploadedFile]
    language: str = ""  # in which the person reads
    credential: str = ""  # what lets the person in, see invited.admission
    # Worked out here, before the transaction for which others wait.
    entry: Entry = field(init=False)

    def __post_init__(self) -> None:
        filenames = [upload.filename for upload in self.uploads]
        object.__setattr__(self, "entry", entry(self.definition, self.answers, filenames))

    @cached_property
    def file_names(self) -> list[str]:
        """The names under which the files are stored."""
        return names.all_different(names.file_name(u.filename) for u in self.uploads)

    @cached_property
    def content_hash(self) -> str:
        """The same for the same answers and the same files, however often the files were sent."""
        return content_hash(self.answers, self.uploads)


def content_hash(answers: Mapping[str, Any], uploads: Sequence[UploadedFile]) -> str:
    """The digest of what was handed in."""
    files = [[u.field_id, u.filename, u.size, u.sha256] for u in uploads]
    content = {"answers": dict(answers), "files": sorted(files)}
    return hashlib.sha256(canonical_json(content)).hexdigest()


@dataclass(frozen=True)
class Accepted:
    """A submission that will not be lost."""

    submission_id: int
    reference: str
    receipt_key: str
    is_repetition: bool = False


class NotAccepted(Exception):
    """A submission was not accepted, for the reason that the subclass is."""


class NotOpen(NotAccepted):
    """The form does not take submissions now."""

    def __init__(self, availability: Availability) -> None:
        super().__init__(availability.value)
        self.availability = availability


class UploadsGone(NotAccepted):
    """A file that came earlier has expired meanwhile, or was handed in with another submission."""


class HandedInAlready(NotAccepted):
    """The same page was handed in before, with other content."""

    def __init__(self, earlier: Accepted) -> None:
        super().__init__(earlier.reference)
        self.earlier = earlier


class LinkUsed(NotAccepted):
    """By this personal link something was handed in before."""

    def __init__(self, earlier: Submission) -> None:
        super().__init__(earlier.reference)
        self.earlier = earlier


def accept(session: Session, hand_in: HandIn, now: datetime) -> Accepted:
    """Adds the submission to the transaction, which is accepted when that is committed.

    The same page with the same content gives the first submission again. Raises NotOpen, UploadsGone,
    LinkUsed or HandedInAlready. What takes long with many files is to be worked out before: others wait.
    """
    # On PostgreSQL the row's lock keeps others out; on SQLite the transaction has done so already.
    query = select(Form).where(Form.id == hand_in.form_id).with_for_update()
    form = session.scalars(query).one_or_none()
    earlier = find_by_nonce(session, hand_in.nonce)
    if earlier is not None:
        return _again(earlier, hand_in.content_hash)
    if form is None:
        raise NotOpen(Availability.CLOSED)
    admitted = _admit(session, form, hand_in, now)
    if not uploads.take(session, [upload.id for upload in hand_in.uploads]):
        raise UploadsGone
    submission = _insert(session, form, hand_in, admitted, now)
    form.submission_count += 1
    _record(session, submission, now)
    if hand_in.uploads:
        payload = {"submission_id": submission.id}
        due_at = now + PLACE_AGAIN_AFTER
        queue.add(session, PLACE_JOB, due_at, payload, name=job_name(submission.id))
    if form.announces:
        queue.add(session, ANNOUNCE_JOB, now, {"submission_id": submission.id})
    return Accepted(submission.id, submission.reference, submission.receipt_key)


def _admit(session: Session, form: Form, hand_in: HandIn, now: datetime) -> Admission:
    admitted = admission(session, form, hand_in.credential, now, lock=True)
    if admitted.person is not None:
        earlier = find_of_person(session, admitted.person.id)
        if earlier is not None:
            raise LinkUsed(earlier)
    if not admitted.state.takes:
        raise NotOpen(admitted.state)
    return admitted


def find_of_person(session: Session, person_id: int) -> Submission | None:
    """What came in by the personal link of that invited person."""
    return session.scalar(select(Submission).where(Submission.invited_id == person_id))


def _record(session: Session, submission: Submission, now: datetime) -> None:
    record(
        session,
        "submission.received",
        now,
        form_id=submission.form_id,
        submission_id=submission.id,
        reference=submission.reference,
    )


def find_by_nonce(session: Session, nonce: str) -> Submission | None:
    """The submission that the page of this nonce became."""
    return session.scalar(select(Submission).where(Submission.nonce == nonce))


def handed_in_files(session: Session, nonce: str) -> list[UploadedFile]:
    """The files that came with the submission of this nonce, for telling a repetition."""
    query = select(StoredFile).join(Submission)
    query = query.where(Submission.nonce == nonce, StoredFile.since == 1)  # not of its corrections
    return [
        UploadedFile(f.upload_id, f.field_id, f.filename, f.media_type, f.size, f.sha256)
        for f in session.scalars(query.order_by(StoredFile.id))
    ]


def _again(earlier: Submission, content_hash: str) -> Accepted:
    first = Accepted(earlier.id, earlier.reference, earlier.receipt_key, is_repetition=True)
    if earlier.content_hash != content_hash:
        raise HandedInAlready(first)
    return first


def _insert(
    session: Session, form: Form, hand_in: HandIn, admitted: Admission, now: datetime
) -> Submission:
    person = admitted.person
    known = hand_in.entry.of(person.name) if person else hand_in.entry
    submission = Submission(
        reference=_unused_reference(session),
        receipt_key=ids.private_key(),
        form_id=form.id,
        form_version_id=hand_in.version_id,
        nonce=hand_in.nonce,
        content_hash=hand_in.content_hash,
        answers=dict(hand_in.answers),
        received_at=now,
        language=hand_in.language,
        invited_id=person.id if person else None,
        late=admitted.is_late,
        **known.columns,
    )
    session.add(submission)
    session.flush()
    folder = f"{form.folder}/{_folder(form, submission, hand_in, person, now)}"
    if hand_in.uploads:
        files = zip(hand_in.uploads, hand_in.file_names, strict=True)
        rows = [stored_file(submission.id, file, f"{folder}/{name}") for file, name in files]
        session.execute(insert(StoredFile), rows)
    document = searching.Document(submission.id, form.id, submission.reference, known.words)
    searching.add(session, [document])
    return submission


def _unused_reference(session: Session) -> str:
    while True:
        reference = ids.reference()
        taken = select(Submission.id).where(Submission.reference == reference)
        if session.scalar(taken) is None:
            return reference


def _folder(
    form: Form,
    submission: Submission,
    hand_in: HandIn,
    person: InvitedPerson | None,
    now: datetime,
) -> str:
    day = now.astimezone(ZoneInfo(form.time_zone)).date().isoformat()
    name = hand_in.definition.folder_name(hand_in.answers)
    if not name and person is not None:
        name = person.name
    return names.submission_folder(day, submission.reference, name)


def stored_file(
    submission_id: int, upload: UploadedFile, storage_key: str, since: int = 1
) -> dict[str, Any]:
    """The row of a file that is accepted, from that revision of the submission on."""
    return {
        "since": since,
        "submission_id": submission_id,
        "field_id": upload.field_id,
        "upload_id": upload.id,
        "filename": upload.filename,
        "media_type": upload.media_type,
        "size": upload.size,
        "sha256": upload.sha256,
        "storage_key": storage_key,
        "placed": False,
    }
