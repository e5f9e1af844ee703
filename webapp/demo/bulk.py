"""Putting submissions into the database, a thousand in each transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from .. import ids
from ..database import Base, snapshot, unit_of_work
from ..events.tables import Event
from ..forms.definition import canonical_json
from ..forms.kinds import Files
from ..forms.tables import Form
from ..storage import names
from ..storage.base import Storage
from ..submissions import searching
from ..submissions.indexing import Entry, entry
from ..submissions.placing import place_files
from ..submissions.searching import Document
from ..submissions.tables import StoredFile, Submission
from ..uploads.rules import Received, UploadedFile, make_durable
from .answers import MAKERS
from .documents import DOCUMENTS
from .school import SHARES, YEAR, Asked, SchoolForm, published_forms

AT_ONCE = 1000
_FILE_NAMES = ("Essay", "Document", "Scan", "final version", "文件", "IMG_2041")


@dataclass(frozen=True)
class Made:
    """A submission that is to be stored."""

    form: SchoolForm
    asked: Asked
    reference: str
    received_at: datetime
    answers: Mapping[str, Any]
    files: Sequence[UploadedFile]
    entry: Entry

    @property
    def row(self) -> dict[str, Any]:
        files = [[f.field_id, f.filename, f.size, f.sha256] for f in self.files]
        content = canonical_json({"answers": self.answers, "files": sorted(files)})
        return {
            "reference": self.reference,
            "receipt_key": ids.private_key(),
            "form_id": self.form.form_id,
            "form_version_id": self.asked.version_id,
            "nonce": ids.public_id(),
            "content_hash": hashlib.sha256(content).hexdigest(),
            "answers": self.answers,
            "received_at": self.received_at,
            "language": "zh" if self.form.name == "canteen" else "en",
            **self.entry.columns,
        }

    def file_rows(self, submission_id: int) -> list[dict[str, Any]]:
        day = self.received_at.astimezone(self.form.zone).date().isoformat()
        own = names.submission_folder(day, self.reference, self.entry.label)
        stored = names.all_different(names.file_name(file.filename) for file in self.files)
        return [
            {
                "submission_id": submission_id,
                "field_id": file.field_id,
                "upload_id": file.id,
                "filename": file.filename,
                "media_type": file.media_type,
                "size": file.size,
                "sha256": file.sha256,
                "storage_key": f"{self.form.folder}/{own}/{name}",
                "placed": False,
            }
            for file, name in zip(self.files, stored, strict=True)
        ]


class NothingTakes(Exception):
    """None of the school's forms takes submissions."""


