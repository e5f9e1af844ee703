"""The tables of users, of where they are signed in, and of invitations."""

from __future__ import annotations

from datetime import datetime

from flask_security import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, UTCDateTime


class User(Base, UserMixin):
    """Someone who signs in to the desk."""

    __tablename__ = "users"
    # autoincrement: events tell of users by id after they are gone, so no id may come again
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'editor', 'reviewer')", name="role"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)  # in small letters
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10))
    password: Mapped[str] = mapped_column(String(255))  # its Argon2id hash
    active: Mapped[bool] = mapped_column(default=True)  # asked for by Flask-Security
    # What Flask-Security keeps in the session; a new one would end all sign-ins.
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(8), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SignIn(Base):
    """One browser in which a user is signed in. Whoever removes the row signs that browser out."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)  # of the key in the session
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Invitation(Base):
    """A link by which somebody makes an account for themselves, once."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    role: Mapped[str] = mapped_column(String(10))
    invited_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
