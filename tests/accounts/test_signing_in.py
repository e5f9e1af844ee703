"""Signing in and out, through the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from webapp.accounts import passwords, rules
from webapp.accounts.security import Users
from webapp.accounts.tables import User
from webapp.database import now, snapshot, unit_of_work
from webapp.limits.tables import LimitCounter
from webapp.sessions import COOKIE, ServerSession, ServerSessions

from ..conftest import SignInAs
from ..desk import PASSWORD, Desk, add_user
from ..visitor import in_process


@pytest.fixture
def stranger(app: Flask) -> Desk:
    return Desk(in_process(app))


def session_files(app: Flask) -> int:
    return len(list((app.config["INTRAY"].data / "sessions").glob("*.json")))


def test_signing_in_leads_to_the_page_that_was_asked_for(app: Flask, stranger: Desk) -> None:
    email = add_user(app, "owner")
    asked = stranger.open("/account?a=1")
    assert asked.status == 303
    door = stranger.open(asked.location)
    assert door.status == 200
    answer = stranger.submit(door, "/login", {"email": email.upper(), "password": PASSWORD})
    assert (answer.status, answer.location) == (303, "/account?a=1")
    assert "Owner Lee" in stranger.open("/account").text


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "x"]
)
def test_no_link_leads_from_the_door_to_elsewhere(app: Flask, stranger: Desk, next: str) -> None:
    answer = stranger.sign_in(add_user(app, "owner"), next=next)
    assert (answer.status, answer.location) == (303, "/")


def test_a_wrong_password_and_an_unknown_address_are_told_alike(app: Flask, stranger: Desk) -> None:
    email = add_user(app, "owner")
    wrong, unknown = stranger.sign_in(email, "wrong"), stranger.sign_in("nobody@example.org")
    assert wrong.status == unknown.status == 422
    assert wrong.problems == unknown.problems
    assert email in wrong.text, "what was typed is still there"
    assert not stranger.cookie


def test_looking_at_the_door_makes_no_session(app: Flask, stranger: Desk) -> None:
    assert "set-cookie" not in stranger.open("/login").headers
    assert session_files(app) == 0


def test_the_session_has_a_new_id_after_signing_in(app: Flask, stranger: Desk) -> None:
    stranger.post_form("/language", {"language": "zh", "next": "/"})
    before = stranger.cookie
    assert before
    stranger.sign_in(add_user(app, "owner"))
    assert stranger.cookie != before
    assert session_files(app) == 1, "the old session is ended"
    assert 'lang="zh"' in stranger.open("/account").text, "what it held goes along"
    old = Desk(in_process(app))
    old.cookie = before
    assert old.open("/account").status == 303


def test_signing_out_ends_the_session_for_good(desk: Desk) -> None:
    before = desk.cookie
    page = desk.open("/account")
    assert desk.submit(page, "/logout").status == 303
    assert desk.open("/account").status == 303
    desk.cookie = before
    assert desk.open("/account").status == 303


def test_the_cookie_is_only_for_http_and_for_this_site(app: Flask, stranger: Desk) -> None:
    cookies = stranger.sign_in(add_user(app, "owner")).headers["set-cookie"]
    assert f"{COOKIE}=" in cookies
    cookie = cookies.partition(f"{COOKIE}=")[2]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie, "plain http, as on a LAN, could not send it back"


def test_pages_of_the_desk_are_kept_by_no_cache(desk: Desk) -> None:
    assert desk.open("/account").headers["cache-control"] == "no-store"


SOMEWHERE, ELSEWHERE = "203.0.113.9", "192.0.2.7"


def at(app: Flask, address: str) -> Desk:
    """Somebody at that address."""
    return Desk(in_process(app, REMOTE_ADDR=address))


def test_guessing_is_slowed_for_the_account_and_address(app: Flask) -> None:
    email, guesser = add_user(app, "owner"), at(app, SOMEWHERE)
    answers = [guesser.sign_in(email, "wrong") for _ in range(11)]
    assert [answer.status for answer in answers] == [422] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) == 900
    assert guesser.sign_in(email).status == 429, "the right one is not tried any more either"
    full_width = email.replace("o", "ｏ")
    assert guesser.sign_in(full_width).status == 429, "another spelling is the same account"


def test_one_who_guesses_without_end_shuts_nobody_out(app: Flask) -> None:
    email, guesser = add_user(app, "owner"), at(app, SOMEWHERE)
    for _ in range(150):
        guesser.sign_in(email, "wrong")
    assert at(app, ELSEWHERE).sign_in(email).status == 303


def test_many_who_guess_do_not_shut_out_a_browser_that_is_known(app: Flask) -> None:
    email = add_user(app, "owner")
    known = at(app, ELSEWHERE)
    device = known.sign_in(email).headers["set-cookie"]
    assert "HttpOnly" in device
    known.cookie += "; " + next(
        part for part in re.split(r"[;,] *", device) if part.startswith("intray_device=")
    )
    for number in range(10):
        for _ in range(10):
            at(app, f"198.51.100.{number}").sign_in(email, "wrong")
    assert at(app, ELSEWHERE).sign_in(email).status == 429
    assert known.sign_in(email).status == 303
    other = add_user(app, "editor")
    answers = [known.sign_in(other, "wrong").status for _ in range(11)]
    assert answers == [422] * 10 + [429], "the cookie is for its own account alone"


def test_through_a_proxy_on_this_computer_ten_slips_shut_nobody_out(app: Flask) -> None:
    email = add_user(app, "owner")
    for address in ("127.0.0.1", ""):
        stranger = at(app, address)
        assert {stranger.sign_in(email, "wrong").status for _ in range(20)} == {422}
        assert at(app, address).sign_in(email).status == 303


def test_the_right_password_forgives_slips(app: Flask) -> None:
    email, person = add_user(app, "owner"), at(app, SOMEWHERE)
    for _ in range(3):
        assert [person.sign_in(email, "wrong").status for _ in range(5)] == [422] * 5
        assert person.sign_in(email).status == 303


def test_right_passwords_do_not_use_an_address_up(app: Flask) -> None:
    email = add_user(app, "owner")
    assert {at(app, SOMEWHERE).sign_in(email).status for _ in range(60)} == {303}


def test_an_address_that_tries_many_accounts_is_slowed(app: Flask) -> None:
    guesser = at(app, "2001:db8::1")
    answers = [guesser.sign_in(f"user{n}@example.org", "wrong").status for n in range(50)]
    assert set(answers) == {422}
    neighbour = at(app, "2001:db8::2:3")
    assert neighbour.sign_in("other@example.org").status == 429, "one person has 64 bits of IPv6"
    with app.app_context(), snapshot() as session:
        rows = session.scalar(select(func.count()).select_from(LimitCounter))
    for n in range(20):
        guesser.sign_in(f"another{n}@example.org", "wrong")
    with app.app_context(), snapshot() as session:
        assert session.scalar(select(func.count()).select_from(LimitCounter)) == rows


def test_a_post_from_another_site_is_refused(app: Flask, stranger: Desk) -> None:
    email = add_user(app, "owner")
    inputs = {"email": email, "password": PASSWORD}
    assert stranger.post_form("/login", inputs, Origin="https://evil.example").status == 403


def test_a_post_without_its_token_changes_nothing(desk: Desk) -> None:
    answer = desk.post_form("/account", {"name": "Mallory"})
    assert answer.status == 403
    assert "too old" in answer.text
    assert "Mallory" not in desk.open("/account").text


def test_the_token_of_another_sign_in_does_not_do(app: Flask, desk: Desk, stranger: Desk) -> None:
    page = desk.open("/account")
    stranger.sign_in("owner@example.org")
    assert stranger.submit(page, "/account", {"name": "Mallory"}).status == 403


def test_what_a_signed_out_person_sends_is_refused_in_words(app: Flask, desk: Desk) -> None:
    page = desk.open("/account")
    desk.submit(page, "/logout")
    answer = desk.submit(page, "/account", {"name": "Ann"})
    assert answer.status == 401
    assert "not signed in" in answer.text


def test_a_password_that_changes_during_a_sign_in_ends_it(
    app: Flask, stranger: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = add_user(app, "owner")
    looked_at = passwords.is_right

    def change_meanwhile(password: str, kept: str | None) -> bool:
        right = looked_at(password, kept)
        with app.app_context(), unit_of_work() as session:
            user = rules.user_to_change(session, 1)
            assert user is not None
            rules.set_password(session, user, "another long password", now(), by=None)
        return right

    monkeypatch.setattr(passwords, "is_right", change_meanwhile)
    assert stranger.sign_in(email).status == 422
    assert stranger.open("/account").status == 303


def test_a_stolen_cookie_ends_with_the_password(app: Flask, desk: Desk, stranger: Desk) -> None:
    stranger.cookie = desk.cookie
    assert stranger.open("/account").status == 200
    page = desk.open("/account")
    values = {"old_password": PASSWORD, "password": "another long password"}
    assert desk.submit(page, "/account/password", values).status == 303
    assert stranger.open("/account").status == 303
    assert desk.open("/account").status == 200
    stranger.cookie = desk.cookie
    page = desk.open("/account")
    assert desk.submit(page, "/account/sign-ins/end-others").status == 303
    assert stranger.open("/account").status == 303
    assert desk.open("/account").status == 200


def test_a_request_in_flight_does_not_bring_a_session_back(app: Flask, desk: Desk) -> None:
    before = desk.cookie
    in_flight = app.session_interface
    assert isinstance(in_flight, ServerSessions)
    id = before.split("=", 1)[1]
    state = in_flight.files.load(id)
    assert state is not None
    late = ServerSession(lambda: (id, state))
    desk.submit(desk.open("/account"), "/logout")
    late["language"] = "zh"
    assert in_flight.files.save(id, late) is False
    desk.cookie = before
    assert desk.open("/account").status == 303


def test_signing_in_again_leaves_no_ghost(app: Flask, desk: Desk) -> None:
    for _ in range(3):
        desk.sign_in("owner@example.org")
    page = desk.open("/account")
    assert page.text.count("This browser") == 1
    assert re.search(r"/account/sign-ins/\d+/end", page.text) is None


def test_what_strangers_send_to_the_desk_is_not_read(app: Flask, stranger: Desk) -> None:
    deep = b"[" * 200_000
    assert stranger.post("/desk/x", deep, "application/json").status == 401
    assert stranger.post("/account", deep, "application/json").status == 401


def test_while_the_database_is_out_the_desk_says_so(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(self: Users, **query: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("the database is out"))

    monkeypatch.setattr(Users, "find_user", out)
    answer = desk.open("/account")
    assert answer.status == 503
    assert "busy" in answer.text


@pytest.mark.parametrize(
    "referer", ["http://[", "//evil.example/x", "http://localhost//evil.example"]
)
def test_a_broken_referer_breaks_nothing(stranger: Desk, referer: str) -> None:
    page = stranger.post_form("/login", {"email": "a", "password": "b"}, Referer=referer)
    assert page.status == 422
    assert "evil.example" not in page.text


def test_only_argon2_is_taken_for_a_password(app: Flask, stranger: Desk) -> None:
    email = add_user(app, "owner")
    with app.app_context(), unit_of_work() as session:
        session.execute(update(User).values(password="!"))
    assert stranger.sign_in(email, "!").status != 303
    assert stranger.sign_in(email).status != 303


def test_static_files_vary_by_no_cookie(desk: Desk) -> None:
    sheet = re.search(r'href="(/static/[^"]+\.css)"', desk.open("/account").text)
    assert sheet is not None
    assert "Cookie" not in desk.open(sheet[1]).headers.get("vary", "")


def test_languages_chosen_by_strangers_fill_no_disk(app: Flask) -> None:
    stranger = at(app, SOMEWHERE)
    for _ in range(202):
        stranger.cookie = ""
        answer = stranger.post_form("/language", {"language": "zh", "next": "/"})
    assert answer.status == 429
    assert session_files(app) == 200


def test_the_browsers_own_language_can_be_chosen_again(desk: Desk) -> None:
    page = desk.open("/account")
    desk.submit(page, "/account", {"language": "zh"})
    page = desk.open("/account")
    assert 'lang="zh"' in page.text
    desk.submit(page, "/account", {"language": ""})
    assert '<html lang="en"' in desk.open("/account").text


def test_sign_ins_are_listed_and_ended(app: Flask, desk: Desk, stranger: Desk) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
    stranger.headers = {"User-Agent": firefox}
    stranger.sign_in("owner@example.org")
    page = desk.open("/account")
    assert "Firefox, Windows" in page.text
    (action,) = set(re.findall(r'action="(/account/sign-ins/\d+/end)"', page.text))
    assert desk.submit(page, action).status == 303
    assert stranger.open("/account").status == 303
    assert desk.open("/account").status == 200


def test_nobody_ends_somebody_elses_sign_in(app: Flask, desk: Desk, sign_in: SignInAs) -> None:
    reviewer = sign_in("reviewer")
    page = reviewer.open("/account")
    token = {"csrf_token": re.search(r'name="csrf_token" value="(\w+)"', page.text)[1]}  # type: ignore[index]
    for number in range(1, 5):
        reviewer.post_form(f"/account/sign-ins/{number}/end", token)
    assert desk.open("/account").status == 200


def test_a_new_password_ends_the_other_sign_ins(app: Flask, desk: Desk, stranger: Desk) -> None:
    stranger.sign_in("owner@example.org")
    page = desk.open("/account")
    new = "another long password"
    wrong = desk.submit(page, "/account/password", {"old_password": "no", "password": new})
    assert wrong.status == 422
    changed = desk.submit(page, "/account/password", {"old_password": PASSWORD, "password": new})
    assert changed.status == 303
    assert "is changed" in desk.open("/account").text
    assert stranger.open("/account").status == 303
    assert stranger.sign_in("owner@example.org").status == 422
    assert stranger.sign_in("owner@example.org", new).status == 303


@pytest.mark.parametrize(
    "password", ["short", "password1", "x" * 201, " " * 8, "owner@example.org", "a\0bcdefghi"]
)
def test_a_password_that_will_not_do_is_refused(desk: Desk, password: str) -> None:
    page = desk.open("/account")
    values = {"old_password": PASSWORD, "password": password}
    answer = desk.submit(page, "/account/password", values)
    assert answer.status == 422
    assert len(answer.problems) == 1


@pytest.mark.parametrize("email", ["\0", "x" * 10_000, "a@b\r\nc", "\ud800", "ａ@example.org"])
def test_hostile_addresses_are_only_wrong(stranger: Desk, email: str) -> None:
    raw = email.encode("utf-8", "surrogatepass").decode("latin-1")
    assert stranger.sign_in(raw, "\0").status == 422
