"""What a submission held at each time, and how that differs from what it held before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..forms.definition import Definition
from .receipts import ReceiptAnswer, ReceiptFile, answers_in_words
from .tables import StoredFile, Submission, SubmissionRevision
from .word_differences import Part, differences

MOST_SHOWN = 50  # revisions on a page


@dataclass(frozen=True)
class Revision:
    """One of the contents that a submission has had."""

    number: int  # from 1
    received_at: datetime
    answers: dict[str, Any]
    language: str


@dataclass(frozen=True)
class Change:
    """A question whose answer is another than before."""

    label: str
    parts: Sequence[Part]  # the texts, old and new in one
    kept: Sequence[ReceiptFile] = ()
    added: Sequence[ReceiptFile] = ()
    removed: Sequence[ReceiptFile] = ()


@dataclass(frozen=True)
class Compared:
    """A revision, and what it changed of the one before; nothing for the first."""

    revision: Revision
    answers: Sequence[ReceiptAnswer]
    changes: Sequence[Change]


def revisions_of(session: Session, submission: Submission) -> list[Revision]:
    """All contents of the submission, the first first."""
    own = select(SubmissionRevision).where(SubmissionRevision.submission_id == submission.id)
    earlier = session.scalars(own.order_by(SubmissionRevision.number))
    return [
        *(Revision(e.number, e.received_at, e.answers, e.language) for e in earlier),
        newest(submission),
    ]


def newest(submission: Submission) -> Revision:
    """What the submission holds now."""
    received_at = submission.corrected_at or submission.received_at
    return Revision(submission.revision, received_at, submission.answers, submission.language)


def find_revision(session: Session, submission: Submission, number: int) -> Revision | None:
    """What the submission held in that revision."""
    if number == submission.revision:
        return newest(submission)
    own = SubmissionRevision.submission_id == submission.id
    query = select(SubmissionRevision).where(own, SubmissionRevision.number == number)
    row = session.scalar(query)
    if row is None:
        return None
    return Revision(row.number, row.received_at, row.answers, row.language)


def all_files(session: Session, submission_id: int) -> Sequence[StoredFile]:
    """The submission's files, also those that corrections took away."""
    own = select(StoredFile).where(StoredFile.submission_id == submission_id)
    return session.scalars(own.order_by(StoredFile.id)).all()


def files_in(files: Sequence[StoredFile], number: int) -> list[StoredFile]:
    """Those of a submission's files that belong to the revision."""
    return [f for f in files if f.since <= number and (f.until is None or f.until >= number)]


def compared(session: Session, submission: Submission, definition: Definition) -> list[Compared]:
    """The revisions with what each changed, the newest first; MOST_SHOWN of them."""
    revisions = revisions_of(session, submission)
    files = all_files(session, submission.id)
    told = [answers_in_words(definition, r.answers, files_in(files, r.number)) for r in revisions]
    found = [
        Compared(revision, now, _changes(told[at - 1], now) if at else [])
        for at, (revision, now) in enumerate(zip(revisions, told, strict=True))
        if at >= len(revisions) - MOST_SHOWN
    ]
    return found[::-1]


def _changes(before: Sequence[ReceiptAnswer], now: Sequence[ReceiptAnswer]) -> list[Change]:
    pairs = [(old, new) for old, new in zip(before, now, strict=True) if old != new]
    return [_change(old, new) for old, new in pairs]


def _change(old: ReceiptAnswer, new: ReceiptAnswer) -> Change:
    had, has = {f.upload_id for f in old.files}, {f.upload_id for f in new.files}
    return Change(
        new.label,
        differences("\n".join(old.texts), "\n".join(new.texts)),
        [f for f in new.files if f.upload_id in had],
        [f for f in new.files if f.upload_id not in had],
        [f for f in old.files if f.upload_id not in has],
    )
