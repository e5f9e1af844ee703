"""Reading and writing settings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .tables import Setting

TIME_ZONE = "time_zone"  # that of new forms, as chosen at set-up


def get(session: Session, name: str, default: Any = None) -> Any:
    """The value of a setting; the default where it was never set."""
    value = session.execute(select(Setting.value).where(Setting.name == name)).first()
    return default if value is None else value[0]


def put(session: Session, name: str, value: Any) -> None:
    """Sets it, from the commit of this session on."""
    session.merge(Setting(name=name, value=value))
