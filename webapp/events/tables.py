"""The table of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, UTCDateTime


class Event(Base):
    """One thing that happened. It outlives what it tells of, so it holds ids and no foreign keys."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_form_id_id", "form_id", "id"),
        Index("ix_events_submission_id_id", "submission_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(60))
    form_id: Mapped[int | None]
    submission_id: Mapped[int | None]
    user_id: Mapped[int | None]  # who did it, where somebody at the desk did
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
