"""The tables of submissions and their stored files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, UTCDateTime


class Submission(Base):
    """One person's answers to one form version. The answers are JSON by field id."""

    __tablename__ = "submissions"
    # autoincrement: events tell of rows by id after they are gone, so no id may come again
    __table_args__ = (
        Index("ix_submissions_form_id_id", "form_id", "id"),
        Index("ix_submissions_form_id_label_key_id", "form_id", "label_key", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(9), unique=True)
    receipt_key: Mapped[str] = mapped_column(String(22))
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"))
    # A page can be handed in once: its nonce, and the hash of what came with it.
    nonce: Mapped[str] = mapped_column(String(32), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # The sender's, for what is written to them; empty where it is not known.
    language: Mapped[str] = mapped_column(String(8), default="", server_default=text("''"))
    # What lists show and sort by, made from the answers by indexing.py, as are the words in `search`. No
    # label: that is still to be done. An empty label without a key: nothing in the answers names it.
    label: Mapped[str | None] = mapped_column(Text)
    label_key: Mapped[str | None] = mapped_column(
        String(100).with_variant(String(100, collation="C"), "postgresql")
    )
    file_count: Mapped[int] = mapped_column(default=0, server_default="0")
    # The person by whose personal link it came in: once, and for as long as it is here.
    invited_id: Mapped[int | None] = mapped_column(ForeignKey("invited_people.id"))
    late: Mapped[bool] = mapped_column(default=False, server_default=false())  # after the deadline
    # Grows with each correction. The row holds the newest answers, the nonce above is the first page's.
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    corrected_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    correction_nonce: Mapped[str | None] = mapped_column(String(32), index=True, unique=True)
    correction_hash: Mapped[str | None] = mapped_column(String(64))
    # Since when, with which words and until when the desk asks for a correction, whatever the form says.
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    asked_text: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    asked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SubmissionRevision(Base):
    """What a submission held before it was corrected. Its files are those of its number."""

    __tablename__ = "submission_revisions"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    number: Mapped[int]  # from 1
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"))
    nonce: Mapped[str] = mapped_column(String(32), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    language: Mapped[str] = mapped_column(String(8), default="", server_default=text("''"))


class StoredFile(Base):
    """A received file. Until it is placed it lies in the incoming place under its upload id."""

    __tablename__ = "stored_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    field_id: Mapped[str] = mapped_column(String(40))
    upload_id: Mapped[str] = mapped_column(String(32), unique=True)
    filename: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(800), unique=True)
    placed: Mapped[bool] = mapped_column(default=False)
    # The revisions of its submission that it belongs to: from the first to the last, which is none yet
    # for a file that was not taken away.
    since: Mapped[int] = mapped_column(default=1, server_default="1")
    until: Mapped[int | None]


# What the submission has now; what corrections took away is for its history alone.
IS_CURRENT = StoredFile.until.is_(None)


# Small, whatever the number of files: what is not placed is what recovery looks for.
Index(
    "ix_stored_files_unplaced",
    StoredFile.submission_id,
    sqlite_where=StoredFile.placed.is_(false()),
    postgresql_where=StoredFile.placed.is_(false()),
)

# Few: whether an export needs their column, and lists of them.
Index(
    "ix_submissions_corrected",
    Submission.form_id,
    Submission.id,
    sqlite_where=Submission.corrected_at.is_not(None),
    postgresql_where=Submission.corrected_at.is_not(None),
)
Index(
    "ix_submissions_asked",
    Submission.form_id,
    Submission.id,
    sqlite_where=Submission.asked_at.is_not(None),
    postgresql_where=Submission.asked_at.is_not(None),
)
# Small as well: most forms have no personal links, and most that come are not late.
Index(
    "ix_submissions_invited_id",
    Submission.invited_id,
    unique=True,
    sqlite_where=Submission.invited_id.is_not(None),
    postgresql_where=Submission.invited_id.is_not(None),
)
Index(
    "ix_submissions_late",
    Submission.form_id,
    Submission.id,
    sqlite_where=Submission.late,
    postgresql_where=Submission.late,
)

# Empty as soon as what was received by an Intray without labels is indexed.
Index(
    "ix_submissions_unindexed",
    Submission.id,
    sqlite_where=Submission.label.is_(None),
    postgresql_where=Submission.label.is_(None),
)


class Erasure(Base):
    """A file that is to be removed: its submission is gone from all other tables."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[str] = mapped_column(String(32), unique=True)
    storage_key: Mapped[str] = mapped_column(String(800), unique=True)
