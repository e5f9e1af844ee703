"""Whether somebody may fill a form in now: by its link, by its passcode, by a personal link.

What they show for it is a `credential`: the token of a personal link, or what a page carries once the
passcode was given. Nothing for most forms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ..forms import access
from ..forms.access import Access
from ..forms.availability import Availability, availability, closing_text, late_text
from ..forms.capacity import Capacity, find_capacity
from ..forms.tables import Form, FormVersion
from .tables import InvitedPerson

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_BY_TOKEN = (
    select(InvitedPerson, Form, FormVersion)
    .join(Form, Form.id == InvitedPerson.form_id)
    .join(FormVersion, (FormVersion.form_id == Form.id) & (FormVersion.number == Form.version))
    .where(InvitedPerson.token == bindparam("token"), Form.erased_at.is_(None))
)


@dataclass(frozen=True)
class Admission:
    """What becomes of somebody who comes to a form."""

    state: Availability
    credential: str = ""  # what they have shown, if it is one
    person: InvitedPerson | None = None  # whose link it is

    @property
    def is_refused(self) -> bool:
        """Whether they may not even begin, however open the form is."""
        return self.state in (
            Availability.NEEDS_LINK,
            Availability.NEEDS_PASSCODE,
            Availability.LINK_CLOSED,
        )

    @property
    def is_late(self) -> bool:
        return self.state is Availability.LATE

    @property
    def closes_at(self) -> datetime | None:
        """Their own deadline, where it is not the form's."""
        return self.person.closes_at if self.person else None

    def until(self, form: Form) -> str | None:
        """Until when they can hand in, in words; None if for good."""
        if self.is_late:
            return late_text(form, self.closes_at)
        return closing_text(form, self.closes_at)


ANYONE = Admission(Availability.OPEN)


@dataclass(frozen=True)
class Opened:
    """The form that a personal link leads to."""

    person: InvitedPerson
    form: Form
    version: FormVersion


def find_link(session: Session, token: str) -> Opened | None:
    """What the personal link leads to, in one statement; None for one that is none (any more)."""
    if not _TOKEN.fullmatch(token):
        return None
    row = session.execute(_BY_TOKEN, {"token": token}).first()
    return None if row is None else Opened(*row)


def find_link_capacity(session: Session, token: str) -> Capacity | None:
    """What may be sent to the form that the personal link leads to."""
    opened = find_link(session, token)
    return None if opened is None else find_capacity(session, opened.form.slug)


def admission(
    session: Session, form: Form, credential: str, now: datetime, *, lock: bool = False
) -> Admission:
    """Whether whoever shows the credential may fill in. With `lock` nobody changes or removes the
    person until the transaction ends; the form's row is to be locked before."""
    person = None
    if _TOKEN.fullmatch(credential) and not access.opens(form, credential):
        query = select(InvitedPerson).where(
            InvitedPerson.token == credential, InvitedPerson.form_id == form.id
        )
        person = session.scalar(query.with_for_update() if lock else query)
    return admit(form, person, credential, now)


def admit(form: Form, person: InvitedPerson | None, credential: str, now: datetime) -> Admission:
    """The same for a person who is known already."""
    state = availability(form, now, person.closes_at if person else None)
    if state.takes and person is not None and person.is_closed:
        state = Availability.LINK_CLOSED
    elif state.takes and person is None and form.access == Access.PERSONAL:
        state = Availability.NEEDS_LINK
    elif state.takes and person is None and form.access == Access.PASSCODE:
        state = state if access.opens(form, credential) else Availability.NEEDS_PASSCODE
    is_known = person is not None or access.opens(form, credential)
    return Admission(state, credential if is_known else "", person)
