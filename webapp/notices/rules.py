"""A form's notices: making, changing, switching and finding them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, undefer

from ..accounts.tables import User
from ..events.rules import record
from ..forms.definition import Definition, read_definition
from ..forms.kinds import Field
from ..forms.rules import definition_of, find_form, find_version
from ..forms.tables import Form
from ..ids import PUBLIC_ID, public_id
from .configs import Config, Kind, read_webhook
from .deliveries import webhook_again
from .tables import Notice, RestingTarget

OLD_SECRET_SIGNS = timedelta(hours=24)
MOST_NOTICES = 50  # each is a delivery for each submission


@dataclass(frozen=True)
class FormAtHand:
    """A form as its notices' pages need it."""

    id: int
    slug: str
    title: str
    time_zone: str
    definition: Definition  # the published one, or the draft where none is

    @property
    def address_fields(self) -> list[Field]:
        """Those that ask for an e-mail address."""
        return [field for field in self.definition.fields if field.is_address]


class TooMany(Exception):
    """The form has as many notices as it may have."""


def form_at_hand(session: Session, slug: str) -> FormAtHand | None:
    """The form of that slug."""
    form = find_form(session, slug)
    if form is None:
        return None
    draft = session.scalar(select(Form).where(Form.id == form.id).options(undefer(Form.draft)))
    assert draft is not None
    version = find_version(session, form)
    definition = definition_of(version) if version else read_definition(draft.draft)
    return FormAtHand(form.id, form.slug, definition.title, form.time_zone, definition)


def notices_of(session: Session, form_id: int) -> Sequence[Notice]:
    """A form's notices, oldest first."""
    query = select(Notice).where(Notice.form_id == form_id).order_by(Notice.id)
    return session.scalars(query).all()


def find_notice(session: Session, form_id: int, notice_id: str) -> Notice | None:
    """The form's notice of that public id."""
    if not PUBLIC_ID.fullmatch(notice_id):
        return None  # PostgreSQL does not even bear to be asked for a NUL
    query = select(Notice).where(Notice.form_id == form_id, Notice.public_id == notice_id)
    return session.scalar(query)


def kind_of(session: Session, notice_id: int) -> str:
    """The kind of the notice of that id."""
    return session.get_one(Notice, notice_id).kind


def add_notice(
    session: Session,
    form_id: int,
    kind: Kind,
    config: Config,
    now: datetime,
    by: int | None = None,
) -> Notice:
    """A new notice, switched on; `by` is the id of the user who asks. Raises TooMany."""
    count = session.scalar(select(func.count(Notice.id)).where(Notice.form_id == form_id)) or 0
    if count >= MOST_NOTICES:
        raise TooMany
    notice = Notice(
        public_id=public_id(),
        form_id=form_id,
        kind=kind.value,
        is_on=True,
        off_reason="",
        config=config.write(),
        created_at=now,
    )
    session.add(notice)
    _changed(session, notice, "notice.added", now, by)
    return notice


def change(
    session: Session, notice: Notice, config: Config, now: datetime, by: int | None = None
) -> None:
    """Has a notice do something else."""
    notice.config = config.write()
    _changed(session, notice, "notice.changed", now, by)
    if notice.kind == Kind.WEBHOOK:
        webhook_again(session, notice, now)


def switch(
    session: Session,
    notice: Notice,
    now: datetime,
    *,
    on: bool,
    reason: str = "",
    by: int | None = None,
) -> None:
    """Switches a notice on or off; with the reason where nobody at the desk does it."""
    notice.is_on = on
    notice.off_reason = "" if on else reason
    _changed(session, notice, f"notice.{'on' if on else 'off'}", now, by)


def remove(session: Session, notice: Notice, now: datetime, by: int | None = None) -> None:
    """Removes a notice and its deliveries, those that wait as well."""
    session.execute(delete(RestingTarget).where(RestingTarget.name == notice.public_id))
    session.delete(notice)
    _changed(session, notice, "notice.removed", now, by)


def renew_secret(session: Session, notice: Notice, now: datetime, by: int | None = None) -> None:
    """Gives a webhook a new secret; the old one signs as well until its receiver knows the new one."""
    config = read_webhook(notice.config)
    notice.config = config.renewed(now + OLD_SECRET_SIGNS).write()
    _changed(session, notice, "notice.secret", now, by)


def _changed(session: Session, notice: Notice, kind: str, now: datetime, by: int | None) -> None:
    """Tells the history, and the form whether any notice is on."""
    form_id = notice.form_id
    record(session, kind, now, form_id=form_id, user_id=by, notice=notice.kind)
    session.flush()
    is_any_on = exists().where(Notice.form_id == form_id, Notice.is_on.is_(True))
    announces = session.scalar(select(is_any_on))
    session.execute(update(Form).where(Form.id == form_id).values(announces=announces))


def people(session: Session) -> Sequence[User]:
    """The users who can be told by mail, by name."""
    return session.scalars(select(User).where(User.active.is_(True)).order_by(User.name)).all()
