"""Reading a form's submissions for an export, a few at a time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, exists, select
from sqlalchemy.orm import Session

from ..clock import shown_zone
from ..database import snapshot
from ..forms.definition import Definition, read_definition
from ..forms.kinds import Cell, Column, Field
from ..forms.rules import definition_of, find_form
from ..forms.tables import Form, FormVersion
from ..i18n import gettext
from ..invited.tables import InvitedPerson
from ..storage.names import shown_name
from ..submissions.searching import Search
from ..submissions.tables import IS_CURRENT, StoredFile, Submission
from .columns import ColumnId, Question, headings, questions_of

AT_ONCE = 1000  # submissions that are in memory at a time
FILES_OF_AT_ONCE = 500  # submissions whose files one statement asks for
FIRST_ANSWER = 3  # before are the reference, the time and the version; then that of a correction

ExportCell = Cell | int | datetime | None  # a datetime is naive: the time on the form's own clock
SubmissionRow = Row[int, str, datetime, int, dict[str, Any], datetime | None]
Files = Mapping[int, Sequence[Row[int, str, str, str]]]  # by the submission's id


class Line(NamedTuple):
    """One submission."""

    reference: str
    cells: list[ExportCell]  # as many as there are headings


@dataclass(frozen=True)
class Export:
    """What a form's submissions are to be read with. It holds no connection."""

    form_id: int
    slug: str
    title: str
    zone: ZoneInfo
    questions: Sequence[Question]
    versions: Mapping[int, tuple[int, Definition]]  # number and definition, by the row's id
    query: str = ""  # of a search; empty for all
    has_corrections: bool = False
    has_people: bool = False  # whether any came in by a personal link
    has_late: bool = False  # whether any came in late

    @property
    def headings(self) -> list[str]:
        """What stands above the columns, in the reader's language."""
        before = [
            gettext("Reference"),
            gettext("Received (%(zone)s)", zone=shown_zone(self.zone.key)),
            gettext("Version"),
        ]
        if self.has_corrections:
            before.append(gettext("Corrected (%(zone)s)", zone=shown_zone(self.zone.key)))
        folder, link = gettext("Folder"), gettext("Link")  # which a CSV has behind these
        behind = [
            *([gettext("Personal link of")] if self.has_people else []),
            *([gettext("Late")] if self.has_late else []),
            folder,
        ]
        return [*before, *headings(self.questions, [*before, *behind, link]), *behind]


def find_export(session: Session, slug: str, query: str = "") -> Export | None:
    """The export of the form of that slug, or of those of its submissions that a search finds."""
    form = find_form(session, slug)
    if form is None:
        return None
    newest_first = select(FormVersion).where(FormVersion.form_id == form.id)
    rows = session.scalars(newest_first.order_by(FormVersion.number.desc())).all()
    versions = {row.id: (row.number, definition_of(row)) for row in rows}
    of_form = Submission.form_id == form.id
    has_corrections, has_people, has_late = session.execute(
        select(
            exists().where(of_form, Submission.corrected_at.is_not(None)),
            exists().where(
                InvitedPerson.form_id == form.id, InvitedPerson.id == Submission.invited_id
            ),
            exists().where(of_form, Submission.late),
        )
    ).one()
    return Export(
        form_id=form.id,
        slug=form.slug,
        title=_title(form, versions),
        zone=ZoneInfo(form.time_zone),
        questions=questions_of(versions.values()),
        versions=versions,
        query=query.strip(),
        has_corrections=has_corrections,
        has_people=has_people,
        has_late=has_late,
    )


def _title(form: Form, newest_first: Mapping[int, tuple[int, Definition]]) -> str:
    for _, definition in newest_first.values():
        return definition.title
    return read_definition(form.draft).title


def read_lines(export: Export) -> Iterator[Line]:
    """All submissions, in the order in which they came in. Those that come in meanwhile may be among
    them. Each step reads by itself: a long read would keep SQLite from clearing its log."""
    reader = _Reader(export)
    last = 0
    while True:
        with snapshot() as session:
            rows = _submissions_after(session, export, last)
            files = files_of(session, [row.id for row in rows]) if reader.has_files else {}
        if not rows:
            return
        for row in rows:
            if row.form_version_id in export.versions:  # else it was published meanwhile
                yield reader.line(row, files)
        last = rows[-1].id


