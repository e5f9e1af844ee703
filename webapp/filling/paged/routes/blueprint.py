"""What all pages of a draft need: the draft of the address, and answers for whoever has its link."""

from __future__ import annotations

from typing import NoReturn

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ....database import now, snapshot
from ....forms import rules as forms
from ....forms.availability import Availability
from ....forms.speaking import to_reader
from ....invited.admission import find_link
from ....submissions.accepting import find_by_nonce
from ... import drafts, tokens
from ...answering import passcode_page, private, secret
from ...draft_pages import Progress, inputs_of
from ...drafts import Opened
from ...earlier import find_waiting
from ...refusals import unavailable

blueprint = Blueprint("drafts", "webapp.filling.paged")


def open_draft(token: str) -> Opened:
    """The draft; otherwise the answer is what has become of it."""
    # Over before anything is written, as with a hand-in.
    with snapshot() as session:
        opened = drafts.find(session, token, now())
        earlier = None if opened else find_by_nonce(session, drafts.nonce_of(token))
        is_personal = opened is None and find_link(session, token) is not None
    if opened is not None:
        return opened
    if is_personal:  # whose page says what was handed in, or begins again
        answer_with(to(url_for("filling.show_personal", token=token)))
    # Whoever has the link could read all of it before.
    url = earlier and url_for(
        "filling.show_receipt", reference=earlier.reference, key=earlier.receipt_key
    )
    gone = for_one(render_template("filling/draft_gone.html", url=url), 200 if earlier else 404)
    answer_with(gone)


def check_that_it_is_open(opened: Opened) -> None:
    """While the form takes nothing, the answers stay for when it does again."""
    admission = opened.admission(now())
    if admission.state is Availability.UNPUBLISHED:
        abort(404)
    if admission.state is Availability.NEEDS_PASSCODE:
        answer_with(ask_for_passcode(opened, is_wrong=False))
    if not admission.state.takes:
        definition = to_reader(forms.definition_of(opened.version))
        told = (definition, admission.state, admission.closes_at)
        page = unavailable(opened.form, *told)
        answer_with(for_one(render_template("filling/unavailable.html", page=page)))


def ask_for_passcode(opened: Opened, *, is_wrong: bool) -> Response:
    """A page that asks for the passcode that the form has now."""
    action = url_for(".give_passcode", token=opened.token)
    return passcode_page(opened.form, opened.version, action, is_wrong=is_wrong)


def answer_with(response: BaseResponse) -> NoReturn:
    """Nothing else is done."""
    abort(response)


def to(url: str) -> BaseResponse:
    """Leads there."""
    response = redirect(url, 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def for_one(page: str, status: int = 200) -> Response:
    """A page behind a private link."""
    response = make_response(private(page), status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def progress_of(opened: Opened) -> Progress:
    """How far whoever has it has come."""
    ids = [id for given in opened.draft.uploads.values() for id in given]
    follower = current_app.extensions["intray.follower"]
    storage = current_app.extensions["intray.storage"]
    uploads = find_waiting(storage, follower, opened.form.id, ids) if ids else []
    inputs = inputs_of(opened.draft.texts, opened.draft.uploads)
    return Progress(to_reader(forms.definition_of(opened.version)), inputs, uploads)


def csrf_token_of(opened: Opened) -> str:
    """The token of its pages: they become one submission, whichever of them is sent."""
    public_id, version = opened.form.public_id, opened.version.number
    return tokens.issue(secret(), public_id, version, now(), opened.draft.nonce)
