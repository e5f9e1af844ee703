"""Users: made, changed, removed. Every function takes a session that writes, and is told who asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ..events.rules import record
from ..i18n import LANGUAGES, gettext
from ..ids import public_id
from ..texts import nfc, nfkc
from . import passwords
from .permissions import Role
from .tables import Invitation, SignIn, User


class AccountError(ValueError):
    """Something about an account that cannot be, in words for whoever asked; `field` is the input."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def has_users(session: Session) -> bool:
    """Whether Intray is set up."""
    return session.scalar(select(User.id).limit(1)) is not None


def find_user(session: Session, email: str) -> User | None:
    """The user with that e-mail address, in whatever case it is written."""
    address = folded(email)
    if not address.isprintable():
        return None  # a database may not even bear to be asked: PostgreSQL takes no NUL
    return session.scalar(select(User).where(User.email == address))


def all_users(session: Session) -> Sequence[User]:
    """All users, by name."""
    return session.scalars(select(User).order_by(func.lower(User.name), User.id)).all()


def get_user(session: Session, user_id: int) -> User | None:
    """The user of that id."""
    return session.get(User, user_id)


def add_user(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    role: str,
    now: datetime,
    language: str = "",
    by: int | None = None,
) -> User:
    """Makes a user; `by` is the id of the user who asks. Raises AccountError."""
    address = new_email(session, email)
    user = User(
        email=address,
        name=checked_name(name),
        role=checked_role(role),
        password=passwords.hashed(checked_password(password, address)),
        active=True,
        fs_uniquifier=public_id(),
        language=language if language in LANGUAGES else "",
        created_at=now,
    )
    session.add(user)
    session.flush()
    session.execute(delete(Invitation).where(Invitation.email == address))
    record(session, "user.added", now, user_id=by, user=user.id, role=user.role)
    return user


def user_to_change(session: Session, user_id: int) -> User | None:
    """The user, as nobody else changes it until this session ends; nor does anybody change who the
    owners are. (On PostgreSQL two owners might otherwise demote each other at the same moment.)"""
    _owners(session)
    return session.get(User, user_id, with_for_update=True, populate_existing=True)


def change_user(
    session: Session, user: User, *, name: str, role: str, now: datetime, by: int | None
) -> None:
    """Gives the user, who comes from `user_to_change`, another name or role. Raises AccountError."""
    role = checked_role(role)
    user.name = checked_name(name)
    if user.role == role:
        return
    if role != Role.OWNER:
        _keep_an_owner(session, user)
        _end_invitations_by(session, user)
    record(session, "user.role_changed", now, user_id=by, user=user.id, role=role)
    user.role = role


def set_language(user: User, language: str) -> None:
    """The language of the user's desk and mails; empty for the browser's own."""
    user.language = language if language in LANGUAGES else ""


def set_password(
    session: Session, user: User, password: str, now: datetime, *, by: int | None
) -> None:
    """Sets the password, and signs the user out everywhere. Raises AccountError."""
    user.password = passwords.hashed(checked_password(password, user.email))
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    record(session, "user.password_changed", now, user_id=by, user=user.id)


def remove_user(session: Session, user: User, now: datetime, by: int | None) -> None:
    """Removes the user, who comes from `user_to_change`, signs them out everywhere and ends their
    invitations. Raises AccountError for the last owner."""
    _keep_an_owner(session, user)
    _end_invitations_by(session, user)
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    session.delete(user)
    record(session, "user.removed", now, user_id=by, user=user.id)


def _owners(session: Session) -> set[int]:
    owners = select(User.id).where(User.role == Role.OWNER, User.active).order_by(User.id)
    return set(session.scalars(owners.with_for_update()))


def _keep_an_owner(session: Session, user: User) -> None:
    if user.role == Role.OWNER and _owners(session) <= {user.id}:
        raise AccountError("role", gettext("Somebody must stay in charge: this is the last owner"))


def _end_invitations_by(session: Session, user: User) -> None:
    session.execute(delete(Invitation).where(Invitation.invited_by == user.id))


def new_email(session: Session, text: str) -> str:
    """The address as it is kept, of somebody who has no account yet. Raises AccountError."""
    address = checked_email(text)
    if find_user(session, address) is not None:
        raise AccountError("email", gettext("There is an account with this e-mail address already"))
    return address


def checked_email(text: str) -> str:
    """The address as it is kept. Raises AccountError."""
    from email_validator import EmailNotValidError, validate_email  # slow to import

    try:
        address = validate_email(folded(text), check_deliverability=False, allow_quoted_local=False)
    except EmailNotValidError:
        raise AccountError(
            "email", gettext("Write an e-mail address, such as name@example.org")
        ) from None
    return folded(address.normalized)


def checked_name(text: str) -> str:
    name = nfc(" ".join(text.split()))
    # joiners are not seen, and some names are written with them
    if not 1 <= len(name) <= 200 or not name.translate({0x200C: None, 0x200D: None}).isprintable():
        raise AccountError("name", gettext("Write a name of up to 200 characters"))
    return name


def checked_role(text: str) -> str:
    if text not in set(Role):
        raise AccountError("role", gettext("Choose a role"))
    return text


def checked_password(text: str, email: str = "") -> str:
    reason = passwords.objection(text, email)
    if reason is not None:
        raise AccountError("password", reason)
    return text


def folded(email: str) -> str:
    """The address as it is kept and compared, however it was typed."""
    return nfkc(email).strip().lower()
