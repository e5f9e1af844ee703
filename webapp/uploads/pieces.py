"""Uploads that come in pieces: begun for a field of a form, gone on with, finished, removed."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.orm import Session

from ..database import now, snapshot, unit_of_work
from ..failpoints import reach
from ..forms import rules as forms
from ..forms.availability import Availability
from ..forms.kinds import AnswerError, Files, ReceivedFile
from ..forms.speaking import to_reader
from ..forms.tables import Form
from ..i18n import gettext
from ..invited.admission import Admission, admission
from ..storage import names
from ..storage.base import Storage
from . import rules
from .arrival import Arrival
from .problems import DiskFails, NoRoom, NoRoomNow, NotTaken, NoUpload, TooMuchWaits
from .rules import KEPT_FOR
from .tables import Upload
from .whole import ArrivingFile

log = logging.getLogger("intray.uploads")


@dataclass(frozen=True)
class Wanted:
    """A file that somebody wants to send."""

    form: str  # slug
    field: str  # key
    filename: str
    media_type: str
    credential: str = ""  # what lets the sender in, see invited.admission
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


# Whether the credential is that of whoever may correct what they handed in to the form.
MayCorrect = Callable[[Session, Form, str, datetime], bool]


def begin(
    storage: Storage,
    wanted: Wanted,
    arrival: Arrival,
    sender: Sender,
    limits: Limits,
    may_correct: MayCorrect,
) -> Upload:
    """Gives the file its row, if its form and field want it and there is room for what has not arrived
    yet. What came whole is finished with that. Raises NotTaken, TooMuchWaits, NoRoom; and StorageError
    or OSError where the disk fails."""
    moment = now()
    with snapshot() as session:
        form_id, asked = _find_field(session, wanted, moment, may_correct)
    filename = names.original_name(wanted.filename)
    whole = arrival if isinstance(arrival, ArrivingFile) else None
    check(asked, filename, arrival.size, wanted.media_type, whole.head if whole else b"")
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


def _find_field(
    session: Session, wanted: Wanted, moment: datetime, may_correct: MayCorrect
) -> tuple[int, Files]:
    found = forms.find_published(session, wanted.form)
    if found is None:
        raise NotTaken(gettext("There is no such form."), 404)
    form, version = found
    admitted = admission(session, form, wanted.credential, moment)
    if not admitted.state.takes and not may_correct(session, form, wanted.credential, moment):
        raise _refusal(admitted)
    asked = to_reader(forms.definition_of(version)).field(wanted.field)
    if not isinstance(asked, Files):
        raise NotTaken(gettext("The form does not ask for files there."))
    return form.id, asked


def _refusal(admitted: Admission) -> NotTaken:
    if admitted.state is Availability.UNPUBLISHED:
        return NotTaken(gettext("There is no such form."), 404)
    if admitted.is_refused:
        return NotTaken(gettext("This form takes files with its passcode or a personal link."), 403)
    return NotTaken(gettext("This form takes nothing in at the moment."), 403)


def check(asked: Files, filename: str, size: int, media_type: str, head: bytes = b"") -> None:
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
    in_all, of_this_form, of_this_sender = (int(bytes_) + row["size"] for bytes_ in waiting)
    if of_this_sender > most[2]:
        raise TooMuchWaits(limits.of_sender)
    if in_all > most[0] or of_this_form > most[1]:
        raise NoRoomNow


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
        check_folder(storage)
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


def check_folder(storage: Storage) -> None:
    """Raises DiskFails where all that was taken in is out of reach: nobody is to throw away what they
    know of it."""
    try:
        storage.room()
    except OSError:
        raise DiskFails from None


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
