"""`/desk/forms/<slug>/submissions.csv` and `.xlsx`: a form's submissions as a file; `files.zip`: all files of
a form or of one submission."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    request,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as BaseResponse
from werkzeug.wsgi import wrap_file

from ..accounts.guard import current_user, needs
from ..accounts.permissions import Action
from ..database import now, snapshot, unit_of_work
from ..events.rules import record
from ..forms.rules import find_form
from ..i18n import gettext, language, speaking
from ..inbox.downloads import content_disposition
from ..inbox.pages import MOST_ASKED
from ..links import base_url
from ..storage.base import Storage
from ..storage.names import file_name, form_folder
from ..submissions.details import find_submission
from . import archive
from .archive import Wanted
from .csv_file import csv_pieces, write_csv
from .reading import Export, find_export, read_lines
from .running import Place, Places
from .streaming import Piece, Stream
from .xlsx_file import fits_a_sheet, write_xlsx

blueprint = Blueprint("exports", __name__)

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",  # RFC 4180, section 3
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


@blueprint.record_once
def _add_places(state: BlueprintSetupState) -> None:
    """Half of the threads stay for all else."""
    threads = state.app.config["INTRAY"].threads
    state.app.extensions["intray.exports"] = Places(max(1, threads // 2))


@blueprint.get("/desk/forms/<slug>/submissions.csv")
@needs(Action.SEE_SUBMISSIONS)
def csv(slug: str) -> Response:
    """A form's submissions as CSV; with `?q=`, those that a search for it finds."""
    export = _export(slug)
    if request.method == "HEAD":
        return _download(_name(export, "csv"), "csv", ())
    place, headings = _place(), export.headings
    lines, link = read_lines(export), (gettext("Link"), _link(export))
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        # It knows no pieces: without a length, an answer that breaks off would look whole.
        return _spooled(export, "csv", place, lambda file: write_csv(file, headings, lines, link))
    stream = Stream(csv_pieces(headings, lines, link), _within(), _at_end(export, "csv", place))
    return _download(_name(export, "csv"), "csv", stream)


@blueprint.get("/desk/forms/<slug>/submissions.xlsx")
@needs(Action.SEE_SUBMISSIONS)
def xlsx(slug: str) -> BaseResponse:
    """The same as an Excel workbook."""
    export = _export(slug)
    if not fits_a_sheet(export.headings):
        flash(gettext("This form has had more questions than an Excel sheet has columns."))
        return redirect(url_for(".csv", slug=slug, q=export.query or None), 303)
    if request.method == "HEAD":
        return _download(_name(export, "xlsx"), "xlsx", ())

    def write(file: BinaryIO) -> int:
        lines, link = read_lines(export), _link(export)
        return write_xlsx(file, _incoming(), export.title, export.headings, lines, link)

    return _spooled(export, "xlsx", _place(), write)


@blueprint.get("/desk/forms/<slug>/files.zip")
@needs(Action.SEE_SUBMISSIONS)
def form_files(slug: str) -> BaseResponse:
    """All files of a form, in a folder for each submission; with `?q=`, of those that a search finds."""
    export, place = _export(slug), _place()
    wanted = Wanted(export.form_id, export.zone, export.query)
    made = archive.plan(_storage(), wanted)
    if made.is_empty:
        place.close()
        return _no_files(url_for("inbox.submissions", slug=slug, q=export.query or None))
    name = _name(export, "zip")
    return _archive(made, name, place, _at_end(export, "zip", place))


@blueprint.get("/desk/forms/<slug>/submissions/<reference>/files.zip")
@needs(Action.SEE_SUBMISSIONS)
def submission_files(slug: str, reference: str) -> BaseResponse:
    """All files of one submission."""
    with snapshot() as session:
        form = find_form(session, slug)
        found = find_submission(session, slug, reference)
    if form is None or found is None:
        abort(404)
    place = _place()
    wanted = Wanted(form.id, ZoneInfo(form.time_zone), submission_id=found.id)
    made = archive.plan(_storage(), wanted)
    if made.is_empty:
        place.close()
        return _no_files(url_for("inbox.submission", slug=slug, reference=found.reference))
    name = file_name(f"{made.folder}.zip")
    return _archive(made, name, place, lambda count: place.close())