class Filler:
    """Makes up submissions and stores them. The first so many that can have files do have some."""

    def __init__(self, storage: Storage, random: Random, with_files: int) -> None:
        self.with_files = 0  # how many have some so far
        self._storage = storage
        self._random = random
        self._most_with_files = with_files
        with snapshot() as session:
            self._forms = published_forms(session)
            self._last = _last_received(session, self._forms)

    def fill(self, count: int, now: datetime, tell: Callable[[int], object]) -> None:
        """Adds so many, received one after the other since the last, within a year at most; tells how
        many of them after each step. Raises NothingTakes."""
        begin = max(self._last or now - YEAR, now - YEAR)
        moments = school_hours(self._random, begin, now, count)
        while batch := list(islice(moments, AT_ONCE)):
            self._store(batch)
            tell(len(batch))

    def _store(self, moments: Sequence[datetime]) -> None:
        references = self._unused_references(len(moments))
        made = [self._make(*pair) for pair in zip(moments, references, strict=True)]
        with unit_of_work() as session:
            _insert(session, Submission, [one.row for one in made])
            numbered = _with_ids(session, made)
            _add_files(session, numbered)
            _add_events(session, numbered)
            _index(session, numbered)
            for form_id, count in Counter(one.form.form_id for one in made).items():
                counter = {"submission_count": Form.submission_count + count}
                session.execute(update(Form).where(Form.id == form_id).values(counter))
        for submission_id, one in numbered:
            if one.files:
                place_files(self._storage, submission_id)

    def _make(self, moment: datetime, reference: str) -> Made:
        forms = [form for form in self._forms if form.takes(moment)]
        if not forms:
            raise NothingTakes
        form = self._random.choices(forms, [SHARES[form.name] for form in forms])[0]
        asked = form.asked_at(moment)
        day = moment.astimezone(form.zone).date()
        answers = asked.stored(MAKERS[form.name](self._random, day))
        files = self._files(asked)
        known = entry(asked.definition, answers, [file.filename for file in files])
        return Made(form, asked, reference, moment, answers, files, known)

    def _files(self, asked: Asked) -> list[UploadedFile]:
        fields = [field for field in asked.definition.fields if isinstance(field, Files)]
        if not fields or self.with_files == self._most_with_files or self._random.random() < 0.3:
            return []
        self.with_files += 1
        field = self._random.choice(fields)
        endings = [ending for ending in DOCUMENTS if ending in field.accept or not field.accept]
        count = self._random.randint(1, min(2, field.max_files))
        return make_durable([self._receive(field, endings) for _ in range(count)])

    def _receive(self, field: Files, endings: Sequence[str]) -> Received:
        ending = self._random.choice(endings)
        name = f"{self._random.choice(_FILE_NAMES)} {self._random.randrange(1, 100)}{ending}"
        media_type, make = DOCUMENTS[ending]
        staging = self._storage.stage(ids.public_id())
        staging.append(make(name))
        return Received(staging, field.id, name, media_type)

    def _unused_references(self, count: int) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < count:
            new = [self._reference() for _ in range(count - len(found))]
            with snapshot() as session:
                query = select(Submission.reference).where(Submission.reference.in_(new))
                taken = set(session.scalars(query))
            found.update(dict.fromkeys(one for one in new if one not in taken))
        return list(found)

    def _reference(self) -> str:
        letters = "".join(self._random.choices(ids.REFERENCE_LETTERS, k=8))
        return f"{letters[:4]}-{letters[4:]}"


def school_hours(random: Random, begin: datetime, end: datetime, count: int) -> Iterator[datetime]:
    """So many moments, one after the other, by day from 6 to 20 o'clock UTC; on the last day they are
    anywhere before the end."""
    for number in range(count):
        moment = begin + (end - begin) * ((number + random.random()) / count)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if begin.date() < moment.date() < end.date():
            moment = midnight + timedelta(hours=6) + (moment - midnight) * (14 / 24)
        yield moment


def _last_received(session: Session, forms: Sequence[SchoolForm]) -> datetime | None:
    newest = select(func.max(Submission.id)).where(
        Submission.form_id.in_([form.form_id for form in forms])
    )
    query = select(Submission.received_at).where(Submission.id == newest.scalar_subquery())
    return session.scalar(query)


def _insert(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    # by the connection: the session would keep books of each row
    session.connection().execute(insert(table.__table__), rows)  # type: ignore[arg-type]


def _with_ids(session: Session, made: Sequence[Made]) -> list[tuple[int, Made]]:
    query = select(Submission.reference, Submission.id).where(
        Submission.reference.in_([one.reference for one in made])
    )
    found = {row.reference: row.id for row in session.execute(query)}
    return [(found[one.reference], one) for one in made]


def _add_files(session: Session, numbered: Sequence[tuple[int, Made]]) -> None:
    with_files = ((submission_id, one) for submission_id, one in numbered if one.files)
    rows = [row for submission_id, one in with_files for row in one.file_rows(submission_id)]
    if rows:
        _insert(session, StoredFile, rows)


def _add_events(session: Session, numbered: Sequence[tuple[int, Made]]) -> None:
    rows = [
        {
            "happened_at": one.received_at,
            "kind": "submission.received",
            "form_id": one.form.form_id,
            "submission_id": submission_id,
            "details": {"reference": one.reference},
        }
        for submission_id, one in numbered
    ]
    _insert(session, Event, rows)


def _index(session: Session, numbered: Sequence[tuple[int, Made]]) -> None:
    documents = (
        Document(submission_id, one.form.form_id, one.reference, one.entry.words)
        for submission_id, one in numbered
    )
    searching.add(session, documents)
