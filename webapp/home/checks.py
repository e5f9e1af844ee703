"""Whether Intray can do its work: the database answers, and storage takes files."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..forms.tables import Form


def failing_parts(session: Session, data: Path) -> list[str]:
    """The names of the parts that do not work; none if all is well."""
    failing = []
    if not _database_answers(session):
        failing.append("database")
    if not os.access(data / "incoming", os.W_OK) or not os.access(data / "files", os.W_OK):
        failing.append("storage")
    return failing


def _database_answers(session: Session) -> bool:
    try:
        session.execute(select(Form.id).limit(1))
    except SQLAlchemyError:
        return False
    return True
