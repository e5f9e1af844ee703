"""Flask-Security, fitted into Intray: it knows who is signed in and how passwords are kept.

Its own views and tables stay away: they commit by themselves, which `unit_of_work` alone does here,
keep sessions for strangers, and speak no Chinese. What it stores and finds goes through `Users`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask, session
from flask_security import RoleMixin, Security, UserDatastore
from sqlalchemy import select

from ..database import snapshot
from .tables import SignIn, User

KEY_IN_SESSION = "sign_in"
# Argon2id as OWASP's "Password Storage Cheat Sheet" has it: 19 MiB, so that eight at once fit anywhere.
HASHING = {"argon2__memory_cost": 19_456, "argon2__time_cost": 2, "argon2__parallelism": 1}


class NoRole(RoleMixin):
    """Flask-Security asks for roles; Intray's are a word in the user's row (`permissions`)."""


class Users(UserDatastore):
    """Where Flask-Security finds the users. What changes them is in `rules`, in a unit of work."""

    def __init__(self) -> None:
        super().__init__(User, NoRole)

    def find_user(self, case_insensitive: bool = False, **query: Any) -> User | None:
        """The user whom this browser's session names, as long as that sign-in was not ended."""
        key = session.get(KEY_IN_SESSION)
        if not isinstance(key, str) or set(query) != {"fs_uniquifier"}:
            return None
        wanted = (
            select(User)
            .join(SignIn, SignIn.user_id == User.id)
            .where(SignIn.key_hash == hash_of(key), User.active)
            .where(User.fs_uniquifier == query["fs_uniquifier"])
        )
        with snapshot() as reading:
            return reading.scalar(wanted)

    def put(self, model: Any) -> Any:
        raise NotImplementedError("users are changed by webapp.accounts.rules")

    def commit(self) -> None:
        """There is nothing: see `put`."""


def hash_of(key: str) -> str:
    """What the database keeps of a key, so that whoever reads a backup cannot use it."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def init_app(app: Flask) -> None:
    """Lets the application know who is signed in, where it asks; public pages do not ask."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  (the name of the function)
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=True,  # a lost secret.key must not lock everybody out
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=HASHING,
        SECURITY_PASSWORD_CONFIRM_REQUIRED=False,
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
    )
    hooks = (app.before_request_funcs, app.after_request_funcs, app.template_context_processors)
    kept = [list(hook.get(None, [])) for hook in hooks]
    Security(app, Users(), register_blueprint=False)
    # Flask-Principal and Flask-Login would look for the user in each request and for each template, and
    # Flask-Security for a token in each JSON body, however large.
    for hook, functions in zip(hooks, kept, strict=True):
        hook[None] = functions  # type: ignore[index]
    app.login_manager._request_callback = None  # type: ignore[attr-defined]
