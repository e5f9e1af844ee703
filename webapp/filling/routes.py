"""`/f/<slug>`, `/p/<token>` and `/r/<reference>`: HTTP in, HTML out."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from flask import (
    Blueprint,
    Request,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ..database import now, snapshot
from ..extensions import db
from ..forms import rules as forms
from ..forms.availability import Availability
from ..forms.definition import Definition
from ..forms.published import Published, PublishedForms
from ..forms.speaking import to_reader
from ..forms.tables import Form, FormVersion
from ..framework import current_request
from ..invited.admission import Admission, admit, find_link
from ..jobs.worker import current_worker
from ..language import choose
from ..origins import check_origin
from ..submissions.accepting import find_of_person
from ..submissions.receipts import find_by_key, find_receipt
from . import drafts, tokens
from .answering import (
    PASSCODE_INPUT,
    given_entry,
    limit_body,
    passcode_page,
    private,
    secret,
    this_sender,
    to_receipt,
)
from .attempt import LANGUAGE_BUTTON, Attempt
from .correcting import CorrectionAttempt, Subject, first_page
from .draft_pages import StartPage
from .kept import KeptPages, is_for_all, key_of
from .pages import FormPage, receipt_page
from .refusals import UnavailablePage, not_correctable, unavailable, used_page
from .saving_attempt import SAVE_BUTTON, SavingAttempt
from .senders import Sender

Shown = FormPage | UnavailablePage

blueprint = Blueprint("filling", __name__, template_folder="templates")


@blueprint.get("/f/<slug>")
def show_form(slug: str) -> Response:
    """A form to fill in, or word that it takes no submissions now."""
    published: PublishedForms = current_app.extensions["intray.published_forms"]
    found = published.find(slug) or abort(404)
    form, version = found.form, found.version
    asking = current_request()
    entry = asking.args.get("entry", "") if asking.query_string else ""
    admission = admit(form, None, entry, now())
    action = _action(form)
    if admission.state is Availability.NEEDS_PASSCODE:
        return passcode_page(form, version, action, is_wrong=False)
    page = _fresh(form, version, found.definition, admission, action)
    if isinstance(page, FormPage) and _is_in_pages(page):
        whole_url = url_for(".show_form", slug=slug, entry=page.entry_key or None, whole=1)
        return _start_page(StartPage(page, url_for("drafts.start", slug=slug), whole_url))
    if isinstance(page, FormPage):
        return _kept_by_the_browser(_html(page, found, asking))
    return _form_page(page)


def _is_in_pages(page: FormPage) -> bool:
    """Whether it is filled in page by page."""
    return len(page.definition.pages) > 1 and "whole" not in request.args


def _start_page(start: StartPage) -> Response:
    html = render_template("filling/draft_start.html", start=start, page=start.page)
    return private(html)


def _fresh(
    form: Form, version: FormVersion, definition: Definition, admission: Admission, action: str
) -> Shown:
    """The form to fill in, or why it cannot be."""
    definition = to_reader(definition)
    if admission.state is Availability.UNPUBLISHED:
        abort(404)
    if not admission.state.takes:
        return unavailable(form, definition, admission.state, admission.closes_at)
    token = tokens.issue(secret(), form.public_id, version.number, now())
    return FormPage(form, definition, action, token, admission=admission)


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
    entry = given_entry(form)
    if "csrf_token" not in request.form and PASSCODE_INPUT in request.form:
        if entry:
            return redirect(url_for(".show_form", slug=slug, entry=entry), 303)
        return passcode_page(form, newest, _action(form), is_wrong=True)
    return _take(form, newest, admit(form, None, entry, now()), _action(form), sender)


@blueprint.get("/p/<token>")
def show_personal(token: str) -> BaseResponse:
    """The form for one invited person, or word that it was handed in by this link."""
    with snapshot() as session:
        link = find_link(session, token) or abort(404)
        earlier = find_of_person(session, link.person.id)
        has_begun = drafts.find(session, token, now()) is not None
    form, person = link.form, link.person
    definition = forms.definition_of(link.version)
    if earlier is not None:
        used = used_page(form, to_reader(definition), person.name, earlier)
        return _unlisted(private(render_template("filling/used.html", page=used)))
    admission = admit(form, person, token, now())
    action = url_for(".hand_in_personally", token=token)
    page = _fresh(form, link.version, definition, admission, action)
    if isinstance(page, FormPage) and has_begun and len(page.definition.pages) == 1:
        return _unlisted(redirect(url_for("drafts.show_page", token=token), 303))
    if isinstance(page, FormPage) and _is_in_pages(page):
        start_url = url_for("drafts.start_personally", token=token)
        whole_url = url_for(".show_personal", token=token, whole=1)
        return _unlisted(_start_page(StartPage(page, start_url, whole_url, has_begun)))
    return _unlisted(_form_page(page))


@blueprint.post("/p/<token>")
def hand_in_personally(token: str) -> BaseResponse:
    """Takes the submission of one invited person, as `hand_in` does that of anyone."""
    sender = this_sender()
    with snapshot() as session:
        link = find_link(session, token)
        sender.check(session, now())
    if link is None:
        abort(404)
    limit_body(link.form)
    check_origin()
    admission = admit(link.form, link.person, token, now())
    action = url_for(".hand_in_personally", token=token)
    return _unlisted(_take(link.form, link.version, admission, action, sender))


def _take(
    form: Form, newest: FormVersion, admission: Admission, action: str, sender: Sender
) -> BaseResponse:
    if LANGUAGE_BUTTON in request.form:
        choose(request.form[LANGUAGE_BUTTON])
    given = request.form, request.files
    # Also where that is not offered any more: whoever presses it does not want to hand in.
    kind = SavingAttempt if SAVE_BUTTON in request.form else Attempt
    outcome = kind(form, newest, *given, secret(), action, sender, admission).make(now())
    if outcome.accepted is not None:
        if form.announces:
            current_worker().wake()  # who is told of it is told now
        return to_receipt(outcome)
    if outcome.saved:
        if outcome.page is None:
            return _unlisted(redirect(url_for("drafts.show_link", token=outcome.saved), 303))
        action = url_for("drafts.save_page", token=outcome.saved)
        return _unlisted(_form_page(replace(outcome.page, action=action), 422))
    return _form_page(outcome.page, 200 if outcome.is_editing else 422)


def _action(form: Form) -> str:
    return _path_of_hand_in(current_request().script_root, form.slug)


@lru_cache(maxsize=1000)
def _path_of_hand_in(prefix: str, slug: str) -> str:
    """The same for as long as the application is at that prefix; to put it together takes time."""
    return url_for("filling.hand_in", slug=slug)


@blueprint.get("/r/<reference>")
def show_receipt(reference: str) -> Response:
    """The receipt, for whoever has its private link."""
    key = request.args.get("key", "")
    receipt = find_receipt(db.session, reference, key, now())
    if receipt is None:
        abort(404)
    public_url = current_app.config["INTRAY"].public_url
    page = receipt_page(receipt, public_url + request.full_path if public_url else None)
    correct_url = url_for(".show_correction", reference=receipt.reference, key=key)
    html = render_template("filling/receipt.html", receipt=page, correct_url=correct_url)
    response = private(html)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/r/<reference>/correct")
def show_correction(reference: str) -> Response:
    """The form with the answers that were handed in, for whoever has the receipt's private link."""
    subject = _subject(reference)
    if subject.permit(subject.submission, now()) is None:
        page = not_correctable(subject.form, subject.definition, subject.receipt_url)
        return _unlisted(private(render_template("filling/unavailable.html", page=page)))
    return _unlisted(_form_page(first_page(subject, secret(), now())))


