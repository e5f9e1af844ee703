"""What is filled in page by page is kept here until it is handed in, behind a private link.

Whoever was invited has one draft, behind their own link, wherever they open it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests

from .. import ids
from ..forms.capacity import Capacity
from ..forms.definition import canonical_json
from ..forms.rules import definition_of
from ..forms.tables import Form, FormVersion
from ..invited.admission import Admission, admit
from ..invited.admission import Opened as PersonalLink
from ..invited.tables import InvitedPerson
from ..limits import rules as limits
from ..uploads import rules as uploads
from .tables import FillingDraft

KEPT_FOR = timedelta(days=14)  # after the last change
MOST_NEW, NEW_WINDOW = 200, timedelta(hours=1)  # of one address


@dataclass(frozen=True)
class Opened:
    """A draft with its form, and the version that it began with."""

    draft: FillingDraft
    form: Form
    version: FormVersion
    token: str
    person: InvitedPerson | None = None  # whose only draft it is; the token is that of their link

    @property
    def is_whole(self) -> bool:
        """Whether it is that of a form of one page."""
        return len(definition_of(self.version).pages) == 1

    def revision(self, number: int) -> int:
        """How often the page of that number was saved."""
        return int((self.draft.revisions or {}).get(str(number), 0))

    def admission(self, now: datetime) -> Admission:
        """Whether whoever has it may go on now."""
        credential = self.token if self.person else self.draft.entry_key
        return admit(self.form, self.person, credential, now)


def nonce_of(token: str) -> str:
    """The nonce of the submission that the draft of this token becomes. It tells a second hand-in from
    the first, also when the draft is gone."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:32]


def begin(
    session: Session, form: Form, version: FormVersion, now: datetime, entry_key: str = ""
) -> str:
    """A new draft, empty; gives the token of its private link."""
    token = ids.private_key()
    draft = _new(form.id, version.id, token, now)
    draft.entry_key = entry_key
    session.add(draft)
    return token


def begin_personally(session: Session, link: PersonalLink, now: datetime) -> None:
    """The draft of an invited person, empty, behind the token of their link; unless they have one."""
    person, token = link.person, link.person.token
    _hold_form(session, link.form.id)
    # Of two that begin at once, the second finds what the first has begun.
    session.execute(select(InvitedPerson.id).where(InvitedPerson.id == person.id).with_for_update())
    if find(session, token, now) is None:
        remove(session, nonce_of(token))  # one that has expired
        draft = _new(link.form.id, link.version.id, token, now)
        draft.invited_id = person.id
        session.add(draft)


def _hold_form(session: Session, form_id: int) -> None:
    """Waits for hand-ins to the form, which hold its row before all others: else each could wait for what the
    other has. Those who save do not wait for each other."""
    query = select(Form.id).where(Form.id == form_id)
    session.execute(query.with_for_update(read=True, key_share=True))


def _new(form_id: int, version_id: int, token: str, now: datetime) -> FillingDraft:
    return FillingDraft(
        nonce=nonce_of(token),
        form_id=form_id,
        form_version_id=version_id,
        texts={},
        uploads={},
        furthest=0,
        made_at=now,
        changed_at=now,
        expires_at=now + KEPT_FOR,
    )


def count_new(session: Session, address: str, now: datetime) -> None:
    """Raises TooManyRequests where an address has begun too many; this computer may begin any number."""
    if limits.is_this_computer(address):
        return
    name = limits.counter_name("draft", limits.neighbourhood(address))
    if limits.count(session, name, now, NEW_WINDOW) > MOST_NEW:
        raise TooManyRequests(retry_after=int(NEW_WINDOW.total_seconds()))


def find(session: Session, token: str, now: datetime) -> Opened | None:
    """The draft behind a link; None if there is none, or none any more."""
    query = (
        select(FillingDraft, Form, FormVersion, InvitedPerson)
        .join(Form, Form.id == FillingDraft.form_id)
        .join(FormVersion, FormVersion.id == FillingDraft.form_version_id)
        .outerjoin(InvitedPerson, InvitedPerson.id == FillingDraft.invited_id)
        .where(FillingDraft.nonce == nonce_of(token), FillingDraft.expires_at > now)
        .where(Form.erased_at.is_(None))
    )
    row = session.execute(query).first()
    return None if row is None else Opened(row[0], row[1], row[2], token, row[3])


def find_capacity(session: Session, token: str) -> Capacity | None:
    """What a request to the draft may hold: what one to its form may."""
    query = (
        select(Form.most_body_bytes, Form.most_text_bytes, Form.most_file_bytes, Form.most_parts)
        .join(FillingDraft, FillingDraft.form_id == Form.id)
        .where(FillingDraft.nonce == nonce_of(token))
    )
    row = session.execute(query).first()
    return None if row is None else Capacity(*row)


