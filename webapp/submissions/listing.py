"""Lists of submissions, page by page. A page begins after a row, and not after so many rows: it takes the
same time wherever it is, and shows no row twice while others come and go."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, literal_column, select, tuple_
from sqlalchemy.orm import Session

from ..database import now
from ..forms.tables import Form
from .permits import waiting
from .searching import Search
from .tables import Submission

PAGE_ROWS = 50
LAST = "last"  # the cursor of the last page
_HALF = re.compile(r"[\ud800-\udfff]")  # surrogates


class Order(StrEnum):
    """How a list is sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    NAME_DOWN = "name-down"


# As its index has it: SQLAlchemy would write `late = 1` for SQLite, which then looks at every row.
_IS_LATE: ColumnElement[bool] = literal_column("submissions.late")


class Only(StrEnum):
    """A part of the submissions that is listed apart."""

    LATE = "late"
    CORRECTED = "corrected"
    ASKED = "asked"  # those of which a correction is asked for, and has not come yet

    def which(self, now: datetime) -> ColumnElement[bool]:
        """Those that are of this part at a moment."""
        if self is Only.LATE:
            return _IS_LATE
        return Submission.corrected_at.is_not(None) if self is Only.CORRECTED else waiting(now)


@dataclass(frozen=True)
class Listed:
    """A submission as lists show it."""

    id: int
    form_id: int
    reference: str
    label: str | None
    label_key: str | None
    received_at: datetime
    file_count: int
    late: bool
    corrected_at: datetime | None = None
    asked_at: datetime | None = None
    asked_until: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Some submissions in their order, and the cursors of the pages before and after; None where there
    is none."""

    rows: Sequence[Listed]
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class _Place:
    """A place in a list: just before or just after a row, whether or not the row is still there."""

    is_after: bool
    label_key: str | None
    id: int

    def cursor(self) -> str:
        text = json.dumps([self.is_after, self.label_key, self.id], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> _Place | None:
    """None for what is no cursor of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        is_after, label_key, id = values
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
    if not isinstance(is_after, bool) or type(id) is not int or not 0 < id < 2**31:
        return None
    return _Place(is_after, label_key, id) if _is_key(label_key) else None


def _is_key(given: object) -> bool:
    """Whether a database bears to be asked for it: PostgreSQL takes no NUL, and none a half character."""
    if given is None:
        return True
    return isinstance(given, str) and "\0" not in given and not _HALF.search(given)


@dataclass(frozen=True)
class _Part:
    """A part of a list that one index gives in its order. Submissions without a name are a part of
    their own: they come last, whichever way names are sorted."""

    is_down: bool
    has_names: bool | None = None  # None: of all submissions, by when they came

    def holds(self, place: _Place) -> bool:
        return self.has_names in (None, place.label_key is not None)

    def within(
        self, query: Select[*tuple[Any, ...]], is_reversed: bool
    ) -> Select[*tuple[Any, ...]]:
        """The query for the part's rows in its order, or the other way round."""
        if self.has_names is not None:
            key = Submission.label_key
            query = query.where(key.is_not(None) if self.has_names else key.is_(None))
        keys = (Submission.id,) if self.has_names is None else (Submission.label_key, Submission.id)
        is_down = self.is_down != is_reversed
        return query.order_by(*(key.desc() if is_down else key.asc() for key in keys))

    def beyond(self, place: _Place, is_reversed: bool) -> ColumnElement[bool]:
        """What comes after a place of this part in its order, or the other way round."""
        row, here = tuple_(Submission.id), tuple_(literal(place.id))
        if self.has_names:
            row = tuple_(Submission.label_key, Submission.id)
            here = tuple_(literal(place.label_key), literal(place.id))
        return row < here if self.is_down != is_reversed else row > here


_NAMELESS = _Part(is_down=False, has_names=False)
_PARTS = {
    Order.NEWEST: (_Part(is_down=True),),
    Order.OLDEST: (_Part(is_down=False),),
    Order.NAME: (_Part(is_down=False, has_names=True), _NAMELESS),
    Order.NAME_DOWN: (_Part(is_down=True, has_names=True), _NAMELESS),
}
_COLUMNS = (
    Submission.id,
    Submission.form_id,
    Submission.reference,
    Submission.label,
    Submission.label_key,
    Submission.received_at,
    Submission.file_count,
    Submission.late,
    Submission.corrected_at,
    Submission.asked_at,
    Submission.asked_until,
)