def _no_files(page: str) -> BaseResponse:
    flash(gettext("There are no files."))
    return redirect(page, 303)


def _archive(
    made: archive.Plan, name: str, place: Place, at_end: Callable[[int], None]
) -> Response:
    """The archive, sent while it is made: its size is known before."""
    if request.method == "HEAD":
        place.close()
        response = _download(name, "zip", ())
    else:
        stream = Stream(_freeing(place, archive.pieces(_storage(), made)), _within(), at_end)
        response = _download(name, "zip", stream)
    response.content_length = made.size
    response.headers["Accept-Ranges"] = "none"
    return response


def _freeing(place: Place, pieces: Generator[Piece]) -> Generator[Piece]:
    """The pieces; the place is given back before the last of them, since who has got that, and knows by its
    length that it is the last, may ask for another archive at once."""
    with closing(pieces):
        last = next(pieces)
        for piece in pieces:
            yield last
            last = piece
        place.close()
        yield last


def _export(slug: str) -> Export:
    query = request.args.get("q", "").strip()[:MOST_ASKED]
    with snapshot() as session:
        export = find_export(session, slug, query)
    if export is None:
        abort(404)
    return export


def _place() -> Place:
    """Raises TooManyExports."""
    places: Places = current_app.extensions["intray.exports"]
    return places.take(current_user().id)


def _link(export: Export) -> Callable[[str], str]:
    """What makes the address of a submission's page of its reference."""
    example = "2222-2222"  # url_for takes longer than a line takes to be written
    path = url_for("inbox.submission", slug=export.slug, reference=example)
    pages = base_url(current_app.config["INTRAY"]) + path.removesuffix(example)
    return lambda reference: pages + reference


def _storage() -> Storage:
    storage: Storage = current_app.extensions["intray.storage"]
    return storage


def _incoming() -> Path:
    folder: Path = current_app.config["INTRAY"].data / "incoming"
    return folder


def _within() -> Callable[[], AbstractContextManager[None]]:
    """What enters this application and the reader's language, when the request is over."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    spoken = language()

    @contextmanager
    def within() -> Iterator[None]:
        with app.app_context(), speaking(spoken):
            yield

    return within


def _at_end(export: Export, ending: str, place: Place) -> Callable[[int], None]:
    """What is to be done when so many lines have gone out, or none will any more."""
    user_id = current_user().id

    def at_end(count: int) -> None:
        with closing(place), unit_of_work() as session:
            record(
                session,
                "submissions.exported",
                now(),
                form_id=export.form_id,
                user_id=user_id,
                format=ending,
                count=count,
                q=export.query,
            )

    return at_end


def _spooled(
    export: Export, ending: str, place: Place, write: Callable[[BinaryIO], int]
) -> Response:
    """The file, written as a whole before any of it is sent: whoever fetches it slowly holds nothing
    but the file, and one that cannot be finished is an error page."""
    with closing(place):
        # The response closes it, and then it is gone. A cast, since on Windows it is a wrapper.
        file = cast(BinaryIO, tempfile.TemporaryFile(dir=_incoming()))  # noqa: SIM115
        try:
            _at_end(export, ending, place)(write(file))
            size = file.seek(0, 2)
            file.seek(0)
        except BaseException:
            file.close()
            raise
    response = _download(_name(export, ending), ending, wrap_file(request.environ, file))
    response.direct_passthrough = True  # the server then sends the file by itself
    response.content_length = size
    return response


def _download(name: str, ending: str, content: Iterable[bytes]) -> Response:
    response = Response(content)
    response.headers["Content-Type"] = MEDIA_TYPES[ending]
    response.headers["Content-Disposition"] = content_disposition(name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


def _name(export: Export, ending: str) -> str:
    """`Absence note 2026-11-22 – fever.csv`: of a search, so much of it as a file's name takes."""
    day = datetime.now(export.zone).date().isoformat()
    searched = f" – {export.query}" if export.query else ""
    return file_name(f"{form_folder(export.title)} {day}{searched}.{ending}")
