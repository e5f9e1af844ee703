"""`/f/<slug>` and `/r/<reference>`: HTTP in, HTML out."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ..database import now, snapshot
from ..extensions import db
from ..forms import rules as forms
from ..forms.availability import Availability, availability
from ..forms.tables import Form
from ..jobs.worker import current_worker
from ..language import choose
from ..origins import check_origin
from ..submissions.receipts import find_receipt
from . import tokens
from .answering import limit_body, private, secret, this_sender, to_receipt
from .attempt import LANGUAGE_BUTTON, Attempt
from .draft_pages import StartPage
from .pages import FormPage, receipt_page, unavailable

blueprint = Blueprint("filling", __name__, template_folder="templates")


@blueprint.get("/f/<slug>")
def show_form(slug: str) -> Response:
    """A form to fill in, or word that it takes no submissions now."""
    found = forms.find_published(db.session, slug)
    if found is None:
        abort(404)
    form, version = found
    definition = forms.definition_of(version)
    state = availability(form, now())
    if state is Availability.UNPUBLISHED:
        abort(404)
    if state is not Availability.OPEN:
        return private(
            render_template("filling/unavailable.html", page=unavailable(form, definition, state))
        )
    token = tokens.issue(secret(), form.public_id, version.number, now())
    page = FormPage(form, definition, _action(form), token)
    if len(definition.pages) > 1 and "whole" not in request.args:
        return private(
            render_template("filling/draft_start.html", start=StartPage(page), page=page)
        )
    return _form_page(page)


@blueprint.post("/f/<slug>")
def hand_in(slug: str) -> BaseResponse:
    """Takes a submission: 303 to its receipt, or 422 with the page and all that was given."""
    # Over before anything is written: beside one who reads, SQLite's log cannot be cleared, and grows.
    sender = this_sender()
    with snapshot() as session:
        found = forms.find_published(session, slug)
        sender.check(session, now())
    if found is None:
        abort(404)
    form, newest = found
    limit_body(form)
    check_origin()
    if LANGUAGE_BUTTON in request.form:
        choose(request.form[LANGUAGE_BUTTON])
    attempt = Attempt(form, newest, request.form, request.files, secret(), _action(form), sender)
    outcome = attempt.make(now())
    if outcome.accepted is not None:
        if form.announces:
            current_worker().wake()  # who is told of it is told now
        return to_receipt(outcome)
    return _form_page(outcome.page, 200 if outcome.is_editing else 422)


def _action(form: Form) -> str:
    return url_for(".hand_in", slug=form.slug)


@blueprint.get("/r/<reference>")
def show_receipt(reference: str) -> Response:
    """The receipt, for whoever has its private link."""
    receipt = find_receipt(db.session, reference, request.args.get("key", ""))
    if receipt is None:
        abort(404)
    public_url = current_app.config["INTRAY"].public_url
    page = receipt_page(receipt, public_url + request.full_path if public_url else None)
    response = private(render_template("filling/receipt.html", receipt=page))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _form_page(page: FormPage | None, status: int = 200) -> Response:
    response = make_response(render_template("filling/form.html", page=page), status)
    # not no-store: with that, a browser's Back button would lose what was typed
    response.headers["Cache-Control"] = "private, no-cache"
    return response
