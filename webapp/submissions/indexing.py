"""What lists show of a submission and what searches find it by, worked out from what was handed in."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from ..database import now, snapshot, unit_of_work
from ..forms.definition import Definition
from ..forms.kinds import Field
from ..forms.rules import definition_of
from ..forms.tables import FormVersion
from ..jobs import queue
from ..texts import is_seen, nfkc
from . import searching
from .searching import Document
from .tables import IS_CURRENT, StoredFile, Submission
from .words import most_words

log = logging.getLogger("intray.submissions")

INDEX_JOB = "submission.index"
LABEL_CHARACTERS = 200
KEY_CHARACTERS = 100
MOST_NAME_BYTES = 2000  # of an invited person, for searches
_AT_ONCE = 500  # submissions in one transaction, while others wait to write


@dataclass(frozen=True)
class Entry:
    """What lists and searches know of a submission."""

    label: str  # empty if nothing in the answers names it
    words: Sequence[str]
    file_count: int

    @property
    def columns(self) -> dict[str, Any]:
        """The values of the submission's row."""
        key = nfkc(self.label).casefold()[:KEY_CHARACTERS]
        return {"label": self.label, "label_key": key or None, "file_count": self.file_count}

    def of(self, name: str) -> Entry:
        """The same of an invited person: found by their name as well, and listed by it where nothing in
        the answers says who it is."""
        label = self.label or name[:LABEL_CHARACTERS]
        return replace(self, label=label, words=[*self.words, *most_words([name], MOST_NAME_BYTES)])


def entry(
    definition: Definition, answers: Mapping[str, Any], filenames: Sequence[str] = ()
) -> Entry:
    """What is known of a submission with these answers, by field id, and files. It takes as long as the
    texts are: to be done while nobody waits. Its words go to `searching.add`."""
    answered = [(field, answers[field.id]) for field in definition.fields if field.id in answers]
    texts = {field.key: field.index_text(value) for field, value in answered}
    words = most_words([*texts.values(), *filenames], searching.MOST_BYTES)
    return Entry(_label(definition, texts), words, len(filenames))


def _label(definition: Definition, texts: Mapping[str, str]) -> str:
    """The text of the field that names the folder, else of the first that likely says who it is."""

    def names(field: Field) -> bool:
        return field.names_submission and field.key in texts

    first = next((field.key for field in definition.fields if names(field)), "")
    text = texts.get(definition.folder_label) or texts.get(first, "")
    label = " ".join(text[: 10 * LABEL_CHARACTERS].split())[:LABEL_CHARACTERS]
    return label if is_seen(label) else ""


# Quick while there are none, which is nearly always: their index is empty then.
ANY_OLDER = select(Submission.id).where(Submission.label.is_(None)).limit(1).scalar_subquery()


def is_indexing(session: Session) -> bool:
    """Whether there is still a submission that lists have no name for, and searches cannot find."""
    return session.scalar(select(ANY_OLDER)) is not None


def index_older(session: Session) -> None:
    """Has done by a job what an Intray without labels has left undone."""
    if is_indexing(session):
        queue.add(session, INDEX_JOB, now(), name=INDEX_JOB)


class IndexJob:
    """Indexes some of what was received before there were labels; due again while there is more."""

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        with snapshot() as session:
            query = select(Submission).where(Submission.label.is_(None)).order_by(Submission.id)
            submissions = session.scalars(query.limit(_AT_ONCE)).all()
            entries = _entries(session, submissions)
        if not submissions:
            return None
        with unit_of_work() as session:
            _write(session, submissions, entries)
        return now()


def _entries(session: Session, submissions: Sequence[Submission]) -> dict[int, Entry]:
    """By submission id."""
    ids = [submission.id for submission in submissions]
    filenames: dict[int, list[str]] = defaultdict(list)
    files = select(StoredFile.submission_id, StoredFile.filename)
    for row in session.execute(files.where(StoredFile.submission_id.in_(ids), IS_CURRENT)):
        filenames[row.submission_id].append(row.filename)
    version_ids = {submission.form_version_id for submission in submissions}
    query = select(FormVersion).where(FormVersion.id.in_(version_ids))
    versions = {version.id: version for version in session.scalars(query)}
    return {s.id: _entry(s, versions[s.form_version_id], filenames[s.id]) for s in submissions}


def _entry(submission: Submission, version: FormVersion, filenames: Sequence[str]) -> Entry:
    try:
        return entry(definition_of(version), submission.answers, filenames)
    except Exception:  # one that cannot be read must not keep the others from being found
        log.exception("Submission %d is found by its reference alone.", submission.id)
        return Entry("", (), len(filenames))


def _write(
    session: Session, submissions: Sequence[Submission], entries: Mapping[int, Entry]
) -> None:
    """Leaves out what was erased, or indexed by another process, meanwhile."""
    still = select(Submission.id).where(Submission.id.in_(entries), Submission.label.is_(None))
    ids = set(session.scalars(still.with_for_update()))
    found: Iterable[Submission] = [s for s in submissions if s.id in ids]
    rows = [{"submission_id": id, **entries[id].columns} for id in ids]
    if rows:
        table = Submission.__table__
        query = update(table).where(table.c.id == bindparam("submission_id"))  # type: ignore[arg-type]
        session.connection().execute(query, rows)
    searching.add(
        session, (Document(s.id, s.form_id, s.reference, entries[s.id].words) for s in found)
    )
