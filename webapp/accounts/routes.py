"""`/login`, `/logout`, `/invitation` and `/account`: HTTP in, HTML out."""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as session_state
from werkzeug.wrappers import Response as BaseResponse

from ..database import now, snapshot, unit_of_work
from ..extensions import db
from ..i18n import LANGUAGES, gettext, language
from ..language import choose, local_path
from ..origins import check_origin
from ..sessions import is_by_https
from . import invitations, passwords, rules, sign_ins, throttle
from .guard import current_user, needs
from .pages import listed_sign_ins, role_names
from .permissions import Action
from .rules import AccountError
from .signing import (
    ChangedMeanwhile,
    current_key_hash,
    secret,
    sign_in,
    sign_in_alone,
    sign_out,
    signed_in_user,
)
from .tables import User
from .throttle import TooManyAttempts

blueprint = Blueprint("accounts", __name__, template_folder="templates")

MOST_BYTES = 64 * 1024  # of what strangers may post to these pages
DEVICE_COOKIE, DEVICE_SECONDS = "intray_device", 365 * 24 * 3600


@blueprint.get("/login")
def login() -> BaseResponse:
    """The door of the desk."""
    target = local_path(request.args["next"]) if "next" in request.args else ""
    if signed_in_user() is not None:
        return redirect(target or url_for("inbox.overview"), 303)
    if not rules.has_users(db.session):
        return redirect(url_for("setup.show"), 303)  # which says where the link is
    return _door("accounts/login.html", next=target, email="", problems={})


@blueprint.post("/login")
def log_in() -> BaseResponse:
    """Takes `email` and `password`: 303 into the desk, 422 where they do not match, 429 where they were
    tried too often."""
    request.max_content_length = MOST_BYTES
    check_origin()
    email, target = request.form.get("email", ""), request.form.get("next", "")
    try:
        user = _known_user(email, request.form.get("password", ""))
        if user is not None:
            sign_in(user)
    except TooManyAttempts as too_many:
        return _too_many(too_many, email, target)
    except ChangedMeanwhile:
        user = None
    if user is None:
        problems = {"email": gettext("The e-mail address or the password is not right")}
        return _door("accounts/login.html", 422, next=target, email=email, problems=problems)
    return _remember_device(
        redirect(local_path(target) if target else url_for("inbox.overview"), 303), user
    )


def _known_user(email: str, password: str) -> User | None:
    """The user whose password this is. Raises TooManyAttempts."""
    account = rules.folded(email[:400])
    device = request.cookies.get(DEVICE_COOKIE, "")
    attempt = throttle.Attempt(account, request.remote_addr or "", device, secret())
    with unit_of_work() as session:
        may_try = attempt.count(session, now())
    if not may_try:
        raise TooManyAttempts
    with snapshot() as session:
        user = rules.find_user(session, account)
    if not passwords.is_right(password, user.password if user and user.active else None):
        return None
    with unit_of_work() as session:
        attempt.forgive(session)
    return user


