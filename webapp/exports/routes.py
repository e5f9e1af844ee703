"""`/desk/forms/<slug>/submissions.csv` and `.xlsx`: a form's submissions as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ..accounts.guard import current_user, needs
from ..accounts.permissions import Action
from ..database import now, snapshot, unit_of_work
from ..events.rules import record
from ..i18n import gettext
from ..links import base_url
from ..storage.names import form_folder
from .csv_file import write_csv
from .reading import Export, find_export, read_lines
from .xlsx_file import TooManyColumns, write_xlsx

blueprint = Blueprint("exports", __name__)

CSV = "text/csv; charset=utf-8; header=present"  # RFC 4180, section 3
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/desk/forms/<slug>/submissions.csv")
@needs(Action.SEE_SUBMISSIONS)
def csv(slug: str) -> Response:
    """A form's submissions as CSV; with `?q=`, those that a search for it finds."""
    export = _export(slug)
    link = (gettext("Link"), _link(export))
    return _download(
        export, "csv", CSV, lambda file: write_csv(file, export.headings, read_lines(export), link)
    )


@blueprint.get("/desk/forms/<slug>/submissions.xlsx")
@needs(Action.SEE_SUBMISSIONS)
def xlsx(slug: str) -> BaseResponse:
    """The same as an Excel workbook."""
    export = _export(slug)

    def write(file: BinaryIO) -> int:
        lines, link = read_lines(export), _link(export)
        return write_xlsx(file, _incoming(), export.title, export.headings, lines, link)

    try:
        return _download(export, "xlsx", XLSX, write)
    except TooManyColumns:
        flash(gettext("This form has had more questions than an Excel sheet has columns."))
        return redirect(url_for(".csv", slug=slug, q=export.query or None), 303)


def _export(slug: str) -> Export:
    with snapshot() as session:
        export = find_export(session, slug, request.args.get("q", ""))
    if export is None:
        abort(404)
    return export


def _link(export: Export) -> Callable[[str], str]:
    """What makes the address of a submission's page of its reference."""
    example = "2222-2222"  # url_for takes longer than a line takes to be written
    path = url_for("inbox.submission", slug=export.slug, reference=example)
    pages = base_url(current_app.config["INTRAY"]) + path.removesuffix(example)
    return lambda reference: pages + reference


def _incoming() -> Path:
    folder: Path = current_app.config["INTRAY"].data / "incoming"
    return folder


def _download(
    export: Export, ending: str, content_type: str, write: Callable[[BinaryIO], int]
) -> Response:
    """The file, written as a whole before any of it is sent: whoever fetches it slowly holds nothing
    but the file, and one that cannot be finished is an error page."""
    # The response closes it, and then it is gone. A cast, since on Windows it is a wrapper.
    file = cast(BinaryIO, tempfile.TemporaryFile(dir=_incoming()))  # noqa: SIM115
    try:
        count = write(file)
        size = file.seek(0, 2)
        file.seek(0)
        with unit_of_work() as session:
            record(
                session,
                "submissions.exported",
                now(),
                form_id=export.form_id,
                user_id=current_user().id,
                format=ending,
                count=count,
                q=export.query,
            )
        response = send_file(file, content_type, True, _name(export, ending), etag=False)
    except BaseException:
        file.close()
        raise
    response.headers["Content-Type"] = content_type
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    response.content_length = size
    return response


def _name(export: Export, ending: str) -> str:
    day = datetime.now(export.zone).date().isoformat()
    return f"{form_folder(export.title)} {day}.{ending}"
