"""Saving a form's draft, publishing it as a version, and finding both again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, undefer

from .. import clock
from ..events.rules import record
from ..i18n import gettext
from ..ids import public_id
from ..storage import names
from . import asking, rulebook, slugs
from .access import LEAST_PASSCODE, Access, passcode, set_access
from .availability import Availability, availability
from .definition import Definition, read_definition
from .frozen import frozen_definition
from .rulebook import DefinitionError, RuleBroken, rule
from .tables import Form, FormVersion

EXAMPLE = "2026-12-01T23:59:00+08:00"
NO_CORRECTIONS, UNTIL_CLOSED = "no", "until_closed"
MOST_LATE_DAYS = 365
FIRST_YEAR, LAST_YEAR = 2000, 9998  # beyond, a shift to another zone may leave the calendar


def moment_in_range(value: Any) -> datetime:
    """The moment, if a form may have it. Raises RuleBroken."""
    if not isinstance(value, datetime):
        raise RuleBroken(
            gettext("must be a date and time such as %(example)s, without quotes.", example=EXAMPLE)
        )
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise RuleBroken(
            gettext(
                "must be in a year from %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR
            )
        )
    return value


def _zone(value: Any) -> str:
    if not isinstance(value, str) or not clock.is_zone(value):
        raise RuleBroken(gettext("must be a time zone such as Europe/Berlin."))
    return value


@dataclass(frozen=True, kw_only=True)
class Terms:
    """When a form takes submissions, and how many. A time without an offset is in the form's zone."""

    slug: str = rule(
        slugs.slug,
        ask=asking.Ask(
            lambda: gettext("Last part of the link"),
            lambda: gettext("Small letters, digits and hyphens."),
            read=lambda text, _: text.strip().lower(),
        ),
    )
    state: str = rule(rulebook.either("draft", "open", "closed"), "draft")
    opens_at: datetime | None = rule(moment_in_range, None)
    closes_at: datetime | None = rule(moment_in_range, None)
    max_submissions: int | None = rule(
        rulebook.whole(1, 10**9),
        None,
        ask=asking.whole(
            lambda: gettext("Most submissions"),
            lambda: gettext(
                "When so many have come in, the form is full. Any number unless given."
            ),
        ),
    )
    time_zone: str = rule(_zone, "", ask=asking.line(lambda: gettext("Time zone")))
    corrections: str = rule(rulebook.either(NO_CORRECTIONS, UNTIL_CLOSED), NO_CORRECTIONS)
    save_later: bool = rule(rulebook.true_or_false, False)
    access: str = rule(
        rulebook.either(*Access),
        Access.LINK.value,
        ask=asking.line(lambda: gettext("Who may fill in")),
    )
    passcode: str = rule(
        passcode,
        "",
        ask=asking.line(
            lambda: gettext("Passcode"),
            lambda: gettext(
                "%(least)s characters or more; capitals and spaces do not matter.",
                least=LEAST_PASSCODE,
            ),
        ),
    )
    late_days: int = rule(
        rulebook.whole(0, MOST_LATE_DAYS),
        0,
        ask=asking.whole(
            lambda: gettext("Days for late hand-ins"),
            lambda: gettext(
                "For so many days after closing, hand-ins are still taken, and marked as late. "
                "None unless given."
            ),
        ),
    )

    def __post_init__(self) -> None:
        if self.access == Access.PASSCODE and not self.passcode:
            raise DefinitionError(("passcode",), gettext("must not be empty."))


def find_form(session: Session, slug: str) -> Form | None:
    """The form of that slug."""
    if not slugs.is_slug(slug):
        return None  # a database may not even bear to be asked: PostgreSQL takes no NUL
    return session.scalar(select(Form).where(Form.slug == slug))


def find_version(session: Session, form: Form, number: int | None = None) -> FormVersion | None:
    """A published version of the form: the newest, or that of a number."""
    wanted = form.version if number is None else number
    query = select(FormVersion).where(FormVersion.form_id == form.id, FormVersion.number == wanted)
    return session.scalar(query)


def newest_version(session: Session, form_id: int) -> FormVersion | None:
    """The newest version of a form that was published."""
    newest = FormVersion.number.desc()
    query = select(FormVersion).where(FormVersion.form_id == form_id).order_by(newest).limit(1)
    return session.scalar(query)


# Put together once: that takes as long as to run them, and public pages ask for nothing else.
_WITH_VERSION = select(Form, FormVersion).join(
    FormVersion, (FormVersion.form_id == Form.id) & (FormVersion.number == Form.version)
)
_BY_SLUG = _WITH_VERSION.where(Form.slug == bindparam("slug"))
_OPEN = _WITH_VERSION.where(Form.state == "open", Form.access == Access.LINK.value)
_OPEN = _OPEN.order_by(Form.id.desc())


