"""`/uploads`: files that come in pieces, by tus 1.0.0 (https://tus.io/protocols/resumable-upload).

An upload's URL cannot be guessed, and who knows it owns the upload: no cookie is needed.
"""

from __future__ import annotations

import base64
import binascii
import logging
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, TooManyRequests
from werkzeug.http import http_date

from ..database import now, snapshot, unit_of_work
from ..forms.kinds import HEAD_BYTES
from ..ids import PUBLIC_ID
from ..jobs import queue
from ..jobs.worker import current_worker
from ..limits import rules as limits
from ..storage.base import Storage, StorageError
from . import finishing, pieces
from .arrival import ALGORITHMS, CONTENT_TYPE, MOST_SIZE, VERSION, Arrival
from .arriving import MOST_FIRST_BYTES, beginning
from .chunks import ArrivingChunk
from .finishing import FINISH_JOB
from .following import Follower
from .media_types import media_type
from .multipart import IntrayRequest
from .pieces import Limits, Sender, Wanted
from .problems import (
    BadRequestHeaders,
    DiskFails,
    NoUpload,
    OffsetMismatch,
    OtherType,
    OtherVersion,
)
from .rules import KEPT_FOR, sender_name
from .tables import Upload

log = logging.getLogger("intray.uploads")

EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
PIECE = 256 * 1024
MOST_METADATA = 8192  # characters: a name of 1,000, four bytes each in Base64, and the rest
WINDOW = timedelta(hours=1)
FILES_PER_HAND_IN = (
    10  # what one address may begin in an hour, for each submission that it may hand in
)
METHODS = ("PATCH", "DELETE", "HEAD")

blueprint = Blueprint("uploads", __name__)


@blueprint.before_request
def check() -> None:
    """Raises OtherVersion (tus 1.0.0, "Tus-Resumable"), and NoUpload for what is no id."""
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
        raise OtherVersion
    upload_id = (request.view_args or {}).get("upload_id")
    if upload_id and not PUBLIC_ID.fullmatch(upload_id):
        raise NoUpload


