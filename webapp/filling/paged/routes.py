"""`/c/<token>`: a form of several pages, filled in one after the other, on this device or another."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ...database import now, snapshot, unit_of_work
from ...forms import rules as forms
from ...forms.access import Access
from ...forms.availability import Availability, availability
from ...forms.speaking import to_reader
from ...jobs.worker import current_worker
from ...language import choose
from ...links import base_url, qr_svg
from ...origins import check_origin
from ...submissions.accepting import find_by_nonce
from .. import drafts, tokens
from ..answering import limit_body, private, secret, this_sender, to_receipt
from ..attempt import LANGUAGE_BUTTON
from ..draft_attempt import BACK_BUTTON, LINK_BUTTON, CheckedAttempt, PageAttempt
from ..draft_pages import CheckPage, Place, Progress, inputs_of, kept_until
from ..drafts import Opened
from ..earlier import find_waiting
from ..pages import FormPage
from ..refusals import unavailable

blueprint = Blueprint("drafts", __name__)


@blueprint.post("/f/<slug>/start")
def start(slug: str) -> BaseResponse:
    """Begins to fill in a form of several pages."""
    check_origin()
    with unit_of_work() as session:
        found = forms.find_published(session, slug)
        if found is None or found[0].access != Access.LINK:
            abort(404)
        drafts.count_new(session, request.remote_addr or "", now())
        token = drafts.begin(session, *found, now())
    return _to(url_for(".show_page", token=token))


@blueprint.get("/c/<token>")
def show_page(token: str) -> Response:
    """One page: that of `page`, from 1, else the furthest that was reached."""
    opened = _open(token)
    _check_that_it_is_open(opened)
    progress = _progress(opened)
    place = _place(progress, opened.draft.furthest)
    csrf, action = _csrf_token(opened), _action(opened, place)
    errors = progress.errors if place.is_checking else {}
    given = (progress.posted.texts, progress.uploads, errors)
    page = FormPage(opened.form, progress.alone(place.number), action, csrf, *given)
    return _page(opened, place, page)


@blueprint.post("/c/<token>")
def save_page(token: str) -> BaseResponse:
    """Saves a page, and goes on: 303 to the next page, or 422 with what is wrong with this one."""
    sender = this_sender()
    opened = _open(token)
    limit_body(opened.form)
    check_origin()
    if LANGUAGE_BUTTON in request.form:
        choose(request.form[LANGUAGE_BUTTON])
    before = _progress(opened)
    place = _place(before, opened.draft.furthest)
    came = (request.form, request.files, secret(), sender)
    attempt = PageAttempt(opened, before, place.number, _action(opened, place), *came)
    page = attempt.make(now()).page
    if not attempt.is_there:
        return _to(url_for(".show_page", token=token))
    after = attempt.progress()
    here = Place(after, place.number, place.is_checking)
    assert page is not None
    page = replace(page, definition=after.alone(place.number))
    if attempt.is_unfinished:
        return _page(opened, here, page)
    if BACK_BUTTON in request.form:
        return _to_page(opened, after.at_most(place.number - 1))
    if LINK_BUTTON in request.form:
        return _to(url_for(".show_link", token=token))
    if page.problems:
        return _page(opened, here, page, 422)
    return _onwards(opened, here)


def _onwards(opened: Opened, place: Place) -> BaseResponse:
    """To the next page; from the check page back to it, unless something is missing on the way."""
    progress = place.progress
    following = progress.wrong() if place.is_checking else progress.after(place.number)
    if following is None:
        return _to(url_for(".check", token=opened.token))
    return _to_page(opened, following, check=1 if place.is_checking else None)


@blueprint.get("/c/<token>/check")
def check(token: str) -> Response:
    """All answers, to be checked before they are handed in."""
    opened = _open(token)
    _check_that_it_is_open(opened)
    return _check_page(CheckPage(opened, _progress(opened), _csrf_token(opened), {}))


@blueprint.post("/c/<token>/check")
def hand_in(token: str) -> BaseResponse:
    """Takes the submission: 303 to its receipt, or 422 with what is missing and the ways there."""
    sender = this_sender()
    with snapshot() as session:
        sender.check(session, now())
    opened = _open(token)
    limit_body(opened.form)
    check_origin()
    came = (request.form.get("csrf_token", ""), secret(), sender)
    attempt = CheckedAttempt(opened, request.path, *came)
    outcome = attempt.make(now())
    if outcome.accepted is not None:
        if opened.form.announces:
            current_worker().wake()
        return to_receipt(outcome)
    assert outcome.page is not None
    if outcome.page.again:
        return redirect(outcome.page.again.url, 303)
    told = (outcome.page.errors, outcome.page.general)
    return _check_page(CheckPage(opened, _progress(opened), _csrf_token(opened), *told), 422)


@blueprint.get("/c/<token>/link")
def show_link(token: str) -> Response:
    """The private link, to go on with on another device."""
    opened = _open(token)
    definition = to_reader(forms.definition_of(opened.version))
    page = FormPage(opened.form, definition, "", "")
    told = {"link": _link(token), "token": token, "until": kept_until(opened)}
    return _for_one(render_template("filling/draft_link.html", page=page, **told))


@blueprint.get("/c/<token>/qr.svg")
def link_as_qr(token: str) -> Response:
    """The same as a QR code."""
    _open(token)
    response = Response(qr_svg(_link(token)), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


def _link(token: str) -> str:
    base: str = base_url(current_app.config["INTRAY"])
    return base + url_for(".show_page", token=token).removeprefix(request.script_root)


def _open(token: str) -> Opened:
    """The draft; otherwise the answer is what has become of it."""
    # Over before anything is written, as with a hand-in.
    with snapshot() as session:
        opened = drafts.find(session, token, now())
        earlier = None if opened else find_by_nonce(session, drafts.nonce_of(token))
    if opened is not None:
        return opened
    # Whoever has the link could read all of it before.
    url = earlier and url_for(
        "filling.show_receipt", reference=earlier.reference, key=earlier.receipt_key
    )
    gone = _for_one(render_template("filling/draft_gone.html", url=url), 200 if earlier else 404)
    _answer_with(gone)


def _answer_with(response: Response) -> NoReturn:
    abort(response)


def _check_that_it_is_open(opened: Opened) -> None:
    """While the form takes nothing, the answers stay for when it does again."""
    state = availability(opened.form, now())
    if state is Availability.UNPUBLISHED:
        abort(404)
    if not state.takes:
        definition = to_reader(forms.definition_of(opened.version))
        page = unavailable(opened.form, definition, state)
        _answer_with(_for_one(render_template("filling/unavailable.html", page=page)))


def _progress(opened: Opened) -> Progress:
    ids = [id for given in opened.draft.uploads.values() for id in given]
    follower = current_app.extensions["intray.follower"]
    storage = current_app.extensions["intray.storage"]
    uploads = find_waiting(storage, follower, opened.form.id, ids) if ids else []
    inputs = inputs_of(opened.draft.texts, opened.draft.uploads)
    return Progress(to_reader(forms.definition_of(opened.version)), inputs, uploads)


def _place(progress: Progress, furthest: int) -> Place:
    number = request.args.get("page", furthest + 1, type=int) - 1
    return Place(progress, progress.at_most(number), "check" in request.args)


def _action(opened: Opened, place: Place) -> str:
    again = 1 if place.is_checking else None
    return url_for(".save_page", token=opened.token, page=place.number + 1, check=again)


def _csrf_token(opened: Opened) -> str:
    public_id, version = opened.form.public_id, opened.version.number
    return tokens.issue(secret(), public_id, version, now(), opened.draft.nonce)


def _page(opened: Opened, place: Place, page: FormPage, status: int = 200) -> Response:
    told = {"place": place, "token": opened.token}
    return _for_one(render_template("filling/draft_page.html", page=page, **told), status)


def _check_page(page: CheckPage, status: int = 200) -> Response:
    told = {"token": page.opened.token}
    return _for_one(render_template("filling/draft_check.html", page=page, **told), status)


def _to_page(opened: Opened, number: int, check: int | None = None) -> BaseResponse:
    return _to(url_for(".show_page", token=opened.token, page=number + 1, check=check))


def _to(url: str) -> BaseResponse:
    response = redirect(url, 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def _for_one(page: str, status: int = 200) -> Response:
    """A page behind a private link."""
    response = make_response(private(page), status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
