"""One submission with all that the desk shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..forms.capacity import Capacity, find_capacity
from ..forms.definition import Definition
from ..forms.rules import definition_of
from ..forms.slugs import is_slug
from ..forms.tables import Form, FormVersion
from ..ids import PUBLIC_ID, as_reference
from ..invited.tables import InvitedPerson
from ..storage.base import Storage
from .receipts import ReceiptAnswer, answers_in_words
from .tables import IS_CURRENT, StoredFile, Submission


@dataclass(frozen=True)
class Details:
    """A submission, the version that it answers, and its answers in the reader's language."""

    submission: Submission
    form: Form
    version: int
    answers: Sequence[ReceiptAnswer]
    person: InvitedPerson | None = None  # by whose personal link it came in


def find_submission(session: Session, slug: str, reference: str) -> Submission | None:
    """The submission of that reference, if it is one of that form's."""
    wanted = as_reference(reference)
    if wanted is None or not is_slug(slug):
        return None
    own = select(Submission).join(Form, Form.id == Submission.form_id)
    return session.scalar(own.where(Submission.reference == wanted, Form.slug == slug))


@dataclass(frozen=True)
class Versioned:
    """A submission with what it answers."""

    submission: Submission
    form: Form
    definition: Definition


def find_versioned(session: Session, slug: str, reference: str) -> Versioned | None:
    """The submission of that reference, if it is one of that form's, with what it answers."""
    submission = find_submission(session, slug, reference)
    if submission is None:
        return None
    form = session.get_one(Form, submission.form_id)
    version = session.get_one(FormVersion, submission.form_version_id)
    return Versioned(submission, form, definition_of(version))


def capacity_to_correct(session: Session, reference: str) -> Capacity | None:
    """What may be sent to correct the submission of that reference; None if there is none."""
    wanted = as_reference(reference)
    if wanted is None:
        return None
    slug = select(Form.slug).join(Submission, Submission.form_id == Form.id)
    found = session.scalar(slug.where(Submission.reference == wanted))
    return find_capacity(session, found) if found else None


def count_files(session: Session, submission_id: int) -> int:
    """How many files the submission has, whether or not it is indexed yet."""
    query = select(func.count(StoredFile.id)).where(StoredFile.submission_id == submission_id)
    return session.scalar(query) or 0


def details(session: Session, slug: str, reference: str) -> Details | None:
    """All of the submission of that reference, if it is one of that form's."""
    wanted = as_reference(reference)
    if wanted is None or not is_slug(slug):
        return None
    query = (
        select(Submission, Form, FormVersion, InvitedPerson)
        .join(Form, Form.id == Submission.form_id)
        .join(FormVersion, FormVersion.id == Submission.form_version_id)
        .outerjoin(InvitedPerson, InvitedPerson.id == Submission.invited_id)
        .where(Submission.reference == wanted, Form.slug == slug)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    submission, form, version, person = row
    own = StoredFile.submission_id == submission.id
    stored = select(StoredFile).where(own, IS_CURRENT)
    files = session.scalars(stored.order_by(StoredFile.id)).all()
    answers = answers_in_words(definition_of(version), submission.answers, files)
    return Details(submission, form, version.number, answers, person)


def altered(storage: Storage, answers: Sequence[ReceiptAnswer]) -> dict[str, bool]:
    """By upload id, the files that are not in their folder as they were received: True for one that is
    there, but of another size. `verify` looks more closely, and takes longer."""
    found = {}
    for file in (file for answer in answers for file in answer.files):
        size = storage.size(file.upload_id, file.storage_key)
        if size != file.size:
            found[file.upload_id] = size is not None
    return found


def find_file(session: Session, slug: str, reference: str, upload_id: str) -> StoredFile | None:
    """A file of the submission of that reference, if it is one of that form's."""
    wanted = as_reference(reference)
    if wanted is None or not is_slug(slug) or not PUBLIC_ID.fullmatch(upload_id):
        return None
    query = (
        select(StoredFile)
        .join(Submission, Submission.id == StoredFile.submission_id)
        .join(Form, Form.id == Submission.form_id)
        .where(Form.slug == slug, Submission.reference == wanted)
    )
    return session.scalar(query.where(StoredFile.upload_id == upload_id))
