"""What the routes of forms of one page and of several have in common: bounds, and private answers."""

from __future__ import annotations

from typing import cast

from flask import (
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as BaseResponse

from ..database import now, unit_of_work
from ..forms.access import Access
from ..forms.capacity import Capacity
from ..forms.rules import definition_of
from ..forms.speaking import to_reader
from ..forms.tables import Form, FormVersion
from ..i18n import gettext
from ..invited.passcodes import TooManyGuesses, entry_for
from ..uploads.arriving_form import MULTIPART
from ..uploads.multipart import IntrayRequest
from .outcomes import Outcome
from .senders import Sender

# No field can have these keys.
PASSCODE_INPUT = "enter-passcode"
ENTRY_INPUT = "entry-key"


def limit_body(form: Form) -> None:
    """Lets through what the form's rules allow, with room for mistakes to be told beside their field.
    Beyond that Werkzeug answers 413."""
    incoming = cast(IntrayRequest, request)
    # Werkzeug reads what is no multipart into memory as a whole, and no file can be in it.
    has_parts = request.mimetype == MULTIPART
    incoming.max_content_length = form.most_body_bytes if has_parts else form.most_text_bytes
    incoming.max_form_memory_size = form.most_text_bytes
    most = form.most_body_bytes, form.most_text_bytes, form.most_file_bytes, form.most_parts
    incoming.receive_files(Capacity(*most))


def this_sender() -> Sender:
    """Who sends this request."""
    settings = current_app.config["INTRAY"]
    most = (settings.hand_ins_per_hour, settings.waiting_per_address)
    return Sender(request.remote_addr or "", *most)


def secret() -> bytes:
    """What the tokens of pages are signed with."""
    key = current_app.secret_key
    assert isinstance(key, bytes)
    return key


def to_receipt(outcome: Outcome) -> BaseResponse:
    """The answer to what was accepted."""
    assert outcome.accepted is not None
    accepted = outcome.accepted
    url = url_for("filling.show_receipt", reference=accepted.reference, key=accepted.receipt_key)
    response = redirect(url, 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def private(page: str) -> Response:
    """A page that holds a person's answers: no cache may keep it."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def given_entry(form: Form) -> str:
    """What lets somebody in to a form with a passcode: that was given before, or is now."""
    typed, given = request.form.get(PASSCODE_INPUT, ""), request.form.get(ENTRY_INPUT, "")
    if form.access != Access.PASSCODE or not typed.strip():
        return given
    try:
        with unit_of_work() as session:
            return entry_for(session, form, typed, request.remote_addr or "", now())
    except TooManyGuesses as refused:
        raise TooManyRequests(retry_after=int(refused.wait.total_seconds())) from None


def passcode_page(form: Form, version: FormVersion, action: str, *, is_wrong: bool) -> Response:
    """A page that asks for the form's passcode, and says so where what was given is not."""
    title = to_reader(definition_of(version)).title
    problem = gettext("That is not the passcode of this form") if is_wrong else ""
    html = render_template("filling/passcode.html", title=title, action=action, problem=problem)
    response = private(html)
    response.status_code = 422 if problem else 200
    return response
