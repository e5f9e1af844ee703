"""Signing in and out: the session of this browser, and the row that lets it be ended from elsewhere."""

from __future__ import annotations

import hmac
from datetime import timedelta

import flask_security
from flask import current_app, g, request, session

from ..database import now, unit_of_work
from ..events.rules import record
from ..ids import private_key
from ..sessions import ServerSession
from . import rules, sign_ins
from .security import KEY_IN_SESSION, hash_of
from .tables import User

SEEN_EVERY = timedelta(hours=1)
KEPT = ("language",)  # what stays in the session when who is signed in changes


class ChangedMeanwhile(Exception):
    """The user has another password by now, or is gone."""


def sign_in(user: User) -> None:
    """Signs the user in to this browser, under a new session id; whoever was signed in before is out.
    Raises ChangedMeanwhile."""
    key, before = private_key(), session.get(KEY_IN_SESSION)
    with unit_of_work() as writing:
        present = rules.user_to_change(writing, user.id)
        if present is None or not present.active or present.password != user.password:
            raise ChangedMeanwhile
        if isinstance(before, str):
            sign_ins.end(writing, hash_of(before))
        sign_ins.add(
            writing,
            user_id=user.id,
            key_hash=hash_of(key),
            address=request.remote_addr or "",
            browser=request.user_agent.string,
            now=now(),
        )
        record(writing, "user.signed_in", now(), user_id=user.id)
    _begin_session()
    session[KEY_IN_SESSION] = key
    session["seen_at"] = now().timestamp()
    if user.language:
        session["language"] = user.language
    flask_security.login_user(user, remember=False)


def sign_out() -> None:
    """Ends this browser's sign-in."""
    key = session.get(KEY_IN_SESSION)
    flask_security.logout_user()
    _begin_session()
    if isinstance(key, str):
        with unit_of_work() as writing:
            sign_ins.end(writing, hash_of(key))


def sign_in_alone(user: User) -> None:
    """Signs the user out everywhere, and in again here: whoever else knew this browser's session is
    out too. Raises ChangedMeanwhile."""
    with unit_of_work() as writing:
        sign_ins.end_all(writing, user.id)
    sign_in(user)


def signed_in_user() -> User | None:
    """Who is signed in to this browser, if anybody. One statement in a request."""
    user = flask_security.current_user
    found: User | None = user._get_current_object() if user.is_authenticated else None
    g.desk_user = found
    return found


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


def secret() -> bytes:
    """What Intray signs with."""
    key = current_app.secret_key
    assert isinstance(key, bytes)
    return key


def csrf_token() -> str:
    """What this browser's forms carry: bound to its sign-in, and good for as long as that lasts."""
    key = str(session.get(KEY_IN_SESSION, ""))
    return hmac.new(secret(), b"desk form\0" + key.encode("utf-8", "replace"), "sha256").hexdigest()


def _begin_session() -> None:
    for name in [name for name in session if name not in KEPT]:
        del session[name]
    if isinstance(state := session._get_current_object(), ServerSession):  # type: ignore[attr-defined]
        state.renew()
