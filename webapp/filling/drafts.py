"""What is filled in page by page is kept here until it is handed in, behind a private link."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests

from .. import ids
from ..forms.capacity import Capacity
from ..forms.definition import canonical_json
from ..forms.tables import Form, FormVersion
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


def nonce_of(token: str) -> str:
    """The nonce of the submission that the draft of this token becomes. It tells a second hand-in from
    the first, also when the draft is gone."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:32]


def begin(session: Session, form: Form, version: FormVersion, now: datetime) -> str:
    """A new draft, empty; gives the token of its private link."""
    token = ids.private_key()
    session.add(
        FillingDraft(
            nonce=nonce_of(token),
            form_id=form.id,
            form_version_id=version.id,
            texts={},
            uploads={},
            furthest=0,
            made_at=now,
            changed_at=now,
            expires_at=now + KEPT_FOR,
        )
    )
    return token


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
        select(FillingDraft, Form, FormVersion)
        .join(Form, Form.id == FillingDraft.form_id)
        .join(FormVersion, FormVersion.id == FillingDraft.form_version_id)
        .where(FillingDraft.nonce == nonce_of(token), FillingDraft.expires_at > now)
        .where(Form.erased_at.is_(None))
    )
    row = session.execute(query).first()
    return None if row is None else Opened(row[0], row[1], row[2], token)


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


def save(session: Session, opened: Opened, saved: Saved, furthest: int, now: datetime) -> bool:
    """Keeps what a page brings, and leaves the other pages as they are. Tells whether the draft is there
    still. Raises RequestEntityTooLarge."""
    query = select(FillingDraft).where(FillingDraft.id == opened.draft.id).with_for_update()
    draft = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if draft is None:
        return False
    others = {name: t for name, t in draft.texts.items() if name.split(".")[0] not in saved.keys}
    draft.texts = others | {name: list(given) for name, given in saved.texts.items() if any(given)}
    files = {key: given for key, given in draft.uploads.items() if key not in saved.keys}
    draft.uploads = files | {key: list(given) for key, given in saved.uploads.items() if given}
    if len(canonical_json(draft.texts)) > opened.form.most_text_bytes:
        raise RequestEntityTooLarge
    draft.furthest = max(draft.furthest, furthest)
    draft.changed_at, draft.expires_at = now, now + KEPT_FOR
    waiting = [id for given in draft.uploads.values() for id in given]
    uploads.keep_until(session, opened.form.id, waiting, draft.expires_at)
    return True


def remove(session: Session, nonce: str) -> None:
    """It has become a submission."""
    session.execute(delete(FillingDraft).where(FillingDraft.nonce == nonce))


def sweep(session: Session, now: datetime) -> None:
    """Removes those that nobody has changed for long; their files expire at the same time."""
    session.execute(delete(FillingDraft).where(FillingDraft.expires_at <= now))
