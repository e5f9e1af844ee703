"""Users: invited, changed, removed; at the desk and by commands."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from webapp.accounts import rules
from webapp.accounts.rules import AccountError
from webapp.accounts.tables import Invitation
from webapp.database import now, snapshot, unit_of_work
from webapp.events.tables import Event

from ..conftest import SignInAs
from ..desk import PASSWORD, Desk, add_user, form_on
from ..running import TOP, environment
from ..visitor import Page, in_process


def invite(desk: Desk, email: str = "new@example.org", role: str = "editor") -> Page:
    page = desk.open("/desk/users")
    values = {"name": "New Person", "email": email, "role": role}
    answer = desk.submit(page, "/desk/users/invite", values)
    return answer if answer.status != 303 else desk.open(answer.location)


def link_in(page: Page) -> str:
    found = re.search(r">https?://[^/<]+(/invitation\?key=[\w-]+)<", page.text)
    assert found is not None, page.text
    return found[1]


@pytest.fixture
def guest(app: Flask) -> Desk:
    return Desk(in_process(app))


def test_an_invitation_makes_an_account_once(desk: Desk, guest: Desk) -> None:
    link = link_in(invite(desk))
    listed = desk.open("/desk/users").text
    assert "New Person" in listed
    assert link not in listed, "the link is shown once"
    page = guest.open(link)
    assert page.status == 200
    assert page.headers["cache-control"] == "no-store"
    values = {"name": "Nia New", "password": PASSWORD}
    assert guest.submit(page, "/invitation", values).status == 303
    assert "Nia New" in guest.open("/account").text
    assert guest.open("/desk/users").status == 403, "an editor, as invited"
    again = guest.submit(page, "/invitation", values)
    assert again.status == 404
    assert guest.open(link).status == 404


def test_a_mistake_keeps_what_was_typed(desk: Desk, guest: Desk) -> None:
    page = guest.open(link_in(invite(desk)))
    answer = guest.submit(page, "/invitation", {"name": "Nia New", "password": "short"})
    assert answer.status == 422
    assert "Nia New" in answer.text
    assert "at least 8" in answer.problems[0]
    assert guest.submit(answer, "/invitation", {"password": PASSWORD}).status == 303


def test_an_invitation_that_is_withdrawn_or_old_has_ended(
    app: Flask, desk: Desk, guest: Desk
) -> None:
    link = link_in(invite(desk))
    page = desk.open("/desk/users")
    (action,) = re.findall(r'action="(/desk/users/invitations/\d+/withdraw)"', page.text)
    desk.submit(page, action)
    assert guest.open(link).status == 404
    link = link_in(invite(desk))
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Invitation).values(expires_at=now() - timedelta(seconds=1)))
    assert guest.open(link).status == 404


def test_an_invitation_with_mistakes_is_told(desk: Desk) -> None:
    answer = invite(desk, email="nobody")
    assert (answer.status, len(answer.problems)) == (422, 1)
    assert "New Person" in answer.text
    assert invite(desk, role="king").status == 422
    assert invite(desk, email="owner@example.org").status == 422, "who has an account"


def test_the_last_owner_stays(desk: Desk) -> None:
    page = desk.open("/desk/users/1")
    demoted = desk.submit(page, "/desk/users/1", {"role": "editor"})
    assert demoted.status == 422
    assert "last owner" in demoted.problems[0]
    assert desk.submit(page, "/desk/users/1/remove").status == 422
    assert desk.open("/desk/users").status == 200


def test_a_removed_user_is_out_at_once(desk: Desk, sign_in: SignInAs) -> None:
    editor = sign_in("editor")
    page = desk.open("/desk/users/2")
    assert desk.submit(page, "/desk/users/2/remove").status == 303
    assert editor.open("/account").status == 303
    assert editor.sign_in("editor@example.org").status == 422


def test_a_new_password_from_an_owner_signs_the_user_out(desk: Desk, sign_in: SignInAs) -> None:
    editor = sign_in("editor")
    page = desk.open("/desk/users/2")
    new = {"password": "a password from the owner"}
    assert desk.submit(page, "/desk/users/2/password", new).status == 303
    assert editor.open("/account").status == 303
    assert editor.sign_in("editor@example.org", new["password"]).status == 303


def test_a_removed_owner_does_not_come_back_by_an_invitation(
    app: Flask, desk: Desk, sign_in: SignInAs, guest: Desk
) -> None:
    desk.submit(desk.open("/desk/users/1"), "/desk/users/1", {"name": "First"})
    add_user(app, "owner", "second@example.org")
    second = Desk(in_process(app))
    second.sign_in("second@example.org")
    link = link_in(invite(second, role="owner"))
    assert desk.submit(desk.open("/desk/users/2"), "/desk/users/2/remove").status == 303
    assert guest.open(link).status == 404


def test_an_account_that_is_made_meanwhile_ends_the_invitation(
    app: Flask, desk: Desk, guest: Desk
) -> None:
    link = link_in(invite(desk, email="new@example.org"))
    add_user(app, "editor", "new@example.org")
    assert guest.open(link).status == 404


def test_one_invitation_makes_one_account_for_two_who_take_it_at_once(
    app: Flask, desk: Desk
) -> None:
    link = link_in(invite(desk))
    key = link.partition("key=")[2]

    def take(number: int) -> int:
        guest = Desk(in_process(app))
        inputs = {"key": key, "name": f"Guest {number}", "password": PASSWORD}
        return guest.post_form("/invitation", inputs).status

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(take, range(4))) == [303, 404, 404, 404]


def test_owners_that_demote_each_other_at_once_leave_one(app: Flask, desk: Desk) -> None:
    add_user(app, "owner", "second@example.org")

    def demote(user_id: int) -> bool:
        try:
            with app.app_context(), unit_of_work() as session:
                user = rules.user_to_change(session, user_id)
                assert user is not None
                rules.change_user(session, user, name="A", role="editor", now=now(), by=None)
        except AccountError:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(demote, (1, 2))) == [False, True]


def test_ones_own_password_is_changed_where_the_present_one_is_asked_for(desk: Desk) -> None:
    page = desk.open("/desk/users/1")
    assert "/desk/users/1/password" not in page.text
    token = {"csrf_token": form_on(page, "/desk/users/1").inputs[0][1]}
    assert desk.post_form("/desk/users/1/password", token).status == 403


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "-1", "x"])
def test_a_user_that_cannot_be_is_not_there(desk: Desk, number: str) -> None:
    assert desk.open(f"/desk/users/{number}").status == 404


def test_the_audit_says_who_did_it(app: Flask, desk: Desk, sign_in: SignInAs) -> None:
    sign_in("editor")
    page = desk.open("/desk/users/2")
    desk.submit(page, "/desk/users/2/password", {"password": "a password from the owner"})
    with app.app_context(), snapshot() as session:
        kinds = [(e.kind, e.user_id) for e in session.scalars(select(Event).order_by(Event.id))]
    assert ("user.signed_in", 2) in kinds
    assert kinds[-1] == ("user.password_changed", 1)


def command(data: Path, *arguments: str, line: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "webapp", "user", *arguments],
        cwd=TOP, env=environment(data, None), input=line, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def test_users_by_commands(tmp_path: Path) -> None:
    data = tmp_path / "data"
    add = ("add", "Ann@Example.org", "--name", "Ann Lee", "--role", "owner", "--password-stdin")
    made = command(data, *add, line="correct horse\n")
    assert made.returncode == 0, made.stderr
    assert "ann@example.org  owner  Ann Lee" in command(data, "list").stdout
    again = command(data, *add, line="correct horse\n")
    assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)
    assert (
        command(data, "password", "ann@example.org", "--password-stdin", line="x\n").returncode == 2
    )
    last = command(data, "remove", "ann@example.org")
    assert last.returncode == 2
    assert "last owner" in last.stderr
    assert command(data, "remove", "nobody@example.org").returncode == 2
