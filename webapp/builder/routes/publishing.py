"""`/desk/forms/<slug>/publish`, `…/open`, `…/close`: what the status bar's buttons do."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import current_user, needs
from ...accounts.permissions import Action
from ...database import now, unit_of_work
from ...forms import drafts
from ...forms.drafts import NoForm, NothingAsked, Stale
from ...i18n import gettext
from .blueprint import CONFLICT, blueprint, opened_anew, seen_revision
from .editing import edit_page

BACK = ("edit", "settings", "languages", "share")  # the pages that have the bar


@blueprint.post("/desk/forms/<slug>/publish")
@needs(Action.EDIT_FORMS)
def publish(slug: str) -> BaseResponse:
    """Publishes the draft that the page showed."""
    try:
        with unit_of_work() as session:
            form = drafts.locked(session, slug, seen_revision())
            drafts.publish(session, form, now(), user_id=current_user().id)
            is_open = form.state == "open"
    except NoForm:
        abort(404)
    except Stale:
        return edit_page(opened_anew(slug), CONFLICT)
    except NothingAsked:
        problems = {"add": gettext("Add a question first, then publish the form")}
        return edit_page(opened_anew(slug), 422, problems=problems)
    flash(gettext("It is published.") if is_open else gettext("Published. It is still closed."))
    return _back(slug)


def _back(slug: str) -> BaseResponse:
    """To the page that the button stands on."""
    name = request.form.get("back", "")
    return redirect(url_for(f".{name if name in BACK else BACK[0]}", slug=slug), 303)


@blueprint.post("/desk/forms/<slug>/open")
@needs(Action.EDIT_FORMS)
def open_form(slug: str) -> BaseResponse:
    """Has the form take submissions, to what was published last."""
    _set_state(slug, "open")
    flash(gettext("The form is open."))
    return _back(slug)


@blueprint.post("/desk/forms/<slug>/close")
@needs(Action.EDIT_FORMS)
def close_form(slug: str) -> BaseResponse:
    """Has the form take no more submissions."""
    _set_state(slug, "closed")
    flash(gettext("The form is closed."))
    return _back(slug)


def _set_state(slug: str, state: str) -> None:
    try:
        with unit_of_work() as session:
            form = drafts.locked(session, slug)
            if form.version:
                drafts.set_state(session, form, state, now(), user_id=current_user().id)
    except NoForm:
        abort(404)
