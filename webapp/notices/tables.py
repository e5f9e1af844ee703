"""The tables of notices and their deliveries."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, UTCDateTime


class Notice(Base):
    """Somebody whom a form tells of each submission. What `config` holds is its kind's matter."""

    __tablename__ = "notices"
    __table_args__ = (CheckConstraint("kind IN ('mail', 'receipt', 'webhook')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    is_on: Mapped[bool] = mapped_column(default=True)
    off_reason: Mapped[str] = mapped_column(String(20), default="")  # where nobody switched it off
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    @property
    def revision(self) -> str:
        """Another one whenever what it is told to do is another: so that nobody saves over what they have
        not seen."""
        return hashlib.sha256(json.dumps(self.config, sort_keys=True).encode()).hexdigest()


class Delivery(Base):
    """One submission, or a correction of it, that is to be told by one notice; without one, a test."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        UniqueConstraint("submission_id", "notice_id", "revision"),
        Index("ix_deliveries_form_id_id", "form_id", "id"),
        Index("ix_deliveries_form_id_state", "form_id", "state"),
        {"sqlite_autoincrement": True},  # a job that is left over must not find another's row
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(
        String(32), unique=True
    )  # what the other side knows it by
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id", ondelete="CASCADE"))
    submission_id: Mapped[int | None] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE")
    )
    revision: Mapped[int] = mapped_column(default=1, server_default="1")  # more: of a correction
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    waiting_since: Mapped[datetime] = mapped_column(UTCDateTime)  # created, or asked for again
    tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    reason: Mapped[str] = mapped_column(String(20), default="")  # why not, see outcomes.Reason
    error: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[int | None]  # what the other side answered, by HTTP or SMTP
    answer: Mapped[str] = mapped_column(Text, default="")
    # Mail goes to each recipient by itself: by address nothing for who has it, else why not.
    recipients: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


# Few, however many were delivered.
Index(
    "ix_deliveries_waiting",
    Delivery.waiting_since,
    sqlite_where=Delivery.state == "waiting",
    postgresql_where=Delivery.state == "waiting",
)


class RestingTarget(Base):
    """A server that could not be talked to, and is left in peace until a moment. Otherwise everything that
    waits for it would wait for its timeout, one after the other."""

    __tablename__ = "resting_targets"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    failures: Mapped[int]  # in a row
    until: Mapped[datetime] = mapped_column(UTCDateTime)
