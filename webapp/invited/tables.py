"""The table of invited people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, UTCDateTime


class InvitedPerson(Base):
    """Somebody who has a personal link to a form. What came in by it is the submission that names it."""

    __tablename__ = "invited_people"
    # autoincrement: a mail that is still to be sent must not find another's row
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="", server_default=text("''"))
    team: Mapped[str] = mapped_column(String(100), default="", server_default=text("''"))
    # Plain, as a receipt's key is: links are printed again.
    token: Mapped[str] = mapped_column(String(22), unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # Instead of the form's own.
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_closed: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The last mail to them: waiting, sent or failed, since when, and what went wrong.
    mail_state: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    mail_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    mail_error: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
