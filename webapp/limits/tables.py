"""The table of counters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, UTCDateTime


class LimitCounter(Base):
    """How often something was done since a moment."""

    __tablename__ = "limit_counters"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    count: Mapped[int]
