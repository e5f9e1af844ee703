"""Writing events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from .tables import Event


def record(
    session: Session,
    kind: str,
    happened_at: datetime,
    *,
    form_id: int | None = None,
    submission_id: int | None = None,
    user_id: int | None = None,
    **details: Any,
) -> None:
    """Adds an event, such as `submission.received`, to the transaction of what it tells of."""
    session.add(
        Event(
            kind=kind,
            happened_at=happened_at,
            form_id=form_id,
            submission_id=submission_id,
            user_id=user_id,
            details=details,
        )
    )
