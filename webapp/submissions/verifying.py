"""Comparing what the database says with what lies in storage. Nothing is changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..database import snapshot
from ..storage.base import Storage, StorageError
from .tables import Erasure, StoredFile, Submission

_PIECE = 1024 * 1024


def verify(session: Session, storage: Storage) -> Iterator[str]:
    """A sentence for each stored file that is missing or is not what was received, and for each file in
    storage that no submission knows."""
    known: set[str] = set()
    query = select(StoredFile, Submission.reference).join(Submission).order_by(StoredFile.id)
    for file, reference in session.execute(query.execution_options(yield_per=500)):
        known.add(file.storage_key)
        problem = _problem(storage, file)
        if problem and _is_still_there(file):
            yield f"{reference}: {file.storage_key}: {problem}"
    known.update(session.scalars(select(Erasure.storage_key)))  # on their way out
    for key in storage.stored_keys():
        if key not in known:
            yield f"{key}: no submission has this file."


def _is_still_there(file: StoredFile) -> bool:
    """Whether the file was not erased since its row was read: that may be long ago by now."""
    with snapshot() as session:
        return session.scalar(select(StoredFile.id).where(StoredFile.id == file.id)) is not None


def _problem(storage: Storage, file: StoredFile) -> str | None:
    digest = hashlib.sha256()
    try:
        with storage.open(file.upload_id, file.storage_key) as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
    except (StorageError, OSError) as wrong:
        return f"it cannot be read ({wrong})."
    return None if digest.hexdigest() == file.sha256 else "its content is not what was received."