@blueprint.after_request
def tell_version(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/uploads", methods=["OPTIONS"])
@blueprint.route("/uploads/<upload_id>", methods=["OPTIONS"])
def what_is_spoken(upload_id: str = "") -> Response:
    """What clients ask before they begin."""
    response = Response(status=204)
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = EXTENSIONS
    response.headers["Tus-Max-Size"] = str(MOST_SIZE)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return response


@blueprint.post("/uploads")
def begin() -> Response:
    """Begins an upload, perhaps with its first bytes, or all."""
    arrival = _arrived()
    if arrival is None:
        if (request.content_length or 0) > MOST_FIRST_BYTES or _is_chunked():
            raise RequestEntityTooLarge  # before a byte of it is written
        arrival = beginning(_storage(), _follower(), _headers())
        _feed(arrival)
    try:
        if arrival.problem is not None:
            raise arrival.problem
        upload = _begin(arrival)
    except BaseException:
        arrival.forget()
        raise
    arrival.keep()
    until = upload.expires_at
    if isinstance(arrival, ArrivingChunk):
        until = _take_in(arrival, upload)
    response = _answer(201, upload, arrival.arrived, until)
    response.headers["Location"] = url_for(".tell", upload_id=upload.public_id)
    return response


def _begin(arrival: Arrival) -> Upload:
    metadata = _metadata()
    wanted = Wanted(
        form=metadata.get("form", ""),
        field=metadata.get("field", ""),
        filename=metadata.get("filename", ""),
        media_type=media_type(metadata.get("filetype", "")),
        credential=metadata.get("credential", ""),
        page=metadata.get("page", ""),
        metadata=request.headers.get("Upload-Metadata", ""),
    )
    settings = current_app.config["INTRAY"]
    most = Limits(settings.waiting_per_address, settings.waiting_per_form, settings.waiting_in_all)
    may_correct = current_app.extensions["intray.may_correct"]
    return pieces.begin(_storage(), wanted, arrival, _sender(), most, may_correct)


def _sender() -> Sender:
    """Who sends; what comes from this computer, as from a proxy on it, is not limited. Raises
    TooManyRequests."""
    name = sender_name(request.remote_addr or "")
    if name is None:
        return Sender(None)
    most = FILES_PER_HAND_IN * current_app.config["INTRAY"].hand_ins_per_hour
    with unit_of_work() as session:
        if limits.count(session, name, now(), WINDOW) > most:
            raise TooManyRequests(retry_after=int(WINDOW.total_seconds()))
    return Sender(name)


@blueprint.route("/uploads/<upload_id>", methods=["HEAD"])
def tell(upload_id: str) -> Response:
    """How much of an upload is there."""
    with snapshot() as session:
        upload = pieces.find(session, upload_id, now())
    offset = pieces.offset(_storage(), upload)
    upload.expires_at = pieces.renew(upload, now())
    if offset < upload.size:
        _follower().follow(upload_id, offset)  # so that it has been read by the time it is whole
    elif upload.sha256 is None:
        _finish_later(upload)
    response = _answer(200, upload, offset, upload.expires_at)
    response.headers["Upload-Length"] = str(upload.size)
    response.headers["Upload-Metadata"] = upload.metadata_given or ""
    return response


@blueprint.patch("/uploads/<upload_id>")
def go_on(upload_id: str) -> Response:
    """Takes the next bytes."""
    if request.headers.get("Content-Type", "") != CONTENT_TYPE:
        raise OtherType
    chunk = _arrived()
    if not isinstance(chunk, ArrivingChunk):
        chunk = ArrivingChunk(_storage(), _follower(), _headers()).go_on(upload_id)
        _feed(chunk)
    with snapshot() as session:
        upload = pieces.find(session, upload_id, now())
    if isinstance(chunk.problem, NoUpload) and upload.sha256 is not None:
        return _beyond(chunk, upload)
    if chunk.problem is not None:
        raise chunk.problem
    until = _take_in(chunk, upload)
    return _answer(204, upload, chunk.arrived, until)


def _beyond(chunk: ArrivingChunk, upload: Upload) -> Response:
    """Clients that have missed the answer to the last piece send one of no bytes. Raises
    OffsetMismatch for any other."""
    if request.headers.get("Upload-Offset") != str(upload.size) or not chunk.is_empty:
        raise OffsetMismatch
    return _answer(204, upload, upload.size, upload.expires_at)


@blueprint.delete("/uploads/<upload_id>")
def remove(upload_id: str) -> Response:
    """Removes an upload that was not handed in."""
    pieces.remove(_storage(), upload_id)
    _follower().forget(upload_id)
    return Response(status=204)


@blueprint.post("/uploads/<upload_id>")
def overridden(upload_id: str) -> Response:
    """For clients that can send GET and POST alone (tus 1.0.0, "X-HTTP-Method-Override")."""
    method = request.headers.get("X-HTTP-Method-Override", "").upper()
    if method not in METHODS:
        raise BadRequestHeaders("X-HTTP-Method-Override")
    return {"PATCH": go_on, "DELETE": remove, "HEAD": tell}[method](upload_id)


def _take_in(chunk: ArrivingChunk, upload: Upload) -> datetime:
    """What arrived counts; gives until when the upload is kept. Raises NotTaken if it is not what its
    name says."""
    is_whole = chunk.arrived == upload.size
    if is_whole or (chunk.is_first and chunk.arrived >= HEAD_BYTES):
        finishing.check_content(_storage(), upload)
    if not is_whole:
        return pieces.renew(upload, now())
    if _follower().behind(upload.public_id, upload.size) > finishing.AT_ONCE_BYTES:
        _finish_later(upload)
    else:
        _finish(upload)
    return now() + KEPT_FOR


def _finish(upload: Upload) -> None:
    try:
        finishing.finish(_storage(), _follower(), upload)
    except (StorageError, OSError) as wrong:
        log.error("The upload %s cannot be finished: %s", upload.public_id, wrong)
        with snapshot() as session:
            pieces.find(session, upload.public_id, now())
        raise DiskFails from None
    with snapshot() as session:
        upload.sha256 = pieces.find(session, upload.public_id, now()).sha256


def _finish_later(upload: Upload) -> None:
    name = f"{FINISH_JOB}:{upload.public_id}"
    with snapshot() as session:
        if queue.is_at_hand(session, name, now()):
            return
    with unit_of_work() as session:
        queue.add(session, FINISH_JOB, now(), {"upload_id": upload.public_id}, name=name)
        queue.hurry(session, now(), kind=FINISH_JOB, name=name)
    current_worker().wake()


def _answer(status: int, upload: Upload, offset: int, until: datetime) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(offset)
    response.headers["Upload-Expires"] = http_date(until)
    if offset == upload.size and upload.sha256 is None:
        response.headers["Intray-Checking"] = "1"
    return response


def _arrived() -> Arrival | None:
    """What the server has received already, where it does that."""
    body = request.environ.get("wsgi.input")
    return body if isinstance(body, Arrival) else None


def _feed(chunk: Arrival) -> None:
    """Receives the body here, as other servers leave it to us."""
    stream: Any = request.stream if request.headers.get("Content-Type") == CONTENT_TYPE else None
    try:
        while stream is not None and (piece := stream.read(PIECE)):
            chunk.append(piece)
            if chunk.refusal is not None and chunk.problem is not None:
                raise chunk.problem
    except (HTTPException, OSError):
        chunk.abandon()
        raise
    chunk.end()


def _is_chunked() -> bool:
    return request.content_length is None and "Transfer-Encoding" in request.headers


def _headers() -> dict[str, str]:
    return cast(IntrayRequest, request).cgi_headers


def _metadata() -> dict[str, str]:
    """`Upload-Metadata: key Base64, key Base64` (tus 1.0.0, "Creation"). Raises BadRequestHeaders."""
    found = {}
    if len(request.headers.get("Upload-Metadata", "")) > MOST_METADATA:
        raise BadRequestHeaders("Upload-Metadata")
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            raise BadRequestHeaders("Upload-Metadata") from None
    return found


def _storage() -> Storage:
    storage: Storage = current_app.extensions["intray.storage"]
    return storage


def _follower() -> Follower:
    follower: Follower = current_app.extensions["intray.follower"]
    return follower
