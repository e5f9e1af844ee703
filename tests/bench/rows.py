"""Many submissions at once, put into the database by SQL: what a form looks like after years."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, literal, select, true, update
from sqlalchemy.orm import Session

from webapp import ids
from webapp.database import now, writing
from webapp.events.tables import Event
from webapp.forms.definition import Definition, read_definition
from webapp.forms.kinds.texts import Text
from webapp.forms.tables import Form, FormVersion
from webapp.submissions import searching
from webapp.submissions.indexing import Entry, entry
from webapp.submissions.searching import Document
from webapp.submissions.tables import StoredFile, Submission

AT_ONCE = 5_000  # rows that are in memory at a time
FILE_BYTES = 20_000
FILE_NAME = "papers.pdf"
FIRST_NAMES = ("Anna", "Bob", "Hannah", "José", "Maria", "Noah", "Zoë")


def add_submissions(engine: Engine, slug: str, count: int) -> None:
    """Adds `count` submissions of a published form in one transaction, each with an event and with a
    placed file that is in the tables alone."""
    with writing(engine).begin() as connection:
        version = connection.execute(
            select(FormVersion)
            .join(Form, (Form.id == FormVersion.form_id) & (Form.version == FormVersion.number))
            .where(Form.slug == slug)
        ).one()
        highest = func.coalesce(func.max(Submission.id), 0)
        last_before = connection.execute(select(highest)).scalar_one()
        references = _different_references(count)
        for first in range(0, count, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, count))
            _add(connection, version, numbers, references)
        _add_files_and_events(connection, last_before)
        counter = {"submission_count": Form.submission_count + count}
        connection.execute(update(Form).where(Form.slug == slug).values(counter))


def _different_references(count: int) -> Iterator[str]:
    """Among a hundred thousand by chance, one time in two hundred there is a pair of equals."""
    found: set[str] = set()
    while len(found) < count:
        found.add(ids.reference())
    return iter(found)


def _add(
    connection: Connection, version: Row[Any], numbers: Sequence[int], references: Iterator[str]
) -> None:
    """The rows of submissions, with what finds them."""
    definition = read_definition(version.definition)
    answers = [_answers(definition, number) for number in numbers]
    entries = [entry(definition, given, [FILE_NAME]) for given in answers]
    rows = list(_submissions(version, numbers, references, answers, entries))
    connection.execute(insert(Submission), rows)
    newest = select(Submission.id, Submission.reference).order_by(Submission.id.desc())
    added = connection.execute(newest.limit(len(numbers))).all()
    documents = [
        Document(row.id, version.form_id, row.reference, made.words)
        for row, made in zip(reversed(added), entries, strict=True)
    ]
    searching.add(Session(connection), documents)


def _answers(definition: Definition, number: int) -> dict[str, Any]:
    """All alike but for the first, a name that one in a few thousand has."""
    texts = (field for field in definition.fields if isinstance(field, Text))
    answers: dict[str, Any] = {field.id: "An answer of middling length" for field in texts}
    name = (
        f"{FIRST_NAMES[number % 7]} {number % 3001}" if number % 2 else "王小明李梅"[number % 4 :]
    )
    return answers | {definition.fields[0].id: name}


def _submissions(
    version: Row[Any],
    numbers: Sequence[int],
    references: Iterator[str],
    answers: Sequence[Mapping[str, Any]],
    entries: Sequence[Entry],
) -> Iterator[Mapping[str, Any]]:
    started = now()
    for number, given, made in zip(numbers, answers, entries, strict=True):
        yield {
            "reference": next(references),
            "receipt_key": ids.private_key(),
            "form_id": version.form_id,
            "form_version_id": version.id,
            "nonce": ids.public_id(),
            "content_hash": hashlib.sha256(b"%d" % number).hexdigest(),
            "answers": given,
            **made.columns,
            "received_at": started - timedelta(minutes=number),
        }


def _add_files_and_events(connection: Connection, last_before: int) -> None:
    """One of each for every submission with a higher id than `last_before`."""
    file = {
        "submission_id": Submission.id,
        "field_id": literal("papers"),
        "upload_id": Submission.nonce,
        "filename": literal(FILE_NAME),
        "media_type": literal("application/pdf"),
        "size": literal(FILE_BYTES),
        "sha256": Submission.content_hash,
        "storage_key": literal("Job application/") + Submission.reference + "/papers.pdf",
        "placed": true(),
    }
    event = {
        "happened_at": Submission.received_at,
        "kind": literal("submission.received"),
        "form_id": Submission.form_id,
        "submission_id": Submission.id,
        "details": literal({"reference": "2222-2222"}, Event.details.type),
    }
    for table, columns in ((StoredFile, file), (Event, event)):
        rows = select(*columns.values()).where(Submission.id > last_before)
        connection.execute(insert(table).from_select(list(columns), rows))
