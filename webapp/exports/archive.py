"""Which files go into an archive: of all submissions of a form, of those that a search finds, of one."""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from io import BytesIO
from zoneinfo import ZoneInfo

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from ..database import now, snapshot
from ..i18n import gettext, ngettext
from ..storage.base import Storage
from ..storage.names import file_name, folded, unused
from ..submissions.searching import Search
from ..submissions.tables import IS_CURRENT, StoredFile, Submission
from .streaming import Piece
from .zip_file import Entry, FileChanged, Layout, zip_pieces

AT_ONCE = 1000  # files that are in memory at a time
MOST_NAMED = 1000  # missing files that are told by name

_COLUMNS = (
    StoredFile.id,
    StoredFile.submission_id,
    StoredFile.upload_id,
    StoredFile.storage_key,
    Submission.received_at,
)
FileRow = Row[int, int, str, str, datetime]


@dataclass(frozen=True)
class Wanted:
    """The files of a form. It holds no connection."""

    form_id: int
    zone: ZoneInfo
    query: str = ""  # of a search; empty for all submissions
    submission_id: int | None = None  # of the only one

    def name(self, key: str) -> str:
        """Where a file is in the archive, by its storage key: in the submission's folder, unless there
        is but one. So no two files have one name, on no system."""
        return key.split("/", 1 if self.submission_id is None else 2)[-1]


@dataclass
class Plan:
    """What an archive will hold. For each file it keeps two numbers, 16 bytes; all else is read again."""

    wanted: Wanted
    ids: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("q"))
    layout: Layout = field(default_factory=Layout)
    note: Entry | None = None  # which files are missing
    folder: str = ""  # of the first submission that has files

    @property
    def size(self) -> int:
        """Bytes of the archive."""
        return self.layout.size

    @property
    def is_empty(self) -> bool:
        return self.layout.count == 0


def plan(storage: Storage, wanted: Wanted) -> Plan:
    """Looks at all files. Those that are not in their folder are left out, and a note says so."""
    made, missing, beside = Plan(wanted), _Missing(), set()
    for row in _rows(wanted):
        name = wanted.name(row.storage_key)
        made.folder = made.folder or row.storage_key.split("/")[-2]
        if "/" not in name:
            beside.add(folded(name))
        size = storage.size(row.upload_id, row.storage_key)
        if size is None:
            missing.add(name)
            continue
        made.ids.append(row.id)
        made.sizes.append(size)
        made.layout.add(name, size)
    if missing.count:
        text = missing.text()
        name = unused(file_name(gettext("Missing files") + ".txt"), beside)
        moment = now().astimezone(wanted.zone)
        made.note = Entry(name, len(text), moment, lambda: BytesIO(text))
        made.layout.add(name, len(text))
    return made


def pieces(storage: Storage, made: Plan) -> Generator[Piece]:
    """The archive. Raises FileChanged or OSError where it cannot be what was planned."""
    return zip_pieces(_entries(storage, made))


def _entries(storage: Storage, made: Plan) -> Iterator[Entry]:
    rows, received, moment = _rows(made.wanted), None, now()
    for file_id, size in zip(made.ids, made.sizes, strict=True):
        # Others have come in meanwhile, or are missing.
        row = next((row for row in rows if row.id == file_id), None)
        if row is None:
            raise FileChanged(f"The stored file {file_id} was erased while an archive was sent")
        if row.received_at != received:  # as with the first of a submission's files
            received = row.received_at
            moment = received.astimezone(made.wanted.zone)
        opened = partial(storage.open, row.upload_id, row.storage_key)
        yield Entry(made.wanted.name(row.storage_key), size, moment, opened)
    if made.note is not None:
        yield made.note


def _rows(wanted: Wanted) -> Iterator[FileRow]:
    """The files in the order in which they were received. Each step reads by itself: a long read would
    keep SQLite from clearing its log."""
    last = 0, 0
    while True:
        with snapshot() as session:
            rows = _rows_after(session, wanted, *last)
        yield from rows
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].submission_id, rows[-1].id


def _rows_after(
    session: Session, wanted: Wanted, submission_id: int, file_id: int
) -> list[FileRow]:
    query = (
        select(*_COLUMNS)
        .join(Submission, Submission.id == StoredFile.submission_id)
        .where(
            Submission.form_id == wanted.form_id,
            IS_CURRENT,
            Submission.id >= submission_id,  # by which the index finds them
            or_(Submission.id > submission_id, StoredFile.id > file_id),
        )
    )
    if wanted.submission_id is not None:
        query = query.where(Submission.id == wanted.submission_id)
    if wanted.query:
        try:
            found, its_id = Search(wanted.query, wanted.form_id).ids(session)
        except ValueError:
            return []  # no word to look for
        query = query.where(Submission.id.in_(found.where(its_id >= submission_id)))
    ordered = query.order_by(Submission.id, StoredFile.id).limit(AT_ONCE)
    return list(session.execute(ordered))


class _Missing:
    """The files that are not in their folders."""

    def __init__(self) -> None:
        self.count = 0
        self._names: list[str] = []

    def add(self, name: str) -> None:
        self.count += 1
        if self.count <= MOST_NAMED:
            self._names.append(name)

    def text(self) -> bytes:
        """What people are told of them, for any editor on any system."""
        said = ngettext(
            "This file was received, but it is not in its folder any more:",
            "These %(n)s files were received, but they are not in their folders any more:",
            self.count,
        )
        lines = [said, "", *self._names]
        if self.count > MOST_NAMED:
            more = self.count - MOST_NAMED
            lines.append(ngettext("… and %(n)s more", "… and %(n)s more", more))
        return "\r\n".join([*lines, ""]).encode("utf-8-sig")
