"""Uploads that come in pieces: begun for a field of a form, gone on with, finished, removed."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.orm import Session

from ..database import now, snapshot, unit_of_work
from ..failpoints import reach
from ..forms import rules as forms
from ..forms.availability import Availability, availability
from ..forms.kinds import HEAD_BYTES, AnswerError, Files, ReceivedFile
from ..i18n import gettext
from ..ids import PUBLIC_ID
from ..storage import names
from ..storage.base import Storage, StorageError
from . import rules
from .arrival import Arrival
from .following import Follower
from .problems import NoRoom, NotTaken, NoUpload, TooMuchWaits
from .rules import KEPT_FOR
from .tables import Upload
from .whole import ArrivingFile

log = logging.getLogger("intray.uploads")

FINISH_JOB = "upload.finish"
AT_ONCE_BYTES = 64 * 1024**2  # what is hashed while the sender waits for an answer


@dataclass(frozen=True)
class Wanted:
    """A file that somebody wants to send."""

    form: str  # slug
    field: str  # key
    filename: str
    media_type: str
    page: str = ""  # what tells one page from another, if anything does
    metadata: str = ""  # what the sender said of it, as it was said


@dataclass(frozen=True)
class Limits:
    """The most bytes that may wait to be handed in: from one sender, for one form, in all."""

    of_sender: int
    of_form: int
    in_all: int


@dataclass(frozen=True)
class Sender:
    """Who sends, as far as limits count; None where nobody counts."""

    name: str | None


def begin(
    storage: Storage, wanted: Wanted, arrival: Arrival, sender: Sender, limits: Limits
) -> Upload:
    """Gives the file its row, if its form and field want it and there is room for what has not arrived
    yet. What came whole is finished with that. Raises NotTaken, TooMuchWaits, NoRoom; and StorageError
    or OSError where the disk fails."""
    moment = now()
    with snapshot() as session:
        form_id, asked = _find_field(session, wanted, moment)
    filename = names.original_name(wanted.filename)
    whole = arrival if isinstance(arrival, ArrivingFile) else None
    _check(asked, filename, arrival.size, wanted.media_type, whole.head if whole else b"")
    if arrival.size - arrival.arrived > storage.room():
        raise NoRoom
    row: dict[str, Any] = {
        "public_id": arrival.upload_id,
        "form_id": form_id,
        "field_id": asked.id,
        "filename": filename,
        "media_type": wanted.media_type,
        "size": arrival.size,
        "sha256": whole.finish().sha256 if whole else None,
        "received_at": moment,
        "expires_at": moment + KEPT_FOR,
        "sender": sender.name,
        "page": _digest(wanted.page),
        "metadata_given": wanted.metadata,
    }
    with unit_of_work() as session:
        _check_limits(session, row, limits)
        _check_count(session, row, asked)
        upload = session.scalars(insert(Upload).returning(Upload), [row]).one()
    reach("upload: begun")
    return upload


def _find_field(session: Session, wanted: Wanted, moment: datetime) -> tuple[int, Files]:
    found = forms.find_published(session, wanted.form)
    if found is None or availability(found[0], moment) is Availability.UNPUBLISHED:
        raise NotTaken(gettext("There is no such form."), 404)
    form, version = found
    if availability(form, moment) is not Availability.OPEN:
        raise NotTaken(gettext("This form takes nothing in at the moment."), 403)
    asked = forms.definition_of(version).field(wanted.field)
    if not isinstance(asked, Files):
        raise NotTaken(gettext("The form does not ask for files there."))
    return form.id, asked


def _check(asked: Files, filename: str, size: int, media_type: str, head: bytes = b"") -> None:
    shown = names.shown_name(filename)
    try:
        asked.check(ReceivedFile(shown, size, media_type, head))
    except AnswerError as wrong:
        raise NotTaken(str(wrong), 413 if size > asked.max_size else 422) from None


def _check_limits(session: Session, row: Mapping[str, Any], limits: Limits) -> None:
    of_form = case((Upload.form_id == row["form_id"], Upload.size), else_=0)
    of_sender = case((Upload.sender == row["sender"], Upload.size), else_=0)
    sums = (func.coalesce(func.sum(each), 0) for each in (Upload.size, of_form, of_sender))
    waiting = session.execute(select(*sums)).one()
    most = (limits.in_all, limits.of_form, limits.of_sender if row["sender"] else math.inf)
    for bytes_waiting, limit in zip(waiting, most, strict=True):
        if bytes_waiting + row["size"] > limit:
            raise TooMuchWaits(int(limit))


def _check_count(session: Session, row: Mapping[str, Any], asked: Files) -> None:
    """Of one page, where the sender says which it is: a hand-in counts again."""
    if row["page"] is None:
        return
    same = (Upload.page == row["page"], Upload.field_id == row["field_id"])
    count = session.scalar(select(func.count()).select_from(Upload).where(*same)) or 0
    if count >= asked.max_files:
        raise NotTaken(asked.too_many())


def _digest(text: str) -> str | None:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else None


def find(session: Session, public_id: str, moment: datetime) -> Upload:
    """An upload that waits or is on its way in. Raises NoUpload."""
    query = select(Upload).where(Upload.public_id == public_id, Upload.expires_at > moment)
    upload = session.scalar(query)
    if upload is None:
        raise NoUpload
    return upload


def offset(storage: Storage, upload: Upload) -> int:
    """How many of its bytes are there. Raises NoUpload."""
    if upload.sha256 is not None:
        return upload.size
    try:
        partial = storage.partial(upload.public_id)
    except FileNotFoundError:
        with snapshot() as session:  # it may have been finished a moment ago
            if find(session, upload.public_id, now()).sha256 is None:
                raise NoUpload from None
        return upload.size
    try:
        return partial.progress().offset
    except FileNotFoundError:
        raise NoUpload from None
    finally:
        partial.close()


def check_content(storage: Storage, upload: Upload) -> None:
    """Raises NotTaken, and removes the upload, if its first bytes are not those of what its name says."""
    with snapshot() as session:
        asked = _field_of(session, upload)
    try:
        with storage.received(upload.public_id) as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise NoUpload from None
    if asked is None:
        return  # the form has changed; a hand-in will tell
    try:
        _check(asked, upload.filename, upload.size, upload.media_type, head)
    except NotTaken:
        remove(storage, upload.public_id)
        raise


def _field_of(session: Session, upload: Upload) -> Files | None:
    form_id, field_id = upload.form_id, upload.field_id
    version = forms.newest_version(session, form_id)
    fields = forms.definition_of(version).fields if version else ()
    return next((f for f in fields if f.id == field_id and isinstance(f, Files)), None)


def finish(storage: Storage, follower: Follower, upload: Upload) -> bool:
    """Makes the upload one that can be handed in, if all of it is there; tells whether it is. It takes as
    long as the disk does, and as hashing what is not hashed yet."""
    partial = _partial(storage, upload.public_id)
    if partial is None:
        return False
    try:
        progress = partial.progress()
        if progress.offset != progress.size:
            return False
        sha256 = follower.sha256(upload.public_id, progress.size)
        partial.finish()
    finally:
        partial.close()
    reach("upload: durable")
    moment = now()
    with unit_of_work() as session:
        waiting = update(Upload).where(Upload.public_id == upload.public_id)
        session.execute(waiting.values(sha256=sha256, expires_at=moment + KEPT_FOR))
    reach("upload: finished")
    storage.settle(upload.public_id)
    follower.forget(upload.public_id)
    return True


def _partial(storage: Storage, upload_id: str) -> Any:
    try:
        return storage.partial(upload_id)
    except FileNotFoundError:
        return None


def finish_those(storage: Storage, follower: Follower, form_id: int, ids: Sequence[str]) -> None:
    """Finishes those of the uploads that are all there and wait for it: they are being handed in."""
    known = [id for id in ids if PUBLIC_ID.fullmatch(id)]
    if not known:
        return
    with snapshot() as session:
        query = select(Upload).where(Upload.public_id.in_(known), Upload.sha256.is_(None))
        unfinished = session.scalars(query.where(Upload.form_id == form_id)).all()
    for upload in unfinished:
        try:
            finish(storage, follower, upload)
        except (StorageError, FileNotFoundError) as wrong:
            log.warning("The upload %s cannot be finished: %s", upload.public_id, wrong)


def renew(upload: Upload, moment: datetime) -> datetime:
    """Until when the upload is kept, now that somebody goes on with it."""
    if upload.expires_at - moment > KEPT_FOR / 2:
        return upload.expires_at
    until = moment + KEPT_FOR
    with unit_of_work() as session:
        waiting = update(Upload).where(Upload.public_id == upload.public_id)
        session.execute(waiting.values(expires_at=until))
    return until


def remove(storage: Storage, upload_id: str) -> None:
    """Removes an upload that was not handed in. Raises NoUpload."""
    with unit_of_work() as session:
        if not rules.remove_by_id(session, upload_id):
            raise NoUpload
    rules.discard(storage, [upload_id])


class FinishJob:
    """Finishes an upload that took too long to check while its sender waited."""

    def __init__(self, storage: Storage, follower: Follower) -> None:
        self._storage = storage
        self._follower = follower

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        try:
            with snapshot() as session:
                upload = find(session, payload["upload_id"], now())
            if upload.sha256 is None:
                finish(self._storage, self._follower, upload)
        except (NoUpload, FileNotFoundError):
            self._follower.forget(payload["upload_id"])
        return None