@dataclass(frozen=True)
class Saved:
    """What one page brings."""

    keys: Collection[str]  # of the questions that it asks
    texts: Mapping[str, Sequence[str]]
    uploads: Mapping[str, Sequence[str]]
    on_top_of: int | None = (
        None  # the revision that the page saves itself on; None where a person does
    )


class Overtaken(Exception):
    """The page was saved in another window since."""


def save(session: Session, opened: Opened, saved: Saved, number: int, now: datetime) -> int | None:
    """Keeps what the page of a number brings, and leaves the others as they are. Gives the page's revision;
    None where the draft is gone. Raises Overtaken and RequestEntityTooLarge."""
    _hold_form(session, opened.form.id)
    query = select(FillingDraft).where(FillingDraft.id == opened.draft.id).with_for_update()
    draft = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if draft is None:
        return None
    revisions = draft.revisions or {}
    revision = int(revisions.get(str(number), 0))
    if saved.on_top_of not in (None, revision):
        raise Overtaken
    given = saved.uploads if saved.on_top_of is None else _together(session, draft, saved)
    others = {name: t for name, t in draft.texts.items() if name.split(".")[0] not in saved.keys}
    draft.texts = others | {name: list(given) for name, given in saved.texts.items() if any(given)}
    files = {key: ids for key, ids in draft.uploads.items() if key not in saved.keys}
    draft.uploads = files | {key: list(ids) for key, ids in given.items() if ids}
    if len(canonical_json(draft.texts)) > opened.form.most_text_bytes:
        raise RequestEntityTooLarge
    draft.furthest = max(draft.furthest, number)
    draft.revisions = revisions | {str(number): revision + 1}
    draft.changed_at, draft.expires_at = now, now + KEPT_FOR
    waiting = [id for given in draft.uploads.values() for id in given]
    uploads.keep_until(session, opened.form.id, waiting, draft.expires_at)
    return revision + 1


def _together(session: Session, draft: FillingDraft, saved: Saved) -> dict[str, list[str]]:
    """A page that saves itself takes no file away that came in another window; but removed ones are gone."""
    both = {
        key: list(dict.fromkeys([*draft.uploads.get(key, ()), *given]))
        for key, given in saved.uploads.items()
    }
    known = [id for ids in both.values() for id in ids]
    there = uploads.waiting_ids(session, known)
    return {key: [id for id in ids if id in there] for key, ids in both.items()}


def save_new(
    session: Session,
    form: Form,
    version: FormVersion,
    admission: Admission,
    saved: Saved,
    now: datetime,
) -> tuple[str, int]:
    """Keeps a page of all questions for the first time. Gives the token of its private link, and the page's
    revision. A person's draft that was begun meanwhile, on another device, keeps its files beside the new."""
    person = admission.person
    if person is None:
        token = begin(session, form, version, now, admission.credential)
    else:
        token = person.token
        begin_personally(session, PersonalLink(person, form, version), now)
    opened = find(session, token, now)
    assert opened is not None
    opened.draft.form_version_id = version.id
    together = {
        key: list(dict.fromkeys([*opened.draft.uploads.get(key, ()), *given]))
        for key, given in saved.uploads.items()
    }
    revision = save(session, opened, replace(saved, uploads=together), 0, now)
    assert revision is not None
    return token, revision


def let_in(session: Session, opened: Opened, entry_key: str) -> None:
    """Whoever has the draft has given the passcode, which may be another one than when it was begun."""
    own = update(FillingDraft).where(FillingDraft.id == opened.draft.id)
    session.execute(own.values(entry_key=entry_key).execution_options(synchronize_session=False))


def remove(session: Session, nonce: str) -> None:
    """It has become a submission."""
    session.execute(delete(FillingDraft).where(FillingDraft.nonce == nonce))


def remove_of_person(session: Session, person_id: int) -> None:
    """What came in by their link without it is their submission."""
    session.execute(delete(FillingDraft).where(FillingDraft.invited_id == person_id))


def forget_person(session: Session, person_id: int, now: datetime) -> None:
    """Removes what somebody has begun who is invited no more; its files expire at once."""
    query = select(FillingDraft).where(FillingDraft.invited_id == person_id).with_for_update()
    for draft in session.scalars(query):
        waiting = [id for given in draft.uploads.values() for id in given]
        uploads.keep_until(session, draft.form_id, waiting, now)
        session.delete(draft)


def sweep(session: Session, now: datetime) -> None:
    """Removes those that nobody has changed for long; their files expire at the same time."""
    session.execute(delete(FillingDraft).where(FillingDraft.expires_at <= now))
