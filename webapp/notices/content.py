"""What is told of a submission."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..forms.definition import Definition
from ..forms.kinds import Field
from ..forms.rules import definition_of
from ..forms.speaking import to
from ..forms.tables import Form, FormVersion
from ..i18n import SOURCE, speaking
from ..submissions.revisions import all_files, files_in, find_revision
from ..submissions.tables import StoredFile, Submission


@dataclass(frozen=True)
class Answer:
    """A question with what was answered: a stored value, or files."""

    field: Field
    value: Any
    files: Sequence[StoredFile]

    def texts(self) -> list[str]:
        """The answer as people read it."""
        return [] if self.value is None else self.field.texts(self.value)


@dataclass(frozen=True)
class Content:
    """A submission with all that can be told of it."""

    slug: str
    title: str
    version: int
    reference: str
    receipt_key: str
    received_at: datetime
    revision: int  # 1 for what was handed in first
    revised_at: datetime  # when this revision came in
    time_zone: str
    language: str  # the sender's
    answers: Sequence[Answer]
    definition: Definition

    def to_sender(self) -> Content:
        """The same in the sender's language."""
        told = to(self.definition, self.language)
        answers = [
            replace(answer, field=field)
            for answer, field in zip(self.answers, told.fields, strict=True)
        ]
        return replace(self, title=told.title, answers=answers)

    def address(self, field_id: str) -> str:
        """The e-mail address in the answer to a field; empty if there is none."""
        found = (a.value for a in self.answers if a.field.id == field_id and a.field.is_address)
        return next(found, None) or ""

    def any_address(self) -> str:
        """The first e-mail address in the answers; empty if there is none."""
        found = (a.value for a in self.answers if a.field.is_address and a.value)
        return next(found, "")

    def desk_path(self) -> str:
        return f"/desk/forms/{self.slug}/submissions/{self.reference}"

    def receipt_path(self) -> str:
        return f"/r/{self.reference}?key={self.receipt_key}"

    def correction_path(self) -> str:
        return f"/r/{self.reference}/correct?key={self.receipt_key}"


def read_content(session: Session, submission_id: int, number: int = 0) -> Content | None:
    """What there is to tell of a revision of the submission, the newest unless one is named; None where
    the submission or its form is gone."""
    query = (
        select(Submission, Form, FormVersion)
        .join(Form, Form.id == Submission.form_id)
        .join(FormVersion, FormVersion.id == Submission.form_version_id)
        .where(Submission.id == submission_id, Form.erased_at.is_(None))
    )
    row = session.execute(query).first()
    if row is None:
        return None
    submission, form, version = row
    revision = find_revision(session, submission, number or submission.revision)
    if revision is None:
        return None
    files = files_in(all_files(session, submission.id), revision.number)
    definition = definition_of(version)
    return Content(
        form.slug,
        definition.title,
        version.number,
        submission.reference,
        submission.receipt_key,
        submission.received_at,
        revision.number,
        revision.received_at,
        form.time_zone,
        revision.language or SOURCE,
        [_answer(field, revision.answers, files) for field in definition.fields],
        definition,
    )


def _answer(field: Field, answers: dict[str, Any], files: Sequence[StoredFile]) -> Answer:
    own = [file for file in files if file.field_id == field.id]
    return Answer(field, answers.get(field.id), own)


def event(content: Content, base: str) -> bytes:
    """What a webhook is sent of a submission: the same bytes at each try, as long as nobody gives the form
    or the server another address meanwhile. Texts are in English, as keys are."""
    with speaking(SOURCE):
        answers = {answer.field.key: _plain(answer) for answer in content.answers}
    data = {
        "form": {"slug": content.slug, "title": content.title},
        "submission": {
            "reference": content.reference,
            "received_at": rfc3339(content.received_at),
            "version": content.version,
            "revision": content.revision,
            "link": base + content.desk_path(),
            "answers": answers,
        },
    }
    is_first = content.revision == 1
    kind = "submission.received" if is_first else "submission.corrected"
    return _json(kind, content.revised_at, data)


def test_event(slug: str, title: str, asked_at: datetime) -> bytes:
    """What a webhook is sent when somebody tries it."""
    return _json("test", asked_at, {"form": {"slug": slug, "title": title}})


def _json(kind: str, moment: datetime, data: dict[str, Any]) -> bytes:
    message = {"type": kind, "timestamp": rfc3339(moment), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"label": answer.field.label}
    if answer.field.takes_files:
        return told | {"files": [_file(file) for file in answer.files]}
    value = None if answer.value is None else answer.field.plain(answer.value)
    return told | {"value": value, "text": "\n".join(answer.texts())}


def _file(file: StoredFile) -> dict[str, Any]:
    return {
        "name": file.filename,
        "size": file.size,
        "sha256": file.sha256,
        "media_type": file.media_type,
    }


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, such as `2026-12-01T15:59:00Z`."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
