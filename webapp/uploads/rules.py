"""Keeping received files until they are handed in, and forgetting them when they are not."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from ..failpoints import reach
from ..ids import PUBLIC_ID
from ..limits.rules import counter_name, is_this_computer, neighbourhood
from ..storage.base import Staging, Storage
from .tables import Upload

log = logging.getLogger("intray.uploads")

KEPT_FOR = timedelta(days=2)


@dataclass(frozen=True)
class Received:
    """A file of a request that has passed the rules of its field."""

    staging: Staging
    field_id: str
    filename: str
    media_type: str


@dataclass(frozen=True)
class UploadedFile:
    """A file that was received whole, whether it waits or was handed in."""

    id: str
    field_id: str
    filename: str
    media_type: str
    size: int  # bytes
    sha256: str


def make_durable(received: Sequence[Received]) -> list[UploadedFile]:
    """Has the files survive a power cut: the first step of accepting a submission. It takes as long as
    the disk does, so no transaction is open meanwhile."""
    return [_durable(file) for file in received]


def _durable(file: Received) -> UploadedFile:
    reach("receive: written")
    finished = file.staging.finish()
    reach("receive: durable")
    return UploadedFile(
        file.staging.upload_id,
        file.field_id,
        file.filename,
        file.media_type,
        finished.size,
        finished.sha256,
    )


def sender_name(address: str) -> str | None:
    """Who sends, as far as limits count: a part of a network, by its digest; None for this computer, as
    for a proxy on it."""
    if is_this_computer(address):
        return None
    return counter_name("upload", neighbourhood(address))


def keep(
    session: Session,
    form_id: int,
    files: Sequence[UploadedFile],
    now: datetime,
    sender: str | None = None,
) -> None:
    """Gives each durable file its row."""
    if files:
        session.execute(insert(Upload), [_row(file, form_id, now, sender) for file in files])


def waiting_bytes(session: Session, sender: str) -> int:
    """How much one sender has sent, or begun to send, and not handed in."""
    query = select(func.coalesce(func.sum(Upload.size), 0)).where(Upload.sender == sender)
    return int(session.scalar(query) or 0)


def count_waiting(session: Session) -> tuple[int, int]:
    """How many uploads there are that nobody has handed in yet, and their bytes in all."""
    row = session.execute(select(func.count(), func.coalesce(func.sum(Upload.size), 0))).one()
    return row[0], int(row[1])


def _row(upload: UploadedFile, form_id: int, now: datetime, sender: str | None) -> dict[str, Any]:
    return {
        "sender": sender,
        "public_id": upload.id,
        "form_id": form_id,
        "field_id": upload.field_id,
        "filename": upload.filename,
        "media_type": upload.media_type,
        "size": upload.size,
        "sha256": upload.sha256,
        "received_at": now,
        "expires_at": now + KEPT_FOR,
    }


def _uploaded(upload: Upload) -> UploadedFile:
    assert upload.sha256 is not None, "it is not all there"
    return UploadedFile(
        upload.public_id,
        upload.field_id,
        upload.filename,
        upload.media_type,
        upload.size,
        upload.sha256,
    )


def find(session: Session, form_id: int, public_ids: Iterable[str]) -> list[UploadedFile]:
    """The finished uploads of these ids that were begun for this form, in the order in which they came."""
    ids = [id for id in public_ids if PUBLIC_ID.fullmatch(id)]
    if not ids:
        return []
    mine = (Upload.public_id.in_(ids), Upload.form_id == form_id)
    query = select(Upload).where(*mine, Upload.sha256.is_not(None))
    return [_uploaded(upload) for upload in session.scalars(query.order_by(Upload.id))]


def arriving_names(session: Session, form_id: int, public_ids: Iterable[str]) -> list[str]:
    """The names of those of the uploads that are not all there yet."""
    ids = [id for id in public_ids if PUBLIC_ID.fullmatch(id)]
    mine = (Upload.public_id.in_(ids), Upload.form_id == form_id, Upload.sha256.is_(None))
    return list(session.scalars(select(Upload.filename).where(*mine))) if ids else []


def take(session: Session, public_ids: Sequence[str]) -> bool:
    """Removes the rows of uploads that become stored files. Tells whether all were there: if not, they
    expired or were handed in, and the transaction must not go on."""
    if not public_ids:
        return True
    whole = (Upload.public_id.in_(public_ids), Upload.sha256.is_not(None))
    query = delete(Upload).where(*whole).returning(Upload.id)
    return len(session.scalars(query).all()) == len(set(public_ids))


def remove(session: Session, form_id: int, public_id: str) -> bool:
    """Removes the row of one upload, and tells whether there was one; `discard` its file when that is
    committed, and only then: without a row it may be a submission's."""
    query = delete(Upload).where(Upload.public_id == public_id, Upload.form_id == form_id)
    return session.scalar(query.returning(Upload.id)) is not None


def remove_by_id(session: Session, public_id: str) -> bool:
    """The same for whoever knows the upload's id, which owns it."""
    query = delete(Upload).where(Upload.public_id == public_id)
    return session.scalar(query.returning(Upload.id)) is not None


def expire(session: Session, now: datetime) -> list[str]:
    """Removes the rows of uploads whose time is over, and gives their ids; their files are discarded
    when that is committed. A file whose removal fails is a stray, which a later sweep removes."""
    query = delete(Upload).where(Upload.expires_at < now).returning(Upload.public_id)
    return list(session.scalars(query))


def keep_until(session: Session, form_id: int, public_ids: Sequence[str], until: datetime) -> None:
    """Has the uploads wait until then, since a draft holds them."""
    if public_ids:
        mine = (Upload.public_id.in_(public_ids), Upload.form_id == form_id)
        session.execute(update(Upload).where(*mine).values(expires_at=until))


def remove_all(session: Session, form_id: int) -> list[str]:
    """Removes the rows of all uploads that were begun for the form, as `expire` does those that are
    old."""
    query = delete(Upload).where(Upload.form_id == form_id).returning(Upload.public_id)
    return list(session.scalars(query))


def discard(storage: Storage, public_ids: Iterable[str]) -> None:
    """Removes the files of uploads that have no row any more. One that cannot be removed now, since a
    virus scanner holds it perhaps, is a stray, which a later sweep removes."""
    for public_id in public_ids:
        try:
            storage.discard(public_id)
        except OSError as wrong:
            log.warning("The upload %s cannot be removed now: %s", public_id, wrong)


def waiting_ids(session: Session, public_ids: Iterable[str]) -> frozenset[str]:
    """Those of the ids whose uploads wait to be handed in; whatever else was given for an id is left out."""
    ids = [id for id in public_ids if PUBLIC_ID.fullmatch(id)]
    query = select(Upload.public_id).where(Upload.public_id.in_(ids))
    return frozenset(session.scalars(query) if ids else ())
