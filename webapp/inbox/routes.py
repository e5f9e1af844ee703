"""`/desk` and `/desk/forms/<slug>`: all forms, a form's submissions, one submission, its files."""

from __future__ import annotations

import logging
from typing import BinaryIO, cast

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response as BaseResponse
from werkzeug.wsgi import wrap_file

from .. import clock
from ..accounts.guard import current_user, needs
from ..accounts.permissions import Action
from ..corrections.panel import correction_panel
from ..database import now, snapshot
from ..extensions import db
from ..i18n import gettext, ngettext, own_name
from ..ids import as_reference
from ..links import base_url, form_url
from ..storage.base import Storage, StorageError
from ..storage.names import shown_name
from ..submissions import listing
from ..submissions.details import altered, count_files, details, find_file, find_submission
from ..submissions.erasing import erase
from ..submissions.indexing import is_indexing
from ..submissions.listing import Only, Order
from ..submissions.tables import StoredFile
from . import downloads, news, pages
from .history import history
from .pages import FormHead, SubmissionsPage
from .ranges import Part, asked_part

log = logging.getLogger("intray.inbox")

blueprint = Blueprint("inbox", __name__, template_folder="templates")
blueprint.add_app_template_filter(pages.new_count, "new_count")
blueprint.add_app_template_filter(shown_name, "shown_name")


@blueprint.get("/desk")
@needs(Action.SEE_SUBMISSIONS)
def overview() -> str:
    """All forms with what is new; with `?q=`, what a search over all of them finds."""
    query = request.args.get("q", "").strip()[: pages.MOST_ASKED]
    if query:
        rows, page = pages.found_everywhere(db.session, query, request.args.get("at", ""))
        return render_template(
            "inbox/found.html",
            rows=rows,
            page=page,
            query=query,
            is_indexing=is_indexing(db.session),
        )
    return render_template("inbox/overview.html", forms=_all_forms())


@blueprint.get("/desk/news")
@needs(Action.SEE_SUBMISSIONS)
def overview_news() -> str:
    """The overview's table alone, for the page that is open."""
    return render_template("inbox/overview_news.html", forms=_all_forms())


def _all_forms() -> object:
    return pages.overview(db.session, current_user().id, now())


@blueprint.get("/desk/forms/<slug>")
@needs(Action.SEE_SUBMISSIONS)
def submissions(slug: str) -> str:
    """A form's submissions: `?order=`, `?q=` for a search, `?at=` for another page; `?late=yes`,
    `?corrected=yes` or `?asked=yes` for a part of them.
    Who looks at the newest has seen them; `?since=` keeps what was new marked on the pages that follow."""
    with snapshot() as session:
        form = _form(pages.find_head(session, slug))
        seen = news.seen_until(session, current_user().id, form.id)
        since = request.args.get("since", seen, type=int)
        at, query = request.args.get("at", ""), request.args.get("q", "")
        page = pages.submissions_page(session, form, _order(), at, query, since, _only())
    if page.is_live:
        _mark_seen(form, page.newest, seen)
    share = form_url(current_app.config["INTRAY"], slug)
    return render_template("inbox/submissions.html", page=page, orders=Order, share=share)


@blueprint.get("/desk/forms/<slug>/news")
@needs(Action.SEE_SUBMISSIONS)
def submissions_news(slug: str) -> Response:
    """What has come since `?after=`, as rows for the page that is open; 204 for nothing."""
    after = request.args.get("after", 0, type=int)
    with snapshot() as session:
        form = _form(pages.find_head(session, slug))
        listed = listing.newer_than(session, form.id, max(0, min(after, 2**31 - 1)))
    if not listed:
        return Response(status=204)
    rows = [pages.form_row(form, one, 0) for one in listed]
    _mark_seen(form, rows[0].id, 0)
    said = ngettext("%(n)s new submission", "%(n)s new submissions", len(rows))
    page = SubmissionsPage(form, rows, None, None, Order.NEWEST, "", after, rows[0].id)
    return make_response(render_template("inbox/news.html", page=page, said=said))


def _form(found: FormHead | None) -> FormHead:
    return found or abort(404)


def _order() -> Order:
    wanted = request.args.get("order", "")
    return Order(wanted) if wanted in list(Order) else Order.NEWEST


def _only() -> Only | None:
    return next((part for part in Only if request.args.get(part.value) == "yes"), None)


def _mark_seen(form: FormHead, submission_id: int, seen: int) -> None:
    if submission_id > seen:
        news.keep_seen(current_user().id, form.id, submission_id)


