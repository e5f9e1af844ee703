"""`/desk/forms/<slug>/submissions/<reference>/correction` and `…/versions`: asking for a correction, and
what was corrected."""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from .. import clock
from ..accounts.guard import current_user, needs
from ..accounts.permissions import Action
from ..database import now, snapshot, unit_of_work
from ..extensions import db
from ..forms.typed import Mistakes
from ..i18n import gettext
from ..jobs.worker import current_worker
from ..submissions import permits
from ..submissions.details import Versioned, find_versioned
from ..submissions.revisions import compared
from .panel import read_request

blueprint = Blueprint("corrections", __name__, template_folder="templates")
TOP = "/desk/forms/<slug>/submissions/<reference>"


@blueprint.get(f"{TOP}/versions")
@needs(Action.SEE_SUBMISSIONS)
def versions(slug: str, reference: str) -> str:
    """What the submission held each time, with what was changed."""
    found = find_versioned(db.session, slug, reference) or abort(404)
    shown = [
        (one, clock.format_moment(one.revision.received_at, found.form.time_zone))
        for one in compared(db.session, found.submission, found.definition)
    ]
    return _page("versions.html", found, versions=shown)


def _page(template: str, found: Versioned, **shown: object) -> str:
    known = {"form": found.form, "title": found.definition.title, "one": found.submission}
    return render_template(f"corrections/{template}", **known, **shown)


@blueprint.get(f"{TOP}/correction")
@needs(Action.ASK_FOR_CORRECTIONS)
def request_page(slug: str, reference: str) -> str:
    """What is to be corrected, and until when."""
    return _request_page(_found(slug, reference), {}, {})


def _request_page(found: Versioned, given: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return _page("request.html", found, given=given, problems=problems)


@blueprint.post(f"{TOP}/correction")
@needs(Action.ASK_FOR_CORRECTIONS)
def ask(slug: str, reference: str) -> BaseResponse:
    """Asks the sender to correct the submission."""
    found, given = _found(slug, reference), request.form.to_dict()
    try:
        text, until = read_request(given, found.form, now())
    except Mistakes as wrong:
        return make_response(_request_page(found, given, wrong.problems), 422)
    with unit_of_work() as session:
        user_id = current_user().id
        permits.ask(session, found.submission.id, text, until, now(), user_id=user_id)
    current_worker().wake()
    flash(gettext("The sender can correct it now."))
    return _back(slug, found)


@blueprint.post(f"{TOP}/correction/close")
@needs(Action.ASK_FOR_CORRECTIONS)
def close(slug: str, reference: str) -> BaseResponse:
    """Takes that back."""
    found = _found(slug, reference)
    with unit_of_work() as session:
        permits.close(session, found.submission.id, now(), user_id=current_user().id)
    flash(gettext("No correction is asked for any more."))
    return _back(slug, found)


def _found(slug: str, reference: str) -> Versioned:
    with snapshot() as session:
        return find_versioned(session, slug, reference) or abort(404)


def _back(slug: str, found: Versioned) -> BaseResponse:
    reference = found.submission.reference
    url = url_for("inbox.submission", slug=slug, reference=reference, _anchor="correction")
    return redirect(url, 303)
