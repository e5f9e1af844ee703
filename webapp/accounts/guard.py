"""The door of the desk: nothing under /desk, /account or /api is open unless its route says for whom."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response as BaseResponse

from ..framework import current_request
from ..language import here
from ..origins import check_origin
from . import signing
from .permissions import Action, can
from .tables import User

GUARDED = ("/desk", "/account", "/api")
MOST_BODY_BYTES = 1024 * 1024  # of what is posted to the desk
READING = ("GET", "HEAD", "OPTIONS")

View = TypeVar("View", bound=Callable[..., Any])


class SignedOut(Unauthorized):
    """Something was sent to the desk by nobody who is signed in."""


class StaleForm(Forbidden):
    """A desk form comes without the token of this sign-in."""


def init_app(app: Flask) -> None:
    """Guards the desk, and tells templates who is there."""
    app.before_request(_guard)
    app.after_request(_keep_private)
    app.jinja_env.globals.update(csrf_input=_csrf_input)
    app.context_processor(_for_templates)


def needs(action: Action) -> Callable[[View], View]:
    """Says who may use a route: put it below the route's own decorator."""

    def mark(view: View) -> View:
        view.needed_action = action  # type: ignore[attr-defined]
        return view

    return mark


def needed_action(endpoint: str) -> Action | None:
    """What the route of an endpoint asks for; None where it says nothing."""
    return getattr(current_app.view_functions.get(endpoint), "needed_action", None)


def current_user() -> User:
    """Who is signed in, on a guarded page."""
    user = signing.signed_in_user()
    assert user is not None, "this page is not guarded"
    return user


def is_guarded(path: str) -> bool:
    """Whether nothing at that path is open unless it says so."""
    return path.startswith(GUARDED) and any(
        path == top or path.startswith(top + "/") for top in GUARDED
    )


def _is_guarded() -> bool:
    asking = current_request()
    return is_guarded(asking.path) or needed_action(asking.endpoint or "") is not None


def _guard() -> BaseResponse | None:
    if not _is_guarded():
        return None
    request.max_content_length = request.max_form_memory_size = MOST_BODY_BYTES
    user = signing.signed_in_user()
    if user is None:
        return _to_the_door()
    if request.endpoint is None:
        return None  # there is no such page, which its 404 will say
    action = needed_action(request.endpoint)
    if action is None or not can(user, action):
        raise Forbidden
    if request.method not in READING:
        _check_form()
    signing.note_that_it_is_used()
    return None


def _to_the_door() -> BaseResponse:
    if request.method in READING and not request.path.startswith("/api"):
        return redirect(url_for("accounts.login", next=here()), 303)
    raise SignedOut


def _check_form() -> None:
    check_origin()
    given = request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), signing.csrf_token().encode()):
        raise StaleForm


def _csrf_input() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(signing.csrf_token())


def _keep_private(response: Response) -> Response:
    if _is_guarded():
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _for_templates() -> dict[str, object]:
    """Public pages have no `user`. What the guard has found is used: an error page must come out even
    while the database is out of reach."""
    user: User | None = g.get("desk_user")

    def allowed(action: str) -> bool:
        return can(user, action)

    return {"user": user, "can": allowed}


def require(action: Action, thing: object = None) -> None:
    """For what one route allows to some only: raises Forbidden for the others."""
    if not can(current_user(), action, thing):
        raise Forbidden
