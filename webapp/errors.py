"""What people and programs are told when something goes wrong: a page, or problem+json (RFC 9457)."""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass

from flask import Flask, Response, jsonify, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    RequestEntityTooLarge,
    ServiceUnavailable,
)

from .accounts.guard import SignedOut, StaleForm
from .exports.running import TooManyExports
from .hosts import UnknownName
from .i18n import gettext
from .origins import ForeignOrigin
from .uploads.multipart import BrokenBody
from .uploads.problems import UploadProblem

log = logging.getLogger("intray")

TOLD_HEADERS = ("allow", "retry-after", "www-authenticate", "tus-version", "content-range")
JSON_PATHS = ("/api/", "/uploads")
RETRY_AFTER_SECONDS = 10
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_OVERLOAD = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_DATABASE_FULL = ("disk is full", "No space left", "could not extend file")


class InsufficientStorage(HTTPException):
    """The server's disk is full (RFC 4918, section 11.5)."""

    code = 507
    description = "Insufficient Storage"

    @property
    def name(self) -> str:
        return "Insufficient Storage"


@dataclass(frozen=True)
class ErrorPage:
    """What happened, and what to do."""

    code: int
    title: str
    text: str
    advice: str


def init_app(app: Flask) -> None:
    """From now on every error of the application has a page."""
    app.register_error_handler(HTTPException, show_error)
    app.register_error_handler(OSError, show_system_error)
    app.register_error_handler(OperationalError, show_database_error)


def show_system_error(error: OSError) -> Response:
    """A full disk is no fault of the program, and people should know that nothing was taken in."""
    if error.errno in _DISK_FULL:
        log.error("The disk is full: %s", error)
        return show_error(InsufficientStorage())
    if error.errno in _OVERLOAD:
        log.error("There is too much to do at once: %s", error)
        return show_error(ServiceUnavailable(retry_after=RETRY_AFTER_SECONDS))
    raise error


def show_database_error(error: OperationalError) -> Response:
    """The database is full, locked for too long, or out of reach."""
    log.error("The database does not answer as it should: %s", error.orig)
    if any(sign in str(error.orig) for sign in _DATABASE_FULL):
        return show_error(InsufficientStorage())
    return show_error(ServiceUnavailable(retry_after=RETRY_AFTER_SECONDS))


def show_error(error: HTTPException) -> Response:
    """The answer to a request that failed."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()  # type: ignore[return-value]
    page = _page(error, code)
    if _wants_json():
        problem = {"type": "about:blank", "title": page.title, "status": code, "detail": page.text}
        response = make_response(jsonify(problem), code)
        response.mimetype = "application/problem+json"
    else:
        response = make_response(render_template("error.html", error=page), code)
    for name, value in error.get_headers():
        if name.lower() in TOLD_HEADERS:
            response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response


def _wants_json() -> bool:
    if request.path.startswith(JSON_PATHS):
        return True
    accepted = request.accept_mimetypes
    html = max(accepted["text/html"], accepted["application/xhtml+xml"])
    return max(accepted["application/json"], accepted["application/problem+json"]) > html


def _page(error: HTTPException, code: int) -> ErrorPage:
    title, text, advice = _words(error, code)
    return ErrorPage(code, title, text, advice)


def _words(error: HTTPException, code: int) -> tuple[str, str, str]:
    if isinstance(error, UploadProblem):
        return error.words()
    if isinstance(error, UnknownName):
        return (
            gettext("Intray does not answer to this name"),
            gettext(
                "It was asked for as %(name)s, which it does not know as its own.", name=error.host
            ),
            gettext(
                "Open it by its address. If you are in charge: put the name into the setting "
                "allowed_hosts, or where people open Intray into public_url."
            ),
        )
    if isinstance(error, ForeignOrigin):
        return (
            gettext("This did not come from our page"),
            gettext("Your browser says that another site has sent this. Nothing was taken in."),
            gettext("Open the page by its own address, and send it from there."),
        )
    if isinstance(error, BrokenBody):
        return (
            gettext("It did not arrive whole"),
            gettext("What you sent broke off on its way. Nothing was handed in."),
            gettext("Go back, where your answers should still be, and send it again."),
        )
    if isinstance(error, RequestEntityTooLarge):
        return (
            gettext("This is too large"),
            gettext("What you sent is more than this form can take. Nothing was handed in."),
            gettext(
                "Go back, where your answers should still be; shorten them, or choose smaller or "
                "fewer files."
            ),
        )
    if isinstance(error, InsufficientStorage):
        return (
            gettext("There is no room left"),
            gettext("The server's disk is full. Nothing was handed in."),
            gettext("Please tell the people who sent you here, and try again later."),
        )
    return _desk_words(error) or _common_words(error, code)


def _desk_words(error: HTTPException) -> tuple[str, str, str] | None:
    if isinstance(error, SignedOut):
        return (
            gettext("You are not signed in any more"),
            gettext("What you sent was not taken in."),
            gettext("Go back and copy what you typed. Then reload the page, sign in and paste it."),
        )
    if isinstance(error, StaleForm):
        return (
            gettext("This page is too old"),
            gettext("You have signed in anew since it was opened. Nothing was changed."),
            gettext("Go back and copy what you typed. Then reload the page, and do it again."),
        )
    if error.code == 403:
        return (
            gettext("This is not for you"),
            gettext("Your role at this desk does not include it. Nothing was changed."),
            gettext("Ask an owner of this desk for another role, or to do it for you."),
        )
    if isinstance(error, TooManyExports):
        return (
            gettext("An export is still running"),
            gettext(
                "Each person can export one thing at a time, and only a few people at once, so that "
                "those who fill in forms need not wait."
            ),
            gettext("Wait until the export has finished, and try again in a moment."),
        )
    if error.code == 429:
        return (
            gettext("That is too much at once"),
            gettext("So much has come from you, or from your network, that we ask you to wait."),
            gettext("Go back, where your answers should still be, and try again later."),
        )
    return None


def _common_words(error: HTTPException, code: int) -> tuple[str, str, str]:
    if (
        code == 404 and request.method == "POST"
    ):  # as when a form was deleted while it was filled in
        return (
            gettext("This is not here any more"),
            gettext("Nothing was taken in."),
            gettext("Go back, where what you typed should still be, and ask who sent you here."),
        )
    if code == 404:
        return (
            gettext("There is nothing here"),
            gettext("This address leads to nothing: it may be mistyped, or what was here is gone."),
            gettext("Check the address, or ask the people who gave it to you."),
        )
    if code == 405:
        return (
            gettext("This cannot be done here"),
            gettext("This address does not take a request of this kind."),
            gettext("Go back and follow the links and buttons of the page."),
        )
    if code == 503:
        return (
            gettext("The server is busy"),
            gettext("It cannot take this in at the moment. Nothing was handed in."),
            gettext("Go back, where your answers should still be, and try again in a moment."),
        )
    if isinstance(error, InternalServerError) or code >= 500:
        return (
            gettext("Something went wrong"),
            gettext("That is our fault, and it is in the server's log."),
            gettext(
                "Go back and try again in a moment; if it stays so, tell the people in charge."
            ),
        )
    return (
        gettext("This request could not be understood"),
        gettext("What your browser or program has sent is not what this page takes."),
        gettext("Go back and try again."),
    )
