"""`/desk/forms/<slug>/submissions/<reference>/correction` and `…/versions`: asking for a correction, and
what was corrected."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
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
from ..forms.tables import Form
from ..forms.typed import Mistakes
from ..i18n import gettext
from ..jobs.worker import current_worker
from ..submissions import permits
from ..submissions.details import find_submission, find_versioned
from ..submissions.revisions import compared
from ..submissions.tables import Submission
from .corrections import read_request
from .pages import find_head
from .routes import submission_page

blueprint = Blueprint("corrections", __name__, template_folder="templates")
TOP = "/desk/forms/<slug>/submissions/<reference>"


@blueprint.get(f"{TOP}/versions")
@needs(Action.SEE_SUBMISSIONS)
def versions(slug: str, reference: str) -> str:
    """What the submission held each time, with what was changed."""
    form = find_head(db.session, slug) or abort(404)
    found = find_versioned(db.session, slug, reference) or abort(404)
    submission, definition = found
    shown = [
        (one, clock.format_moment(one.revision.received_at, form.time_zone))
        for one in compared(db.session, submission, definition)
    ]
    return render_template("inbox/versions.html", form=form, one=submission, versions=shown)


@blueprint.post(f"{TOP}/correction")
@needs(Action.ASK_FOR_CORRECTIONS)
def ask(slug: str, reference: str) -> BaseResponse:
    """Asks the sender to correct the submission."""
    submission, form = _found(slug, reference)
    given = request.form.to_dict()
    try:
        text, until = read_request(given, form, now())
    except Mistakes as wrong:
        return _with_problems(slug, reference, given, wrong)
    with unit_of_work() as session:
        user_id = current_user().id
        permits.ask(session, submission.id, text, until, now(), user_id=user_id)
    current_worker().wake()
    flash(gettext("The sender can correct it now."))
    return _back(slug, submission)


def _with_problems(slug: str, reference: str, given: dict[str, str], wrong: Mistakes) -> Response:
    return make_response(submission_page(slug, reference, given, wrong.problems), 422)


@blueprint.post(f"{TOP}/correction/close")
@needs(Action.ASK_FOR_CORRECTIONS)
def close(slug: str, reference: str) -> BaseResponse:
    """Takes that back."""
    submission, _ = _found(slug, reference)
    with unit_of_work() as session:
        permits.close(session, submission.id, now(), user_id=current_user().id)
    flash(gettext("No correction is asked for any more."))
    return _back(slug, submission)


def _found(slug: str, reference: str) -> tuple[Submission, Form]:
    with snapshot() as session:
        found = find_submission(session, slug, reference)
        if found is None:
            abort(404)
        return found, session.get_one(Form, found.form_id)


def _back(slug: str, submission: Submission) -> BaseResponse:
    reference = submission.reference
    url = url_for("inbox.submission", slug=slug, reference=reference, _anchor="correction")
    return redirect(url, 303)
