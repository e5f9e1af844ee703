"""`/c/<token>`: a form of several pages, filled in one after the other, on this device or another."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ....database import now, snapshot
from ....forms.availability import Availability
from ....jobs.worker import current_worker
from ....language import choose
from ....origins import check_origin
from ...answering import limit_body, secret, this_sender, to_receipt
from ...attempt import LANGUAGE_BUTTON
from ...draft_attempt import BACK_BUTTON, LINK_BUTTON, CheckedAttempt, PageAttempt
from ...draft_pages import CheckPage, Place, Progress
from ...drafts import Opened
from ...pages import FormPage
from . import whole
from .autosaving import ON_TOP_OF, save_by_itself
from .blueprint import (
    blueprint,
    check_that_it_is_open,
    csrf_token_of,
    for_one,
    open_draft,
    progress_of,
    to,
)


@blueprint.get("/c/<token>")
def show_page(token: str) -> BaseResponse:
    """One page: that of `page`, from 1, else the furthest that was reached."""
    opened = open_draft(token)
    check_that_it_is_open(opened)
    if opened.is_whole:
        return whole.show(opened)
    progress = progress_of(opened)
    place = _place(progress, opened.draft.furthest)
    csrf, action = csrf_token_of(opened), _action(opened, place)
    errors = progress.errors if place.is_checking else {}
    given = (progress.posted.texts, progress.uploads, errors)
    admission = opened.admission(now())
    alone = progress.alone(place.number)
    page = FormPage(opened.form, alone, action, csrf, *given, admission=admission)
    page = replace(page, draft=token, revision=opened.revision(place.number))
    return _page(opened, place, page)


@blueprint.post("/c/<token>")
def save_page(token: str) -> BaseResponse:
    """Saves a page, and goes on: 303 to the next page, or 422 with what is wrong with this one."""
    sender = this_sender()
    opened = open_draft(token)
    limit_body(opened.form)
    check_origin()
    if LANGUAGE_BUTTON in request.form:
        choose(request.form[LANGUAGE_BUTTON])
    if opened.is_whole:
        return whole.take(opened, sender)
    before = progress_of(opened)
    place = _place(before, opened.draft.furthest)
    if ON_TOP_OF in request.form:
        return save_by_itself(opened, before.alone(place.number), place.number)
    came = (request.form, request.files, secret(), sender)
    attempt = PageAttempt(opened, before, place.number, _action(opened, place), *came)
    page = attempt.make(now()).page
    if attempt.is_refused or attempt.revision is None:
        return to(url_for(".show_page", token=token, page=place.number + 1))
    after = attempt.progress()
    here = Place(after, place.number, place.is_checking)
    assert page is not None
    page = replace(page, definition=after.alone(place.number))
    page = replace(page, draft=token, revision=attempt.revision)
    if attempt.is_unfinished:
        return _page(opened, here, page)
    if BACK_BUTTON in request.form:
        return _to_page(opened, after.at_most(place.number - 1))
    if LINK_BUTTON in request.form:
        return to(url_for(".show_link", token=token))
    if page.problems:
        return _page(opened, here, page, 422)
    return _onwards(opened, here)


def _onwards(opened: Opened, place: Place) -> BaseResponse:
    """To the next page; from the check page back to it, unless something is missing on the way."""
    progress = place.progress
    following = progress.wrong() if place.is_checking else progress.after(place.number)
    if following is None:
        return to(url_for(".check", token=opened.token))
    return _to_page(opened, following, check=1 if place.is_checking else None)


@blueprint.get("/c/<token>/check")
def check(token: str) -> Response:
    """All answers, to be checked before they are handed in."""
    opened = open_draft(token)
    check_that_it_is_open(opened)
    return _check_page(CheckPage(opened, progress_of(opened), csrf_token_of(opened), {}))


@blueprint.post("/c/<token>/check")
def hand_in(token: str) -> BaseResponse:
    """Takes the submission: 303 to its receipt, or 422 with what is missing and the ways there."""
    sender = this_sender()
    with snapshot() as session:
        sender.check(session, now())
    opened = open_draft(token)
    limit_body(opened.form)
    check_origin()
    if opened.admission(now()).state is Availability.NEEDS_PASSCODE:
        return to(url_for(".check", token=token))
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
    return _check_page(CheckPage(opened, progress_of(opened), csrf_token_of(opened), *told), 422)


def _place(progress: Progress, furthest: int) -> Place:
    number = request.args.get("page", furthest + 1, type=int) - 1
    return Place(progress, progress.at_most(number), "check" in request.args)


def _action(opened: Opened, place: Place) -> str:
    again = 1 if place.is_checking else None
    return url_for(".save_page", token=opened.token, page=place.number + 1, check=again)


def _page(opened: Opened, place: Place, page: FormPage, status: int = 200) -> Response:
    told = {"place": place, "token": opened.token, "start_url": _start_url(opened)}
    return for_one(render_template("filling/draft_page.html", page=page, **told), status)


def _start_url(opened: Opened) -> str:
    """The page that comes before the first."""
    if opened.person is not None:
        return url_for("filling.show_personal", token=opened.token)
    entry = opened.draft.entry_key or None
    return url_for("filling.show_form", slug=opened.form.slug, entry=entry)


def _check_page(page: CheckPage, status: int = 200) -> Response:
    told = {"token": page.opened.token}
    return for_one(render_template("filling/draft_check.html", page=page, **told), status)


def _to_page(opened: Opened, number: int, check: int | None = None) -> BaseResponse:
    return to(url_for(".show_page", token=opened.token, page=number + 1, check=check))
