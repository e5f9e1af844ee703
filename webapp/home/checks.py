"""Whether Intray can do its work: the database answers, and storage takes files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..forms.tables import Form

LEAST_FREE_BYTES = 64 * 1024**2


def failing_parts(session: Session, data: Path) -> list[str]:
    """The names of the parts that do not work; none if all is well."""
    failing = []
    if not _database_answers(session):
        failing.append("database")
    if not _storage_takes_files(data):
        failing.append("storage")
    return failing


def _storage_takes_files(data: Path) -> bool:
    folders = (data / "incoming", data / "files")
    if not all(os.access(folder, os.W_OK) for folder in folders):
        return False
    return shutil.disk_usage(data).free > LEAST_FREE_BYTES


def _database_answers(session: Session) -> bool:
    try:
        session.execute(select(Form.id).limit(1))
    except SQLAlchemyError:
        return False
    return True
