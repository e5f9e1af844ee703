"""The table of uploads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, UTCDateTime


class Upload(Base):
    """A file for one field of one form, on its way in or waiting to be handed in."""

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), index=True)
    field_id: Mapped[str] = mapped_column(String(40))
    filename: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(255))
    # Of the whole file, however much of it is there.
    size: Mapped[int] = mapped_column(BigInteger)
    # None until the file is there, whole and durable.
    sha256: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    # What the sender said of it, for telling it back (tus 1.0.0, "Upload-Metadata").
    metadata_given: Mapped[str | None] = mapped_column(Text)
    # Whose and which page's it is, as digests: for limits alone. None for what came with a hand-in.
    sender: Mapped[str | None] = mapped_column(String(64), index=True)
    page: Mapped[str | None] = mapped_column(String(64), index=True)