class _Rows:
    """The rows of a form in an order."""

    def __init__(
        self, session: Session, form_id: int, order: Order, only: Only | None = None
    ) -> None:
        self._session = session
        self._form_id = form_id
        self._which = only.which(now()) if only else None
        self._parts = _PARTS[order]

    def walk(self, place: _Place | None, forward: bool, most: int) -> list[Listed]:
        """The next rows from the place on, from the start or the end where it is None; walking backward
        gives them in that order."""
        parts = self._parts if forward else self._parts[::-1]
        rows: list[Listed] = []
        for number, part in enumerate(parts):
            if place is not None and not any(other.holds(place) for other in parts[: number + 1]):
                continue  # that part lies behind
            here = place if place is not None and part.holds(place) else None
            rows += self._walk(part, here, forward, most)
        return rows[:most]

    def _walk(
        self, part: _Part, place: _Place | None, forward: bool, most: int
    ) -> Sequence[Listed]:
        query: Select[*tuple[Any, ...]] = select(*_COLUMNS).where(
            Submission.form_id == self._form_id
        )
        if self._which is not None:
            query = query.where(self._which)
        if place is not None:
            query = query.where(part.beyond(place, not forward))
        return _listed(self._session, part.within(query, not forward).limit(most))


class _Found:
    """The rows that a search finds, newest first."""

    def __init__(self, session: Session, search: Search) -> None:
        self._session = session
        self._ids, self._id = search.ids(session)

    def walk(self, place: _Place | None, forward: bool, most: int) -> list[Listed]:
        ids = self._ids
        if place is not None:
            ids = ids.where(self._id < place.id if forward else self._id > place.id)
        ids = ids.order_by(self._id.desc() if forward else self._id.asc()).limit(most)
        order = Submission.id.desc() if forward else Submission.id.asc()
        query: Select[*tuple[Any, ...]] = (
            select(*_COLUMNS).where(Submission.id.in_(ids)).order_by(order)
        )
        return _listed(self._session, query)


def _listed(session: Session, query: Select[*tuple[Any, ...]]) -> list[Listed]:
    return [Listed(*row) for row in session.execute(query)]


def submissions(
    session: Session,
    form_id: int,
    order: Order = Order.NEWEST,
    cursor: str = "",
    *,
    most: int = PAGE_ROWS,
    only: Only | None = None,
) -> Page:
    """A page of a form's submissions, or of a part of them: the first, unless a cursor tells of another."""
    return _page(_Rows(session, form_id, order, only), cursor, most)


def found(session: Session, search: Search, cursor: str = "", *, most: int = PAGE_ROWS) -> Page:
    """A page of what a search finds, newest first. Empty where there is no word to look for."""
    if search.form_id is None:
        gone = session.scalars(select(Form.id).where(Form.erased_at.is_not(None))).all()
        search = Search(search.query, None, gone)
    try:
        rows = _Found(session, search)
    except ValueError:
        return Page(())
    return _page(rows, cursor, most)


def _page(rows: _Rows | _Found, cursor: str, most: int) -> Page:
    place = _read(cursor)
    if cursor != LAST and (place is None or place.is_after):
        got = rows.walk(place, True, most + 1)
        if got or place is None:
            before = _Place(False, got[0].label_key, got[0].id) if got and place else None
            return _cut(got[:most], before is not None, len(got) > most)
        place = None  # all that came after is gone: the last page
    got = rows.walk(place, False, most + 1)
    if place is not None and len(got) <= most:
        return _page(rows, "", most)  # a whole first page, rather than what is left of one
    return _cut(got[:most][::-1], len(got) > most, place is not None)


def _cut(rows: Sequence[Listed], has_before: bool, has_after: bool) -> Page:
    if not rows:
        return Page(())
    first, last = rows[0], rows[-1]
    return Page(
        rows,
        _Place(False, first.label_key, first.id).cursor() if has_before else None,
        _Place(True, last.label_key, last.id).cursor() if has_after else None,
    )


def newer_than(
    session: Session, form_id: int, submission_id: int, *, most: int = PAGE_ROWS
) -> Sequence[Listed]:
    """What has come since that submission, newest first; the next of them where there are more."""
    query: Select[*tuple[Any, ...]] = select(*_COLUMNS)
    query = query.where(Submission.form_id == form_id, Submission.id > submission_id)
    return _listed(session, query.order_by(Submission.id).limit(most))[::-1]


def neighbours(session: Session, form_id: int, submission_id: int) -> tuple[str | None, str | None]:
    """The references of the submissions that came just before and just after."""
    own = select(Submission.reference).where(Submission.form_id == form_id)
    older = own.where(Submission.id < submission_id).order_by(Submission.id.desc()).limit(1)
    newer = own.where(Submission.id > submission_id).order_by(Submission.id).limit(1)
    row = session.execute(select(older.scalar_subquery(), newer.scalar_subquery())).one()
    return row[0], row[1]