def _too_many(too_many: TooManyAttempts, email: str, target: str) -> BaseResponse:
    minutes = int(too_many.wait.total_seconds() // 60)
    sentence = gettext("Too many attempts: please try again in %(n)s minutes", n=minutes)
    problems = {"email": sentence}
    response = _door("accounts/login.html", 429, next=target, email=email, problems=problems)
    response.headers["Retry-After"] = str(minutes * 60)
    return response


def _remember_device(response: BaseResponse, user: User) -> BaseResponse:
    """So that this browser is let in even while others guess at the account."""
    value = throttle.device_cookie(user.email, secret())
    response.set_cookie(
        DEVICE_COOKIE,
        value,
        max_age=DEVICE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=is_by_https(),
    )
    return response


@blueprint.post("/logout")
def logout() -> BaseResponse:
    """Ends this browser's sign-in."""
    check_origin()
    sign_out()
    return redirect(url_for(".login"), 303)


@blueprint.get("/invitation")
def invitation() -> BaseResponse:
    """The page that an invitation's link leads to."""
    key = request.args.get("key", "")
    invited = invitations.find(db.session, key, now())
    if invited is None:
        return _door("accounts/invitation_gone.html", 404)
    values = {"name": invited.name}
    return _door("accounts/invitation.html", key=key, invited=invited, values=values, problems={})


@blueprint.post("/invitation")
def accept_invitation() -> BaseResponse:
    """Makes the account, and signs its user in."""
    request.max_content_length = MOST_BYTES
    check_origin()
    key, values = request.form.get("key", ""), request.form.to_dict()
    try:
        with unit_of_work() as session:
            user = invitations.accept(
                session,
                key,
                name=values.get("name", ""),
                password=values.get("password", ""),
                language=language(),
                now=now(),
            )
    except AccountError as wrong:
        with snapshot() as session:
            invited = invitations.find(session, key, now())
        return _door(
            "accounts/invitation.html",
            422,
            key=key,
            invited=invited,
            values=values,
            problems={wrong.field: str(wrong)},
        )
    if user is None:
        return _door("accounts/invitation_gone.html", 404)
    sign_in(user)
    return redirect(url_for("inbox.overview"), 303)


def _door(template: str, status: int = 200, **context: object) -> Response:
    response = make_response(render_template(template, **context), status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/account")
@needs(Action.OWN_ACCOUNT)
def account() -> str:
    """One's own name, password and sign-ins."""
    return _account({}, {})


def _account(values: Mapping[str, str], problems: Mapping[str, str]) -> str:
    user = current_user()
    places = sign_ins.of_user(db.session, user.id)
    return render_template(
        "accounts/account.html",
        sign_ins=listed_sign_ins(places, current_key_hash()),
        choices=[("", gettext("That of the browser")), *LANGUAGES.items()],
        values={"name": user.name, "language": user.language, **values},
        problems=problems,
        role=role_names()[user.role],
    )


@blueprint.post("/account")
@needs(Action.OWN_ACCOUNT)
def change_account() -> BaseResponse:
    """Changes one's own name and language."""
    me, wanted = current_user(), request.form.get("language", "")
    try:
        with unit_of_work() as session:
            user = rules.user_to_change(session, me.id) or abort(404)
            name = request.form.get("name", "")
            rules.change_user(session, user, name=name, role=user.role, now=now(), by=me.id)
            rules.set_language(user, wanted)
    except AccountError as wrong:
        values = request.form.to_dict()
        return make_response(_account(values, {wrong.field: str(wrong)}), 422)
    if wanted in LANGUAGES:
        choose(wanted)
    else:
        session_state.pop("language", None)
    flash(gettext("Saved."))
    return redirect(url_for(".account"), 303)


@blueprint.post("/account/password")
@needs(Action.OWN_ACCOUNT)
def change_password() -> BaseResponse:
    """Changes one's own password, and ends all other sign-ins."""
    me = current_user()
    try:
        known = _known_user(me.email, request.form.get("old_password", ""))
    except TooManyAttempts:
        abort(429)
    if known is None:
        problems = {"old_password": gettext("This is not your present password")}
        return make_response(_account({}, problems), 422)
    try:
        with unit_of_work() as session:
            user = rules.user_to_change(session, me.id) or abort(404)
            rules.set_password(session, user, request.form.get("password", ""), now(), by=me.id)
    except AccountError as wrong:
        return make_response(_account({}, {wrong.field: str(wrong)}), 422)
    sign_in(user)
    flash(
        gettext("Your password is changed. Wherever else you were signed in, you are signed out.")
    )
    return redirect(url_for(".account"), 303)


@blueprint.post("/account/sign-ins/<id:sign_in_id>/end")
@needs(Action.OWN_ACCOUNT)
def end_sign_in(sign_in_id: int) -> BaseResponse:
    """Signs oneself out of another browser."""
    with unit_of_work() as session:
        sign_ins.end_one(session, current_user().id, sign_in_id)
    flash(gettext("That browser is signed out."))
    return redirect(url_for(".account"), 303)


@blueprint.post("/account/sign-ins/end-others")
@needs(Action.OWN_ACCOUNT)
def end_other_sign_ins() -> BaseResponse:
    """Signs oneself out of all other browsers."""
    sign_in_alone(current_user())
    flash(gettext("All other browsers are signed out."))
    return redirect(url_for(".account"), 303)
