"""The tables of forms and their versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, UTCDateTime


class Form(Base):
    """A form: its draft, and the rules of when and how many, which no version freezes."""

    __tablename__ = "forms"
    # autoincrement: events tell of rows by id after they are gone, so no id may come again
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'closed')", name="state"),
        CheckConstraint("access IN ('link', 'passcode', 'personal')", name="access"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    time_zone: Mapped[str] = mapped_column(String(60))
    max_submissions: Mapped[int | None]
    # Until when those who have handed in may correct that: `no` or `until_closed`.
    corrections: Mapped[str] = mapped_column(String(20), default="no", server_default="no")
    # Whether a form of one page can be saved, and gone on with by a private link; of several, always.
    save_later: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Who may fill in. The passcode is for handing round, so the desk can show it again; `entry_key` is what
    # pages carry once it was given, and another one with each passcode.
    access: Mapped[str] = mapped_column(String(10), default="link", server_default=text("'link'"))
    passcode: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    entry_key: Mapped[str] = mapped_column(String(22), default="", server_default=text("''"))
    # For so many days after closing, hand-ins are taken and marked as late.
    late_days: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    # Counted here, in the transaction of each submission, so that no request counts rows.
    submission_count: Mapped[int] = mapped_column(default=0)
    # For its owners alone, and large: read when it is asked for, and not with each public page.
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    # Grows with each change of the draft or the terms: a page that shows an older one is told so.
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    # The published version that new submissions answer; 0 before the first.
    version: Mapped[int] = mapped_column(default=0)
    # The folder in files/ that its submissions go into: chosen once, see storage.names.
    folder: Mapped[str] = mapped_column(String(255))
    folder_folded: Mapped[str] = mapped_column(String(255), unique=True)
    # What a request to this form may hold, over all its versions.
    most_parts: Mapped[int] = mapped_column(default=0)
    most_text_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    most_file_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    most_body_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    # Whether any notice is on: most forms have none, and their submissions cost nothing for it.
    announces: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The digest of its logo, and what that says to those who do not see it; empty where it has none.
    logo: Mapped[str] = mapped_column(String(16), default="", server_default=text("''"))
    logo_words: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # Gone for everybody, and without a slug, while its submissions are being erased.
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FormVersion(Base):
    """The frozen definition that submissions answer."""

    __tablename__ = "form_versions"
    __table_args__ = (UniqueConstraint("form_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
