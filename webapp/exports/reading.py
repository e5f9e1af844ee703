"""Reading a form's submissions for an export, a few at a time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from ..forms.kinds import Cell, Field
from ..forms.rules import definition_of, find_form
from ..forms.tables import Form, FormVersion
from ..i18n import gettext
from ..invited.tables import InvitedPerson
from ..storage.names import shown_name
from ..submissions.searching import Search
from ..submissions.tables import StoredFile, Submission
from .columns import Question, headings, questions_of

AT_ONCE = 1000  # submissions that are in memory at a time
FILES_OF_AT_ONCE = 500  # submissions whose files one statement asks for
FIRST_ANSWER = 3  # the columns before are the reference, the time and the version

ExportCell = Cell | int | datetime | None  # a datetime is naive: the time on the form's own clock
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
    has_people, has_late = session.execute(
        select(
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
        ).where(StoredFile.submission_id.in_(some))
        for file in session.execute(query.order_by(StoredFile.id)):
            files[file.submission_id].append(file)
    return files


class _Reader:
    """Makes lines of rows: each answer by the field that was answered, in that field's column."""

    def __init__(self, export: Export) -> None:
        self._zone = export.zone
        self._width = FIRST_ANSWER + len(export.questions) + export.has_people + export.has_late + 1
        self._has_people, self._has_late = export.has_people, export.has_late
        columns = {q.field.id: FIRST_ANSWER + i for i, q in enumerate(export.questions)}
        self._columns = columns
        self._versions = {
            version_id: (number, [_reading(field, columns) for field in definition.fields])
            for version_id, (number, definition) in export.versions.items()
        }
        self.has_files = any(
            field.takes_files for _, asked in export.versions.values() for field in asked.fields
        )

    def line(self, row: Row[*tuple[Any, ...]], files: Files) -> Line:
        number, fields = self._versions[row.form_version_id]
        cells: list[ExportCell] = [None] * self._width
        there = row.received_at.astimezone(self._zone)
        cells[:FIRST_ANSWER] = row.reference, there.replace(tzinfo=None, microsecond=0), number
        answers = row.answers
        for field_id, column, cell in fields:
            if (value := answers.get(field_id)) is not None:
                cells[column] = _as_cell(cell, value)
        if self._has_late and row.late:
            cells[-2] = gettext("yes")
        if self._has_people:
            cells[-3 if self._has_late else -2] = row.name
        if row.id in files:
            self._name_files(cells, files[row.id])
        return Line(row.reference, cells)

    def _name_files(
        self, cells: list[ExportCell], files: Sequence[Row[int, str, str, str]]
    ) -> None:
        names: dict[str, list[str]] = {}
        for file in files:
            names.setdefault(file.field_id, []).append(shown_name(file.filename))
        for field_id, together in names.items():
            cells[self._columns[field_id]] = "; ".join(together)
        cells[-1] = "files/" + files[0].storage_key.rpartition("/")[0]


def _reading(field: Field, columns: Mapping[str, int]) -> tuple[str, int, Callable[[Any], Cell]]:
    return field.id, columns[field.id], field.cell


def _as_cell(cell: Callable[[Any], Cell], value: Any) -> Cell:
    """The stored value as its field reads it; where that cannot, as in a database that was tampered
    with, the JSON that is stored."""
    try:
        found = cell(value)
    except Exception:  # one answer must not keep all others from going out
        return _stored(value)
    is_odd = isinstance(value, dict) or (isinstance(found, Decimal) and not found.is_finite())
    return _stored(value) if is_odd else found


def _stored(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
