"""What all pages of the builder need: the form of the address, and a page that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import current_user
from ...database import now, snapshot, unit_of_work
from ...extensions import db
from ...forms import drafts
from ...forms.definition import Definition
from ...forms.drafts import NoForm, OpenedForm
from ...headers import policy
from ..pages import Status

blueprint = Blueprint("builder", "webapp.builder", template_folder="templates")

CONFLICT = 409  # what is asked for would be on top of a change that was not seen


def opened(slug: str) -> OpenedForm:
    """The form, for a page that is only read. NotFound."""
    try:
        return drafts.find(db.session, slug)
    except NoForm:
        abort(404)


def opened_anew(slug: str) -> OpenedForm:
    """The form as it is now, to answer what was not done to it. NotFound."""
    try:
        with snapshot() as session:
            return drafts.find(session, slug)
    except NoForm:
        abort(404)


def page(template: str, shown: OpenedForm, code: int = 200, **more: Any) -> BaseResponse:
    """A page about a form."""
    more.setdefault("problems", {})
    more.setdefault("is_stale", False)
    html = render_template(
        f"builder/{template}",
        form=shown.form,
        draft=shown.draft,
        changes=shown.changes,
        status=Status(shown, now()),
        **more,
    )
    return make_response(html, code)


def with_frame(response: BaseResponse) -> BaseResponse:
    """A page that shows the preview in a frame."""
    response.headers["Content-Security-Policy"] = policy(frame_src="'self'")
    return response


def seen_revision() -> int:
    """The revision of the form that the page showed; one that never was where it tells none."""
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def change_draft(
    slug: str, do: Callable[[Definition], Definition], what: str, revision: int | None
) -> None:
    """Changes the draft, as `drafts.change` does. NotFound; raises Stale, and whatever `do` raises."""
    user_id = current_user().id
    try:
        with unit_of_work() as session:
            drafts.change(session, slug, revision, do, now(), user_id=user_id, what=what)
    except NoForm:
        abort(404)
