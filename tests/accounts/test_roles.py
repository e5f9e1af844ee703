"""Who may do what: every route of the application is asked by every role."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from webapp.accounts.guard import is_guarded, needed_action
from webapp.accounts.permissions import Action, Role, can

from ..conftest import SignInAs
from ..desk import Desk, add_user
from ..visitor import in_process

# What each role may do, said once more and in full: a change in permissions.py is to be meant.
MAY = {
    "reviewer": {"own_account", "see_submissions"},
    "editor": {
        "own_account", "see_submissions", "ask_for_corrections", "delete_submissions", "edit_forms",
        "edit_notices",
    },
    "owner": {
        "own_account", "see_submissions", "ask_for_corrections", "delete_submissions", "edit_forms",
        "edit_notices", "manage",
    },
}  # fmt: skip

# The doors that are open to strangers, on purpose. A new one is to be added here by hand.
OPEN = {
    "/", "/index", "/healthz", "/readyz", "/metrics", "/f/<slug>", "/p/<token>", "/r/<reference>",
    "/r/<reference>/correct", "/language", "/static/<version>/<path:name>", "/login", "/logout",
    "/invitation", "/setup",
    "/uploads", "/uploads/<upload_id>", "/look/<colour>.css", "/look/logo/<form_id>/<digest>",
    "/f/<slug>/start", "/p/<token>/start", "/c/<token>/passcode",
    "/c/<token>", "/c/<token>/check", "/c/<token>/link", "/c/<token>/qr.svg",
}  # fmt: skip


class Someone:
    """A user with a role, as far as `can` looks."""

    def __init__(self, role: str) -> None:
        self.role = role


@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_may_do(role: str) -> None:
    assert {action.value for action in Action if can(Someone(role), action)} == MAY[role]


def test_nobody_and_unknown_roles_may_do_nothing() -> None:
    for action in Action:
        assert not can(None, action)
        assert not can(Someone("admin"), action)


def test_an_action_that_is_none_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="edit_everything"):
        can(Someone("owner"), "edit_everything")


def routes(app: Flask) -> list[tuple[str, str, Rule]]:
    """Every route that is not open to strangers: method, a path that leads to it, its rule."""
    found = []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if is_guarded(rule.rule):
                found.append((method, path_of(rule), rule))
    return found


def path_of(rule: Rule) -> str:
    """A path of that rule, of things that are not there."""
    return re.sub(r"<(?:(\w+)[^:>]*:)?\w+>", lambda m: "999" if m[1] == "id" else "none", rule.rule)


def token_of(desk: Desk) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', desk.open("/account").text)
    assert found is not None
    return found[1]


def test_every_route_is_guarded_or_open_on_purpose(sqlite_app: Flask) -> None:
    unguarded = {r.rule for r in sqlite_app.url_map.iter_rules() if not is_guarded(r.rule)}
    assert unguarded <= OPEN
    with sqlite_app.app_context():
        silent = [
            rule.rule for _, _, rule in routes(sqlite_app) if not needed_action(rule.endpoint)
        ]
    assert silent == [], "routes of the desk that do not say whom they are for"


def test_a_route_that_says_nothing_is_shut(sqlite_app: Flask) -> None:
    def view() -> str:
        return "secret"

    sqlite_app.add_url_rule("/desk/forgotten", view_func=view)
    desk = signed_in(sqlite_app, "owner")
    assert desk.open("/desk/forgotten").status == 403


def test_strangers_are_sent_to_the_door_from_every_page(sqlite_app: Flask) -> None:
    stranger = Desk(in_process(sqlite_app))
    walked = routes(sqlite_app)
    assert len(walked) > 10
    for method, path, _ in walked:
        if method == "GET":
            answer = stranger.open(path)
            assert (answer.status, answer.location.split("?")[0]) == (303, "/login"), path
        else:
            assert stranger.post_form(path, {}).status == 401, path


@pytest.mark.parametrize("role", list(Role))
def test_every_route_asks_every_role(sqlite_app: Flask, role: str) -> None:
    """Refused to whom the action is not for; let through, to whatever its own answer is, to the others."""
    desk = signed_in(sqlite_app, role)
    for method, path, rule in routes(sqlite_app):
        with sqlite_app.app_context():
            action = needed_action(rule.endpoint)
        answer = (
            desk.open(path)
            if method == "GET"
            else desk.post_form(path, {"csrf_token": token_of(desk)})
        )
        allowed = str(action) in MAY[role]
        refused = answer.status == 403
        assert refused != allowed, f"{role} {method} {path}: {answer.status}"
        assert answer.status < 500, f"{role} {method} {path}: {answer.status}"


def signed_in(app: Flask, role: str) -> Desk:
    desk = Desk(in_process(app))
    assert desk.sign_in(add_user(app, role)).status == 303
    return desk


def test_a_new_role_holds_at_once(app: Flask, desk: Desk, sign_in: SignInAs) -> None:
    editor = sign_in("editor")
    assert editor.open("/desk/users").status == 403
    page = desk.open("/desk/users/2")
    assert desk.submit(page, "/desk/users/2", {"role": "owner"}).status == 303
    assert editor.open("/desk/users").status == 200