def find_published(session: Session, slug: str) -> tuple[Form, FormVersion] | None:
    """A form with its newest version, in one statement. It may be a draft again by now."""
    if not slugs.is_slug(slug):
        return None
    row = session.execute(_BY_SLUG, {"slug": slug}).first()
    return None if row is None else (row[0], row[1])


def definition_of(version: FormVersion) -> Definition:
    """What the version asks."""
    return frozen_definition(version.content_hash, version.definition)


def all_forms(session: Session) -> Sequence[Form]:
    """All forms, by slug; not those that are being erased."""
    query = select(Form).where(Form.erased_at.is_(None)).options(undefer(Form.draft))
    return session.scalars(query.order_by(Form.slug)).all()


def count_submissions(session: Session) -> int:
    """Those of all forms together."""
    return session.scalar(select(func.coalesce(func.sum(Form.submission_count), 0))) or 0


def open_forms(session: Session, now: datetime) -> Sequence[tuple[Form, Definition]]:
    """The forms that anyone may fill in now, newest first, with what they ask."""
    rows = session.execute(_OPEN).all()
    return [(f, definition_of(v)) for f, v in rows if availability(f, now) is Availability.OPEN]


def save(
    session: Session,
    definition: Definition,
    terms: Terms,
    now: datetime,
    *,
    user_id: int | None = None,
) -> Form:
    """Makes the form of the slug, or changes it: the definition becomes its draft, and where the state
    is not `draft` it is published as well. Gives the form."""
    slugs.wait_for_turn(session)
    form = _locked(session, terms.slug)
    if form is None:
        form = _new_form(session, definition, terms, now)
        earlier, kind = None, "form.made"
    else:
        earlier, kind = read_definition(form.draft), "form.changed"
    definition = definition.with_ids(earlier)
    form.draft = definition.write()
    form.changed_at = now
    form.revision += 1
    _set_terms(form, terms)
    session.flush()
    record(session, kind, now, form_id=form.id, user_id=user_id)
    if terms.state != "draft":
        publish(session, form, now, user_id=user_id)
    return form


def _locked(session: Session, slug: str) -> Form | None:
    """The form of the slug as it is now, for this transaction to change."""
    query = select(Form).where(Form.slug == slug).options(undefer(Form.draft)).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def _new_form(session: Session, definition: Definition, terms: Terms, now: datetime) -> Form:
    taken = set(session.scalars(select(Form.folder_folded)))
    folder = names.unused(names.form_folder(definition.title), taken)
    form = Form(
        public_id=public_id(),
        slug=terms.slug,
        folder=folder,
        folder_folded=names.folded(folder),
        created_at=now,
        submission_count=0,
        version=0,
        revision=0,
        most_parts=0,
        most_text_bytes=0,
        most_file_bytes=0,
        most_body_bytes=0,
    )
    session.add(form)
    return form


def _set_terms(form: Form, terms: Terms) -> None:
    form.state = terms.state
    form.time_zone = terms.time_zone or form.time_zone or clock.local_zone()
    form.opens_at = _in_zone(terms.opens_at, form.time_zone)
    form.closes_at = _in_zone(terms.closes_at, form.time_zone)
    form.max_submissions = terms.max_submissions
    form.corrections = terms.corrections
    form.save_later = terms.save_later
    set_access(form, terms.access, terms.passcode, terms.late_days)


def _in_zone(moment: datetime | None, zone: str) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=ZoneInfo(zone))


def publish(session: Session, form: Form, now: datetime, *, user_id: int | None = None) -> bool:
    """Freezes the draft as the next version, if it differs from the newest. Tells whether it did."""
    definition = read_definition(form.draft)
    newest = find_version(session, form)
    if newest is not None and newest.content_hash == definition.content_hash:
        return False
    form.version += 1
    session.add(
        FormVersion(
            form_id=form.id,
            number=form.version,
            definition=definition.write(),
            content_hash=definition.content_hash,
            published_at=now,
        )
    )
    form.most_parts = max(form.most_parts, definition.most_parts())
    form.most_text_bytes = max(form.most_text_bytes, definition.most_text_bytes())
    form.most_file_bytes = max(form.most_file_bytes, definition.most_file_bytes())
    form.most_body_bytes = max(form.most_body_bytes, definition.most_body_bytes())
    number = form.version
    record(session, "form.published", now, form_id=form.id, user_id=user_id, version=number)
    return True
