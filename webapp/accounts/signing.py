"""Signing in and out: the session of this browser, and the row that lets it be ended from elsewhere."""

from __future__ import annotations

import hmac
from datetime import timedelta

import flask_security
from flask import request, session

from ..database import now, unit_of_work
from ..ids import private_key
from ..sessions import ServerSession
from . import sign_ins
from .security import KEY_IN_SESSION, hash_of
from .tables import User

SEEN_EVERY = timedelta(hours=1)


def sign_in(user: User) -> None:
    """Signs the user in to this browser, under a new session id."""
    key = private_key()
    with unit_of_work() as writing:
        sign_ins.add(
            writing,
            user_id=user.id,
            key_hash=hash_of(key),
            address=request.remote_addr or "",
            browser=request.user_agent.string,
            now=now(),
        )
    _renew_session()
    session[KEY_IN_SESSION] = key
    if user.language:
        session["language"] = user.language
    flask_security.login_user(user, remember=False)


def sign_out() -> None:
    """Ends this browser's sign-in."""
    key = session.get(KEY_IN_SESSION)
    flask_security.logout_user()
    for name in [name for name in session if name != "language"]:
        del session[name]
    _renew_session()
    if isinstance(key, str):
        with unit_of_work() as writing:
            sign_ins.end(writing, hash_of(key))


def signed_in_user() -> User | None:
    """Who is signed in to this browser, if anybody. One statement in a request."""
    user = flask_security.current_user
    return user._get_current_object() if user.is_authenticated else None


def current_key_hash() -> str:
    """What the database keeps of this browser's sign-in."""
    return hash_of(str(session.get(KEY_IN_SESSION, "")))


def note_that_it_is_used() -> None:
    """Remembers, once an hour, that this sign-in is in use."""
    seen_at = session.get("seen_at")
    moment = now()
    if isinstance(seen_at, float) and moment.timestamp() - seen_at < SEEN_EVERY.total_seconds():
        return
    session["seen_at"] = moment.timestamp()
    with unit_of_work() as writing:
        sign_ins.seen(writing, current_key_hash(), moment)


def csrf_token(secret: bytes) -> str:
    """What this browser's forms carry: bound to its sign-in, and good for as long as that lasts."""
    key = str(session.get(KEY_IN_SESSION, ""))
    return hmac.new(secret, b"desk form\0" + key.encode("utf-8", "replace"), "sha256").hexdigest()


def _renew_session() -> None:
    if isinstance(state := session._get_current_object(), ServerSession):  # type: ignore[attr-defined]
        state.renew()
