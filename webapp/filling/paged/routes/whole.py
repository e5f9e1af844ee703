"""`/c/<token>` of a form of one page: what was saved of it, to be gone on with and handed in."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ....database import now, snapshot
from ....forms.rules import definition_of
from ....forms.speaking import to_reader
from ....jobs.worker import current_worker
from ...answering import secret, to_receipt
from ...drafts import Opened
from ...pages import FormPage
from ...saving_attempt import SavedAttempt
from ...senders import Sender
from .autosaving import ON_TOP_OF, save_by_itself
from .blueprint import csrf_token_of, for_one, progress_of, to


def show(opened: Opened) -> BaseResponse:
    """The page as it was saved."""
    progress = progress_of(opened)
    definition = to_reader(definition_of(opened.version))
    asked = (opened.form, definition, _action(opened), csrf_token_of(opened))
    given = (progress.posted.texts, progress.uploads)
    admission = opened.admission(now())
    page = FormPage(*asked, *given, admission=admission, draft=opened.token)
    page = replace(page, revision=opened.revision(0))
    return for_one(render_template("filling/form.html", page=page))


def take(opened: Opened, sender: Sender) -> BaseResponse:
    """Hands it in, or saves it again: 303 to the receipt or to the link, or 422 with the page."""
    if ON_TOP_OF in request.form:
        return save_by_itself(opened, definition_of(opened.version), 0)
    with snapshot() as session:
        sender.check(session, now())
    attempt = SavedAttempt(opened, _action(opened), request.form, request.files, secret(), sender)
    outcome = attempt.make(now())
    if outcome.accepted is not None:
        if opened.form.announces:
            current_worker().wake()
        return to_receipt(outcome)
    if attempt.is_refused or attempt.revision is None:
        return to(url_for(".show_page", token=opened.token))
    if outcome.page is None:
        return to(url_for(".show_link", token=opened.token))
    if outcome.page.again:
        return redirect(outcome.page.again.url, 303)
    page = replace(outcome.page, draft=opened.token, revision=attempt.revision)
    status = 200 if outcome.is_editing else 422
    return for_one(render_template("filling/form.html", page=page), status)


def _action(opened: Opened) -> str:
    return url_for(".save_page", token=opened.token)