def _submissions_after(
    session: Session, export: Export, last: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    query: Select[*tuple[Any, ...]] = select(
        Submission.id,
        Submission.reference,
        Submission.received_at,
        Submission.form_version_id,
        Submission.answers,
        Submission.corrected_at,
        Submission.late,
        InvitedPerson.name,
    ).outerjoin(InvitedPerson, InvitedPerson.id == Submission.invited_id)
    query = query.where(Submission.form_id == export.form_id, Submission.id > last)
    if export.query:
        try:
            found, its_id = Search(export.query, export.form_id).ids(session)
        except ValueError:
            return ()  # no word to look for
        found = found.where(its_id > last).order_by(its_id).limit(AT_ONCE)
        query = query.where(Submission.id.in_(found))
    return session.execute(query.order_by(Submission.id).limit(AT_ONCE)).all()


def files_of(session: Session, ids: Sequence[int]) -> Files:
    """The files of these submissions alone: a search finds a few among many."""
    files = defaultdict(list)
    for start in range(0, len(ids), FILES_OF_AT_ONCE):
        some = ids[start : start + FILES_OF_AT_ONCE]
        query = select(
            StoredFile.submission_id,
            StoredFile.field_id,
            StoredFile.filename,
            StoredFile.storage_key,
        ).where(StoredFile.submission_id.in_(some), IS_CURRENT)
        for file in session.execute(query.order_by(StoredFile.id)):
            files[file.submission_id].append(file)
    return files


class _Reader:
    """Makes lines of rows: each answer by the field that was answered, in that field's column."""

    def __init__(self, export: Export) -> None:
        self._zone = export.zone
        self._has_corrections = export.has_corrections
        self._has_people, self._has_late = export.has_people, export.has_late
        first = FIRST_ANSWER + export.has_corrections
        self._width = first + len(export.questions) + export.has_people + export.has_late + 1
        columns = {q.id: first + i for i, q in enumerate(export.questions)}
        self._columns = columns
        self._versions = {
            version_id: (number, _readings(definition, columns))
            for version_id, (number, definition) in export.versions.items()
        }
        self.has_files = any(
            field.takes_files for _, asked in export.versions.values() for field in asked.fields
        )

    def line(self, row: Row[*tuple[Any, ...]], files: Files) -> Line:
        number, readings = self._versions[row.form_version_id]
        cells: list[ExportCell] = [None] * self._width
        cells[:FIRST_ANSWER] = row.reference, self._there(row.received_at), number
        if self._has_corrections and row.corrected_at is not None:
            cells[FIRST_ANSWER] = self._there(row.corrected_at)
        answers = row.answers
        for field, at, column in readings:
            if (value := answers.get(field.id)) is not None:
                cells[at] = _as_cell(field, column, value)
        if self._has_late and row.late:
            cells[-2] = gettext("yes")
        if self._has_people:
            cells[-3 if self._has_late else -2] = row.name
        if row.id in files:
            self._name_files(cells, files[row.id])
        return Line(row.reference, cells)

    def _there(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=None, microsecond=0)

    def _name_files(
        self, cells: list[ExportCell], files: Sequence[Row[int, str, str, str]]
    ) -> None:
        names: dict[str, list[str]] = {}
        for file in files:
            names.setdefault(file.field_id, []).append(shown_name(file.filename))
        for field_id, together in names.items():
            cells[self._columns[field_id, ""]] = "; ".join(together)
        # more than one after a correction
        folders = dict.fromkeys(file.storage_key.rpartition("/")[0] for file in files)
        cells[-1] = "; ".join(f"files/{folder}" for folder in folders)


def _readings(
    definition: Definition, columns: Mapping[ColumnId, int]
) -> list[tuple[Field, int, Column]]:
    """The columns of a version, each with its place in a line."""
    return [
        (field, columns[field.id, column.id], column)
        for field in definition.fields
        for column in field.columns()
    ]


def _as_cell(field: Field, column: Column, value: Any) -> Cell | None:
    """The stored value as its field reads it; where that cannot, as in a database that was tampered
    with, the JSON that is stored."""
    try:
        found = column.cell(value)
    except Exception:  # one answer must not keep all others from going out
        return _stored(value)
    is_odd = isinstance(value, dict) is not field.keeps_object or (
        isinstance(found, Decimal) and not found.is_finite()
    )
    return _stored(value) if is_odd else found


def _stored(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
