"""The table of what each user has seen."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base


class Seen(Base):
    """How far a user has looked at a form's submissions: those with a higher id are new to them."""

    __tablename__ = "seen"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    form_id: Mapped[int] = mapped_column(
        ForeignKey("forms.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    submission_id: Mapped[int]  # no foreign key: that one may have been erased
