"""`/desk/forms/<slug>/settings`: the link, when the form is open, a copy of it, and its end."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import current_user, needs, require
from ...accounts.permissions import Action
from ...database import now, snapshot, unit_of_work
from ...extensions import db
from ...forms.drafts import NoForm, OpenedForm, Stale
from ...forms.typed import Mistakes
from ...i18n import gettext
from ...jobs.worker import current_worker
from ...links import base_url
from .. import pages, rules
from ..rules import MOST_COUNTED, NotConfirmed
from .blueprint import CONFLICT, blueprint, opened, opened_anew, page, seen_revision


@blueprint.get("/desk/forms/<slug>/settings")
@needs(Action.EDIT_FORMS)
def settings(slug: str) -> BaseResponse:
    """The form's terms."""
    return _settings_page(opened(slug))


def _settings_page(
    shown: OpenedForm,
    code: int = 200,
    *,
    given: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> BaseResponse:
    stored = pages.stored_settings(shown)
    values = stored | dict(given or {})
    return page(
        "settings.html",
        shown,
        code,
        values=values,
        stored=stored if code == CONFLICT else values,
        plain=pages.plain_terms(values),
        zones=pages.zone_choices(values["time_zone"]),
        corrections=pages.correction_choices(),
        saving=pages.saving_choices(),
        access=pages.access_choices(),
        folders=pages.folder_choices(shown.draft),
        link_start=f"{base_url(current_app.config['INTRAY'])}/f/",
        problems=problems or {},
        is_stale=code == CONFLICT,
    )


@blueprint.post("/desk/forms/<slug>/settings")
@needs(Action.EDIT_FORMS)
def save_settings(slug: str) -> BaseResponse:
    """Sets the form's terms as they were typed."""
    given, user_id = request.form.to_dict(), current_user().id
    try:
        with unit_of_work() as session:
            revision = seen_revision()
            form = rules.save_terms(session, slug, revision, given, now(), user_id=user_id)
            new_slug = form.slug
    except NoForm:
        abort(404)
    except Mistakes as wrong:
        return _settings_page(opened_anew(slug), 422, given=given, problems=wrong.problems)
    except Stale:
        return _settings_page(opened_anew(slug), CONFLICT, given=given)
    flash(gettext("Saved."))
    return redirect(url_for(".settings", slug=new_slug), 303)


@blueprint.post("/desk/forms/<slug>/duplicate")
@needs(Action.EDIT_FORMS)
def duplicate(slug: str) -> BaseResponse:
    """Makes another form that asks the same."""
    try:
        with unit_of_work() as session:
            copy = rules.duplicate(session, slug, now(), user_id=current_user().id).slug
    except NoForm:
        abort(404)
    flash(gettext("This is the copy, a draft. Give it a title of its own."))
    return redirect(url_for(".edit", slug=copy), 303)


@blueprint.get("/desk/forms/<slug>/delete")
@needs(Action.EDIT_FORMS)
def confirm_deletion(slug: str) -> BaseResponse:
    """Says what goes with the form, and asks."""
    require(Action.DELETE_SUBMISSIONS)
    shown = opened(slug)
    return _deletion_page(shown, rules.count_files(db.session, shown.form.id))


def _deletion_page(
    shown: OpenedForm, files: int, code: int = 200, *, name: str = "", problem: str = ""
) -> BaseResponse:
    return page(
        "delete.html",
        shown,
        code,
        files=min(files, MOST_COUNTED),
        has_more_files=files > MOST_COUNTED,
        name=name,
        problems={"name": problem} if problem else {},
    )


@blueprint.post("/desk/forms/<slug>/delete")
@needs(Action.EDIT_FORMS)
def delete(slug: str) -> BaseResponse:
    """Deletes the form with all that has come in."""
    require(Action.DELETE_SUBMISSIONS)
    name, seen = request.form.get("name", ""), request.form.get("seen", "")
    count = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 12 else -1
    try:
        with unit_of_work() as session:
            rules.delete(session, slug, count, name, now(), user_id=current_user().id)
    except NoForm:
        abort(404)
    except NotConfirmed as wrong:
        shown = opened_anew(slug)
        with snapshot() as session:
            files = rules.count_files(session, shown.form.id)
        return _deletion_page(shown, files, 422, name=name, problem=str(wrong))
    current_worker().wake()
    flash(gettext("The form is deleted."))
    return redirect(url_for("inbox.overview"), 303)