@blueprint.get("/desk/forms/<slug>/submissions/<reference>")
@needs(Action.SEE_SUBMISSIONS)
def submission(slug: str, reference: str) -> str:
    """One submission."""
    form = _form(pages.find_head(db.session, slug))
    found = details(db.session, slug, reference) or abort(404)
    one = found.submission
    older, newer = listing.neighbours(db.session, form.id, one.id)
    return render_template(
        "inbox/submission.html",
        form=form,
        found=found,
        received=clock.format_moment(one.received_at, form.time_zone),
        language_name=own_name(one.language) if one.language else None,
        correcting=correction_panel(found, base_url(current_app.config["INTRAY"]), now()),
        person=found.person,
        older=older,
        newer=newer,
        altered=altered(_storage(), found.answers),
        file_sizes=[file.size for answer in found.answers for file in answer.files],
        history=[
            (clock.format_moment(each.at, form.time_zone), each.text, each.by)
            for each in history(db.session, one.id)
        ],
    )


@blueprint.get("/desk/forms/<slug>/submissions/<reference>/delete")
@needs(Action.DELETE_SUBMISSIONS)
def confirm_delete(slug: str, reference: str) -> str:
    """Asks whether the submission is to be deleted."""
    form = _form(pages.find_head(db.session, slug))
    found = find_submission(db.session, slug, reference) or abort(404)
    count = count_files(db.session, found.id)
    return render_template("inbox/delete.html", form=form, found=found, file_count=count)


@blueprint.post("/desk/forms/<slug>/submissions/<reference>/delete")
@needs(Action.DELETE_SUBMISSIONS)
def delete(slug: str, reference: str) -> BaseResponse:
    """Deletes the submission with its files. Where somebody else has done so, that is as well."""
    if as_reference(reference) is None:
        abort(404)
    with snapshot() as session:
        _form(pages.find_head(session, slug))
        found = find_submission(session, slug, reference)
    if found is not None:
        erase(_storage(), [found.id], current_user().id)
        flash(gettext("The submission %(reference)s is deleted", reference=found.reference))
    return redirect(url_for(".submissions", slug=slug), 303)


@blueprint.get("/desk/forms/<slug>/submissions/<reference>/files/<upload_id>")
@needs(Action.SEE_SUBMISSIONS)
def stored_file(slug: str, reference: str, upload_id: str) -> BaseResponse:
    """A received file, to be kept: no browser shows it. A part of it where that is asked for."""
    with snapshot() as session:
        file = find_file(session, slug, reference, upload_id)
    if file is None:
        abort(404)
    try:
        stream = _storage().open(file.upload_id, file.storage_key)
    except StorageError:
        return _no_file("inbox/missing.html", file, 404)
    except OSError as wrong:
        log.error("%s cannot be read: %s", file.storage_key, wrong)
        return _no_file("inbox/unreadable.html", file, 503)
    return _handed_out(file, stream)


def _handed_out(file: StoredFile, stream: BinaryIO) -> BaseResponse:
    """The file, or the part of it that is asked for; or that there is nothing new."""
    length = downloads.length_of(stream)
    response = Response()
    response.headers.update(downloads.headers(file.storage_key.rsplit("/", 1)[-1]))
    response.headers["Accept-Ranges"] = "bytes"
    response.content_length = length
    if length == file.size:  # else it was changed in its folder, and is not what has that hash
        response.set_etag(file.sha256)
    response.make_conditional(request)
    if response.status_code != 200 or request.method == "HEAD":
        stream.close()
        return response if response.status_code != 412 else abort(412)
    try:
        part = asked_part(_range_header(response), length)
    except RequestedRangeNotSatisfiable:
        stream.close()
        raise
    if part is not None:
        response.status_code = 206
        response.content_range.set(part.start, part.stop, length)
        response.content_length = len(part)
    sent = Part(stream, range(length) if part is None else part)
    response.response = wrap_file(request.environ, cast(BinaryIO, sent))
    response.direct_passthrough = True  # the server then sends it by itself
    return response


def _range_header(response: Response) -> str:
    """What is asked for of the file as it is; nothing where that was to be of another."""
    known = request.headers.get("If-Range")
    is_other = known is not None and known != response.headers.get("ETag")
    return "" if is_other else request.headers.get("Range", "")


def _no_file(template: str, file: StoredFile, status: int) -> Response:
    """A page that says why the file is not handed out."""
    return make_response(render_template(template, file=file, **(request.view_args or {})), status)


def _storage() -> Storage:
    storage: Storage = current_app.extensions["intray.storage"]
    return storage
