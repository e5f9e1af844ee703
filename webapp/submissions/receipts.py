"""A receipt's content: what proves a submission to the person who made it."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..forms.definition import Definition
from ..forms.kinds import Field
from ..forms.rules import definition_of
from ..forms.speaking import to_reader
from ..forms.tables import Form, FormVersion
from ..ids import as_reference
from ..invited.tables import InvitedPerson
from ..look.wearing import Look, look_of
from .permits import Permit, permit
from .tables import IS_CURRENT, StoredFile, Submission


@dataclass(frozen=True)
class ReceiptFile:
    """A file as the receipt names it."""

    upload_id: str
    filename: str
    media_type: str
    size: int  # bytes
    sha256: str
    storage_key: str


@dataclass(frozen=True)
class ReceiptAnswer:
    """A question with its answer as people read it."""

    label: str
    texts: Sequence[str]
    files: Sequence[ReceiptFile]
    drawing: str = ""  # data of an SVG path


@dataclass(frozen=True)
class Receipt:
    """What was handed in, and when."""

    reference: str
    title: str
    received_at: datetime
    time_zone: str
    answers: Sequence[ReceiptAnswer]
    definition: Definition
    look: Look
    corrected_at: datetime | None = None
    permit: Permit | None = None  # to correct it


def find_receipt(session: Session, reference: str, key: str, now: datetime) -> Receipt | None:
    """The receipt that a private link leads to; None for a wrong reference or key alike."""
    found = find_by_key(session, reference, key)
    return None if found is None else _receipt(session, *found, now)


def find_by_key(
    session: Session, reference: str, key: str
) -> tuple[Submission, Form, FormVersion, InvitedPerson | None] | None:
    """The submission that a private link leads to, what it answers, and who was invited to."""
    wanted = as_reference(reference)
    if wanted is None:
        return None
    query = (
        select(Submission, Form, FormVersion, InvitedPerson)
        .join(Form, Form.id == Submission.form_id)
        .join(FormVersion, FormVersion.id == Submission.form_version_id)
        .outerjoin(InvitedPerson, InvitedPerson.id == Submission.invited_id)
        .where(Submission.reference == wanted, Form.erased_at.is_(None))
    )
    row = session.execute(query).first()
    if row is None or not hmac.compare_digest(row[0].receipt_key.encode(), key.encode()):
        return None
    return row[0], row[1], row[2], row[3]


def correcting_credential(submission: Submission) -> str:
    """What the page that corrects it shows, for files that are sent ahead: see `may_correct`."""
    return f"{_CORRECTS}{submission.reference}/{submission.receipt_key}"


def may_correct(session: Session, form: Form, credential: str, now: datetime) -> bool:
    """Whether that is shown by a page that corrects a submission of the form, and it may be corrected now."""
    if not credential.startswith(_CORRECTS):
        return False
    reference, _, key = credential.removeprefix(_CORRECTS).partition("/")
    found = find_by_key(session, reference, key)
    if found is None or found[1].id != form.id:
        return False
    submission, own, _, person = found
    return permit(own, submission, now, person) is not None


_CORRECTS = "r/"


def _receipt(
    session: Session,
    submission: Submission,
    form: Form,
    version: FormVersion,
    person: InvitedPerson | None,
    now: datetime,
) -> Receipt:
    query = select(StoredFile).where(StoredFile.submission_id == submission.id, IS_CURRENT)
    files = session.scalars(query.order_by(StoredFile.id)).all()
    definition = to_reader(definition_of(version))
    answers = answers_in_words(definition, submission.answers, files)
    return Receipt(
        submission.reference,
        definition.title,
        submission.received_at,
        form.time_zone,
        answers,
        definition,
        look_of(form, definition),
        submission.corrected_at,
        permit(form, submission, now, person),
    )


def answers_in_words(
    definition: Definition, answers: dict[str, Any], files: Sequence[StoredFile]
) -> list[ReceiptAnswer]:
    """All questions of the definition with their answers, in the reader's language."""
    return [_answer(field, answers, files) for field in definition.fields]


def _answer(field: Field, answers: dict[str, Any], files: Sequence[StoredFile]) -> ReceiptAnswer:
    value = answers.get(field.id)
    texts = [] if value is None else field.texts(value)
    own = [
        ReceiptFile(f.upload_id, f.filename, f.media_type, f.size, f.sha256, f.storage_key)
        for f in files
        if f.field_id == field.id
    ]
    drawing = "" if value is None else field.drawing(value)
    return ReceiptAnswer(field.label, texts, own, drawing)
