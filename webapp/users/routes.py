"""`/desk/users`: HTTP in, HTML out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
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

blueprint = Blueprint("users", __name__, template_folder="templates")


@blueprint.get("/desk/users")
@needs(Action.MANAGE)
def list_users() -> str:
    """Who may sign in."""
    return _users({}, {})


def _users(values: Mapping[str, str], problems: Mapping[str, str], link: str = "") -> str:
    return render_template(
        "users/users.html",
        users=rules.all_users(db.session),
        invitations=invitations.waiting(db.session, now()),
        roles=role_names(),
        values=values,
        problems=problems,
        link=link,
    )


@blueprint.post("/desk/users/invite")
@needs(Action.MANAGE)
def invite() -> BaseResponse:
    """Makes an invitation and shows its link, this once."""
    values = {name: request.form.get(name, "") for name in ("email", "name", "role")}
    try:
        with unit_of_work() as session:
            key = invitations.invite(session, **values, now=now(), by=current_user().id)
    except AccountError as wrong:
        return make_response(_users(values, {wrong.field: str(wrong)}), 422)
    link = base_url(current_app.config["INTRAY"]) + url_for("accounts.invitation", key=key)
    return make_response(_users({}, {}, link))


@blueprint.post("/desk/users/invitations/<int:invitation_id>/withdraw")
@needs(Action.MANAGE)
def withdraw(invitation_id: int) -> BaseResponse:
    """Ends an invitation."""
    with unit_of_work() as session:
        invitations.withdraw(session, invitation_id)
    flash(gettext("The invitation is withdrawn."))
    return redirect(url_for(".list_users"), 303)


@blueprint.get("/desk/users/<int:user_id>")
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


@blueprint.post("/desk/users/<int:user_id>")
@needs(Action.MANAGE)
def change_user(user_id: int) -> BaseResponse:
    """Changes somebody's name or role."""
    values = {name: request.form.get(name, "") for name in ("name", "role")}

    def change(session: Session, found: User) -> None:
        rules.change_user(session, found, **values, now=now(), by=current_user().id)

    return _changed(user_id, change, gettext("Saved."), values)


@blueprint.post("/desk/users/<int:user_id>/password")
@needs(Action.MANAGE)
def reset_password(user_id: int) -> BaseResponse:
    """Gives somebody a new password, who is signed out everywhere by that."""

    def change(session: Session, found: User) -> None:
        rules.set_password(session, found, request.form.get("password", ""), now())

    return _changed(user_id, change, gettext("The new password is set."))


@blueprint.post("/desk/users/<int:user_id>/remove")
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
            change(session, rules.get_user(session, user_id) or abort(404))
    except AccountError as wrong:
        with snapshot() as session:
            found = rules.get_user(session, user_id) or abort(404)
        return make_response(_user(found, values or {}, {wrong.field: str(wrong)}), 422)
    flash(done)
    return redirect(url_for(".list_users"), 303)
