"""What the inbox shows, as its templates take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from .. import clock
from ..database import now as moment_now
from ..forms.availability import Availability, availability, closing_text
from ..forms.slugs import is_slug
from ..forms.tables import Form
from ..i18n import gettext
from ..storage.names import shown_name
from ..submissions import listing
from ..submissions.indexing import ANY_OLDER
from ..submissions.listing import Listed, Only, Order, Page
from ..submissions.permits import is_waiting
from ..submissions.searching import Search
from ..submissions.tables import Submission
from . import news
from .news import MOST_NEW, FormNews

_TITLE = Form.draft["title"].as_string()
MOST_ASKED = 200  # characters of a search that a page repeats


@dataclass(frozen=True)
class Row:
    """A submission in a list."""

    id: int
    reference: str
    label: str
    received: str
    received_at: datetime
    file_count: int
    is_late: bool
    is_new: bool
    slug: str
    title: str
    mark: str = ""  # how it stands with corrections, in a word or two


@dataclass(frozen=True)
class FormRow:
    """A form in the overview."""

    slug: str
    title: str
    state: str
    is_open: bool
    new: int
    total: int
    last: str


@dataclass(frozen=True)
class FormHead:
    """The form whose submissions are shown."""

    id: int
    slug: str
    title: str
    time_zone: str
    total: int
    takes_files: bool  # in any of its versions
    is_indexing: bool  # whether older submissions, of whatever form, cannot be found yet
    parts: Sequence[Only] = ()  # those that any are of, to be listed apart

    @property
    def zone_name(self) -> str:
        return clock.shown_zone(self.time_zone)


@dataclass(frozen=True)
class SubmissionsPage:
    """A page of a form's submissions, with what its links repeat."""

    form: FormHead
    rows: Sequence[Row]
    before: str | None
    after: str | None
    order: Order
    query: str
    since: int  # what came later is new to the reader
    newest: int  # the highest id that the page shows; 0 for none
    only: Only | None = None

    @property
    def is_live(self) -> bool:
        """Whether what comes in goes on top."""
        return self._is_newest_first and self.before is None

    @property
    def _is_newest_first(self) -> bool:
        return self.order is Order.NEWEST and not self.query and not self.only

    @property
    def link(self) -> Mapping[str, str | int | None]:
        """What links to other pages of the same list carry."""
        has_new = any(row.is_new for row in self.rows)
        return {
            "slug": self.form.slug,
            "order": None if self.order is Order.NEWEST else self.order.value,
            "q": self.query or None,
            "since": self.since if has_new else None,
            **({self.only.value: "yes"} if self.only else {}),
        }

    @property
    def parts(self) -> Sequence[tuple[Only, str]]:
        """Other parts of the list, and what a link to them says."""
        shown = [] if self.query else [part for part in self.form.parts if part is not self.only]
        return [(part, _part_link(part)) for part in shown]

    @property
    def part_name(self) -> str:
        """What is shown where that is a part alone."""
        return _part_name(self.only) if self.only else ""


def _part_link(part: Only) -> str:
    return {
        Only.LATE: gettext("Show only what came in late"),
        Only.CORRECTED: gettext("Show only what was corrected"),
        Only.ASKED: gettext("Show only what is to be corrected"),
    }[part]


def _part_name(part: Only) -> str:
    return {
        Only.LATE: gettext("What came in late."),
        Only.CORRECTED: gettext("What was corrected."),
        Only.ASKED: gettext("What is to be corrected, and has not been yet."),
    }[part]


def find_head(session: Session, slug: str) -> FormHead | None:
    """The form of that slug, with the title of its draft."""
    if not is_slug(slug):
        return None
    columns = (Form.id, Form.slug, _TITLE, Form.time_zone, Form.submission_count)
    own, at = Submission.form_id == Form.id, moment_now()
    any_of = [exists().where(own, part.which(at)) for part in Only]
    told = Form.most_file_bytes > 0, ANY_OLDER.is_not(None), *any_of
    row = session.execute(select(*columns, *told).where(Form.slug == slug)).first()
    if row is None:
        return None
    are_any = zip(Only, row[-len(Only) :], strict=True)
    parts = [part for part, is_any in are_any if is_any]
    return replace(FormHead(*row[: -len(Only)]), parts=parts)


def _titles(session: Session, form_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Slug, title and zone by form id."""
    query = select(Form.id, Form.slug, _TITLE, Form.time_zone).where(Form.id.in_(form_ids))
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)}


def submissions_page(
    session: Session,
    form: FormHead,
    order: Order,
    cursor: str,
    query: str,
    since: int,
    only: Only | None = None,
) -> SubmissionsPage:
    """A page of the form's submissions, or of those that a search in it finds."""
    query = query.strip()[:MOST_ASKED]
    if query:
        page = listing.found(session, Search(query, form.id), cursor)
    else:
        page = listing.submissions(session, form.id, order, cursor, only=only)
    rows = [form_row(form, listed, since) for listed in page.rows]
    newest = max((row.id for row in rows), default=0)
    at = (page.before, page.after, order, query, since, newest)
    return SubmissionsPage(form, rows, *at, None if query else only)


def form_row(form: FormHead, listed: Listed, since: int) -> Row:
    """A submission in its form's own list."""
    return _row(listed, (form.slug, form.title, form.time_zone), listed.id > since)


def _row(listed: Listed, form: tuple[str, str, str], is_new: bool) -> Row:
    slug, title, zone = form
    return Row(
        listed.id,
        listed.reference,
        shown_name(listed.label or ""),
        clock.format_short(listed.received_at, zone),
        listed.received_at,
        listed.file_count,
        listed.late,
        is_new,
        slug,
        title,
        _mark(listed),
    )


def _mark(listed: Listed) -> str:
    if is_waiting(listed, moment_now()):
        return gettext("To be corrected")
    return gettext("Corrected") if listed.corrected_at else ""


def found_everywhere(session: Session, query: str, cursor: str) -> tuple[Sequence[Row], Page]:
    """A page of what a search over all forms finds."""
    page = listing.found(session, Search(query.strip()[:MOST_ASKED]), cursor)
    forms = _titles(session, sorted({listed.form_id for listed in page.rows}))
    return [_row(listed, forms[listed.form_id], False) for listed in page.rows], page


def overview(session: Session, user_id: int, now: datetime) -> Sequence[FormRow]:
    """All forms, the newest first."""
    return [_form_row(one, now) for one in news.overview(session, user_id)]


def _form_row(one: FormNews, now: datetime) -> FormRow:
    form, last = one.form, one.last_received_at
    return FormRow(
        form.slug,
        one.title,
        _state(form, now),
        availability(form, now).takes,
        one.new,
        form.submission_count,
        clock.format_short(last, form.time_zone) if last else "",
    )


def _state(form: Form, now: datetime) -> str:
    """Whether the form takes submissions, in words."""
    state = availability(form, now)
    if state is Availability.OPEN:
        return closing_text(form) or gettext("Open")
    if state is Availability.LATE:
        return gettext("Open for late hand-ins")
    if state is Availability.NOT_YET and form.opens_at:
        moment = clock.format_moment(form.opens_at, form.time_zone)
        return gettext("Opens on %(moment)s", moment=moment)
    if state is Availability.FULL:
        return gettext("Full")
    return gettext("Closed") if state is Availability.CLOSED else gettext("Draft")


def new_count(count: int) -> str:
    """A count of new ones as the page says it."""
    return f"{MOST_NEW}+" if count > MOST_NEW else str(count)
