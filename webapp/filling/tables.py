"""The table of what is being filled in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, UTCDateTime


class FillingDraft(Base):
    """What somebody has filled in of a form of several pages, and not handed in yet."""

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    # A digest of the private link's token, which is kept nowhere unless it is that of a personal link;
    # and the nonce of its submission.
    nonce: Mapped[str] = mapped_column(String(32), unique=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id", ondelete="CASCADE"), index=True)
    form_version_id: Mapped[int] = mapped_column(
        ForeignKey("form_versions.id", ondelete="CASCADE"), index=True
    )
    # The invited person whose only one it is; or what a page carries once the passcode was given.
    invited_id: Mapped[int | None] = mapped_column(
        ForeignKey("invited_people.id", ondelete="CASCADE"), index=True, unique=True
    )
    entry_key: Mapped[str] = mapped_column(String(22), default="", server_default=text("''"))
    # What was typed, right or wrong, by the inputs' names.
    texts: Mapped[dict[str, Any]] = mapped_column(JSON)
    # The ids of uploads by the keys of their fields.
    uploads: Mapped[dict[str, Any]] = mapped_column(JSON)
    # How often each page was saved, by its number: what a page saves by itself must not undo what came since.
    revisions: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # The furthest page that was reached, from 0.
    furthest: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
