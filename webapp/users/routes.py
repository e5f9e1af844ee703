"""`/desk/users`: HTTP in, HTML out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ..accounts import invitations, rules
from ..accounts.guard import current_user, needs
from ..accounts.pages import role_names
from ..accounts.permissions import Action
from ..accounts.rules import AccountError
from ..accounts.tables import User
from ..database import now, snapshot, unit_of_work
from ..extensions import db
from ..i18n import gettext
from ..links import base_url

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

INVITATION = "invitation"  # the kind of message that is an invitation's link

blueprint = Blueprint("users", __name__, template_folder="templates")


@blueprint.get("/desk/users")
@needs(Action.MANAGE)
def list_users() -> str:
    """Who may sign in."""
    return _users({}, {})


def _users(values: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "users/users.html",
        users=rules.all_users(db.session),
        invitations=invitations.waiting(db.session, now()),
        roles=role_names(),
        values=values,
        problems=problems,
        links=get_flashed_messages(category_filter=[INVITATION]),
    )


@blueprint.post("/desk/users/invite")
@needs(Action.MANAGE)
def invite() -> BaseResponse:
    """Makes an invitation, and leads to the page that shows its link, once."""
    values = {name: request.form.get(name, "") for name in ("email", "name", "role")}
    try:
        with unit_of_work() as session:
            key = invitations.invite(session, **values, now=now(), by=current_user().id)
    except AccountError as wrong:
        return make_response(_users(values, {wrong.field: str(wrong)}), 422)
    link = base_url(current_app.config["INTRAY"]) + url_for("accounts.invitation", key=key)
    flash(link, INVITATION)
    return redirect(url_for(".list_users"), 303)


@blueprint.post("/desk/users/invitations/<id:invitation_id>/withdraw")
@needs(Action.MANAGE)
def withdraw(invitation_id: int) -> BaseResponse:
    """Ends an invitation."""
    with unit_of_work() as session:
        invitations.withdraw(session, invitation_id)
    flash(gettext("The invitation is withdrawn."))
    return redirect(url_for(".list_users"), 303)


@blueprint.get("/desk/users/<id:user_id>")
@needs(Action.MANAGE)
def user(user_id: int) -> str:
    """One user: name, role, password, removal."""
    return _user(rules.get_user(db.session, user_id) or abort(404), {}, {})


def _user(found: User, values: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "users/user.html",
        found=found,
        roles=role_names(),
        values={"name": found.name, "role": found.role, **values},
        problems=problems,
    )


@blueprint.post("/desk/users/<id:user_id>")
@needs(Action.MANAGE)
def change_user(user_id: int) -> BaseResponse:
    """Changes somebody's name or role."""
    values = {name: request.form.get(name, "") for name in ("name", "role")}

    def change(session: Session, found: User) -> None:
        rules.change_user(session, found, **values, now=now(), by=current_user().id)

    return _changed(user_id, change, gettext("Saved."), values)


@blueprint.post("/desk/users/<id:user_id>/password")
@needs(Action.MANAGE)
def reset_password(user_id: int) -> BaseResponse:
    """Gives somebody else a new password, who is signed out everywhere by that. (One's own is changed
    at /account, where the present one is asked for.)"""
    if user_id == current_user().id:
        abort(403)

    def change(session: Session, found: User) -> None:
        password = request.form.get("password", "")
        rules.set_password(session, found, password, now(), by=current_user().id)

    return _changed(user_id, change, gettext("The new password is set."))


@blueprint.post("/desk/users/<id:user_id>/remove")
@needs(Action.MANAGE)
def remove_user(user_id: int) -> BaseResponse:
    """Removes somebody's account."""

    def change(session: Session, found: User) -> None:
        rules.remove_user(session, found, now(), current_user().id)

    return _changed(user_id, change, gettext("The user is removed."))


def _changed(
    user_id: int,
    change: Callable[[Session, User], None],
    done: str,
    values: Mapping[str, str] | None = None,
) -> BaseResponse:
    try:
        with unit_of_work() as session:
            change(session, rules.user_to_change(session, user_id) or abort(404))
    except AccountError as wrong:
        with snapshot() as session:
            found = rules.get_user(session, user_id) or abort(404)
        return make_response(_user(found, values or {}, {wrong.field: str(wrong)}), 422)
    flash(done)
    return redirect(url_for(".list_users"), 303)