@blueprint.post("/r/<reference>/correct")
def correct(reference: str) -> BaseResponse:
    """Takes a correction: 303 to the receipt, or 422 with the page and all that was given."""
    subject, sender = _subject(reference), this_sender()
    with snapshot() as session:
        sender.check(session, now())
    limit_body(subject.form)
    check_origin()
    if LANGUAGE_BUTTON in request.form:
        choose(request.form[LANGUAGE_BUTTON])
    attempt = CorrectionAttempt(subject, request.form, request.files, secret(), sender)
    outcome = attempt.make(now())
    if outcome.accepted is not None:
        if subject.form.announces:
            current_worker().wake()
        return to_receipt(outcome)
    return _unlisted(_form_page(outcome.page, 200 if outcome.is_editing else 422))


def _subject(reference: str) -> Subject:
    key = request.args.get("key", "")
    with snapshot() as session:
        found = find_by_key(session, reference, key)
    if found is None:
        abort(404)
    reference = found[0].reference
    receipt_url = url_for(".show_receipt", reference=reference, key=key)
    return Subject(*found, receipt_url, url_for(".correct", reference=reference, key=key))


def _form_page(page: Shown | None, status: int = 200) -> Response:
    if isinstance(page, UnavailablePage):
        return private(render_template("filling/unavailable.html", page=page))
    return _kept_by_the_browser(render_template("filling/form.html", page=page), status)


def _html(page: FormPage, published: Published, asking: Request) -> str | bytes:
    """Of the page as everybody gets it. A query may be anything, and is in it: the switch of the language
    leads back. Who develops changes templates meanwhile."""

    def render() -> str:
        return render_template("filling/form.html", page=page)

    if asking.query_string or current_app.config["INTRAY"].dev or not is_for_all(page):
        return render()
    pages: KeptPages = current_app.extensions["intray.kept_pages"]
    return pages.page(key_of(page, published.shown, asking.script_root), page.token, render)


def _kept_by_the_browser(html: str | bytes, status: int = 200) -> Response:
    response = Response(html, status)
    # not no-store: with that, a browser's Back button would lose what was typed
    response.headers.add("Cache-Control", "private, no-cache")
    return response


R = TypeVar("R", bound=BaseResponse)


def _unlisted(response: R) -> R:
    """An answer to a private link: no cache may keep it, and no search engine name it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
