"""Making an upload that has come whole one that can be handed in: checked, hashed and durable."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..database import now, snapshot, unit_of_work
from ..failpoints import reach
from ..forms import rules as forms
from ..forms.kinds import HEAD_BYTES, Files
from ..ids import PUBLIC_ID
from ..storage.base import Storage, StorageError
from .following import Follower
from .pieces import check, find, remove
from .problems import NotTaken, NoUpload
from .rules import KEPT_FOR
from .tables import Upload

log = logging.getLogger("intray.uploads")

FINISH_JOB = "upload.finish"
AT_ONCE_BYTES = 64 * 1024**2  # what is hashed while the sender waits for an answer


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
        check(asked, upload.filename, upload.size, upload.media_type, head)
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
    long as the disk does, and as hashing what is not hashed yet. Raises NotTaken if it is not what its
    name says; StorageError or OSError where the disk fails, and then some of it may be asked for again."""
    partial = _partial(storage, upload.public_id)
    if partial is None:
        return False
    try:
        progress = partial.progress()
        if progress.offset != progress.size:
            return False
        check_content(storage, upload)
        sha256 = follower.sha256(upload.public_id, progress.size)
        partial.finish()
    except OSError:
        follower.forget(upload.public_id)  # what it has read is not what the disk has
        raise
    finally:
        partial.close()
    reach("upload: durable")
    moment = now()
    with unit_of_work() as session:
        waiting = update(Upload).where(Upload.public_id == upload.public_id)
        session.execute(waiting.values(sha256=sha256, expires_at=moment + KEPT_FOR))
    reach("upload: finished")
    follower.forget(upload.public_id)
    try:
        storage.settle(upload.public_id)
    except OSError as wrong:  # the sweep will
        log.warning("The upload %s is not settled yet: %s", upload.public_id, wrong)
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
        except (NotTaken, StorageError, OSError) as wrong:
            log.warning("The upload %s cannot be finished: %s", upload.public_id, wrong)


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
        except (NoUpload, NotTaken, FileNotFoundError):
            self._follower.forget(payload["upload_id"])
        return None
