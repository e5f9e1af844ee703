"""`/setup`: HTTP in, HTML out."""

from __future__ import annotations

import logging
import sys
from dataclasses import fields

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from .. import clock
from ..accounts import rules as accounts
from ..accounts.first_run import forget_setup_key, is_setup_key
from ..accounts.rules import AccountError
from ..accounts.signing import sign_in
from ..config import Settings
from ..database import now, snapshot, unit_of_work
from ..forms import starters
from ..forms.tables import Form
from ..i18n import gettext, language
from ..language import choose
from ..origins import check_origin
from ..serving.addresses import is_loopback
from ..serving.errors import CannotServe
from ..serving.listening import Listening
from ..settings_file import write_setting
from . import rules
from .rules import AlreadySetUp, Answers

log = logging.getLogger("intray")

blueprint = Blueprint("setup", __name__, template_folder="templates")

MOST_BYTES = 64 * 1024
EVERYWHERE, EVERYWHERE_BY_IPV6 = "0.0.0.0", "::"  # noqa: S104  (asked for on the page)
LANGUAGE_BUTTON = "switch-language"


@blueprint.get("/setup")
def show() -> BaseResponse:
    """The page that the link in the terminal leads to."""
    key = request.args.get("key", "")
    first = Answers(time_zone=clock.local_zone(), starter=starters.starters()[0].name)
    return _refusal(key) or _page(key, first, {})


@blueprint.post("/setup")
def set_up() -> BaseResponse:
    """Sets Intray up: 303 to the first form, whose maker is signed in; 422 where something is wrong."""
    request.max_content_length = MOST_BYTES
    check_origin()
    key, answers = request.form.get("key", ""), _answers()
    refused = _refusal(key)
    if refused is not None:
        return refused
    if LANGUAGE_BUTTON in request.form:
        choose(request.form[LANGUAGE_BUTTON])
        return _page(key, answers, {})
    problems = rules.problems(answers, asks_reach=_asks_reach())
    if problems:
        return _page(key, answers, problems, 422)
    try:
        return _finish(answers)
    except AccountError as wrong:
        return _page(key, answers, {wrong.field: str(wrong)}, 422)


def _answers() -> Answers:
    return Answers(**{row.name: request.form.get(row.name, "") for row in fields(Answers)})


def _finish(answers: Answers) -> BaseResponse:
    try:
        with unit_of_work() as session:
            owner, form = rules.set_up(session, answers, language(), now())
    except AlreadySetUp:
        return _closed()
    sign_in(owner)
    _forget_key()
    if _asks_reach() and answers.reach == rules.NETWORK:
        _let_the_network_in()
    return redirect(_first_page(form), 303)


def _forget_key() -> None:
    """It is good for nothing any more, as there is a user; so it may stay where it cannot be removed."""
    try:
        forget_setup_key(_settings().data)
    except OSError as wrong:
        log.error("The key of set-up stays in its file: %s", wrong)


def _first_page(form: Form) -> str:
    if form.state == "draft":
        return url_for("builder.edit", slug=form.slug)
    flash(gettext("Your form is ready: whoever has this link can fill it in."))
    return url_for("builder.share", slug=form.slug)


def _let_the_network_in() -> None:
    """Listens on all addresses, now and at the next start. Where that fails, Intray is set up all the
    same, and the next page says why nobody else gets in."""
    listening = _listening()
    assert listening is not None
    # who sets up by IPv6 must not be shut out: `::` is IPv4 as well
    everywhere = EVERYWHERE_BY_IPV6 if ":" in listening.host else EVERYWHERE
    try:
        listening.listen_on(everywhere)
    except CannotServe as reason:
        flash(gettext("Others cannot open Intray yet: %(reason)s", reason=reason))
        return
    try:
        write_setting(_settings().data, "host", everywhere)
    except (OSError, ValueError) as wrong:
        log.error("The host cannot be written into the settings: %s", wrong)
        flash(
            gettext(
                "Others can open Intray until it is stopped: intray.toml cannot be written. Start it "
                "with --host %(host)s then.",
                host=everywhere,
            )
        )


def _listening() -> Listening | None:
    """What can listen elsewhere; only serve.py has that."""
    return current_app.extensions.get("intray.listening")


def _asks_reach() -> bool:
    """Whether the network could be let in: it is not yet, and nothing else was said for this start."""
    listening = _listening()
    return listening is not None and is_loopback(listening.host) and not listening.fixed_by


def _fixed_by() -> str:
    """What keeps the network out for this start."""
    listening = _listening()
    return listening.fixed_by if listening is not None and is_loopback(listening.host) else ""


def _settings() -> Settings:
    settings: Settings = current_app.config["INTRAY"]
    return settings


def _refusal(key: str) -> BaseResponse | None:
    """The page for somebody who cannot set Intray up: it is done, or the key is not the one."""
    with snapshot() as session:
        if accounts.has_users(session):
            return _closed()
    if not is_setup_key(_settings().data, key, now()):
        return _private(render_template("setup/no_key.html"), 403)
    return None


def _closed() -> BaseResponse:
    return _private(render_template("setup/closed.html"), 404)


def _page(key: str, answers: Answers, problems: dict[str, str], status: int = 200) -> BaseResponse:
    known = clock.zones()
    zones = known if answers.time_zone in known else (answers.time_zone, *known)
    text = render_template(
        "setup/setup.html",
        key=key,
        answers=answers,
        problems=problems,
        zones=[(zone, zone.removeprefix("Etc/").replace("_", " ")) for zone in zones],
        starters=[(one.name, one.title, one.description) for one in starters.starters()],
        asks_reach=_asks_reach(),
        fixed_by=_fixed_by(),
        firewall_asks=sys.platform == "win32",
        rules=rules,
        language_button=LANGUAGE_BUTTON,
    )
    return _private(text, status)


def _private(text: str, status: int) -> Response:
    response = make_response(text, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
