"""Changing a stored draft: one change at a time, and none on top of one that was not seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, undefer

from ..events.rules import record
from . import rules, slugs
from .changes import Changes, changes
from .definition import Definition, read_definition
from .tables import Form, FormVersion

_WITH_DRAFT = (
    select(Form, FormVersion)
    .outerjoin(FormVersion, (FormVersion.form_id == Form.id) & (FormVersion.number == Form.version))
    .where(Form.slug == bindparam("slug"))
    .options(undefer(Form.draft))
)


class NoForm(Exception):
    """There is no form of that slug (any more)."""


class Stale(Exception):
    """The form was changed since the page was made that asks for this change."""


@dataclass(frozen=True)
class OpenedForm:
    """A form as the builder shows it."""

    form: Form
    draft: Definition
    published: Definition | None  # what the newest version asks
    published_at: datetime | None

    @cached_property
    def changes(self) -> Changes:
        """What is not published yet; nothing before the first time."""
        return changes(self.published, self.draft) if self.published else Changes()


class NothingAsked(Exception):
    """A form without questions cannot be published."""


def find(session: Session, slug: str) -> OpenedForm:
    """The form of the slug with its draft and newest version, in one statement. Raises NoForm."""
    row = session.execute(_WITH_DRAFT, {"slug": slug}).first() if slugs.is_slug(slug) else None
    if row is None:
        raise NoForm(slug)
    form, version = row
    published = rules.definition_of(version) if version else None
    published_at = version.published_at if version else None
    return OpenedForm(form, read_definition(form.draft), published, published_at)


def locked(session: Session, slug: str, revision: int | None = None) -> Form:
    """The form of the slug with its draft, for this transaction to change. Raises NoForm, and Stale if
    it is not at this revision."""
    query = select(Form).where(Form.slug == slug).options(undefer(Form.draft)).with_for_update()
    form = session.scalar(query) if slugs.is_slug(slug) else None
    if form is None:
        raise NoForm(slug)
    if revision is not None and form.revision != revision:
        raise Stale(slug)
    return form


def change(
    session: Session,
    slug: str,
    revision: int | None,
    do: Callable[[Definition], Definition],
    now: datetime,
    *,
    user_id: int | None,
    what: str,
) -> Form:
    """Changes the draft by `do`, which raises KeyError for a field that is gone. `what` is a word for
    the history. Raises NoForm; Stale, unless nothing is to be changed or no revision was seen that
    matters; and whatever `do` raises."""
    form = locked(session, slug)
    before = read_definition(form.draft)
    try:
        after = do(before)
    except KeyError:
        raise Stale(slug) from None
    if after != before:
        if revision is not None and form.revision != revision:
            raise Stale(slug)
        form.draft = after.write()
        touch(session, form, now, user_id=user_id, what=what)
    return form


def touch(session: Session, form: Form, now: datetime, *, user_id: int | None, what: str) -> None:
    """The form was changed: pages that show it as it was are stale."""
    form.revision += 1
    form.changed_at = now
    record(session, "form.changed", now, form_id=form.id, user_id=user_id, what=what)


def publish(session: Session, form: Form, now: datetime, *, user_id: int | None) -> bool:
    """Freezes the draft as the next version, if it differs from the newest, and tells whether it does. A
    draft that was never open opens. Raises NothingAsked."""
    if not read_definition(form.draft).fields:
        raise NothingAsked
    has_changed = rules.publish(session, form, now, user_id=user_id)
    if form.state == "draft":
        set_state(session, form, "open", now, user_id=user_id)
    return has_changed


def set_state(
    session: Session, form: Form, state: str, now: datetime, *, user_id: int | None
) -> None:
    """Opens or closes the form."""
    if form.state != state:
        form.state = state
        record(
            session,
            f"form.{'opened' if state == 'open' else state}",
            now,
            form_id=form.id,
            user_id=user_id,
        )
