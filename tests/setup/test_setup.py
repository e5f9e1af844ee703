"""Set-up as the person who sets Intray up meets it, in this process."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from webapp.accounts import rules as accounts
from webapp.accounts.first_run import GOOD_FOR, setup_key
from webapp.clock import local_zone
from webapp.config import Settings
from webapp.database import now, snapshot, unit_of_work
from webapp.forms.tables import Form
from webapp.i18n import speaking
from webapp.serving.errors import CannotServe
from webapp.settings import rules as settings_rules
from webapp.setup import routes, rules
from webapp.setup.rules import AlreadySetUp, Answers

from ..desk import Desk, add_user
from ..visitor import Page, in_process

ANSWERS = {
    "name": "Ann Lee",
    "email": "ann@example.org",
    "password": "correct horse",
    "time_zone": "Asia/Shanghai",
    "starter": "homework",
}


class FakeListening:
    """Stands in for what serve.py hands over; the real one is met in test_first_minute.py."""

    def __init__(self, host: str = "127.0.0.1", fixed_by: str = "", fails: str = "") -> None:
        self.host, self.fixed_by, self._fails = host, fixed_by, fails

    def listen_on(self, host: str) -> None:
        if self._fails:
            raise CannotServe(self._fails)
        self.host = host


@pytest.fixture
def person(app: Flask) -> Desk:
    return Desk(in_process(app))


def link(app: Flask) -> str:
    """The path of the link in the terminal."""
    settings: Settings = app.config["INTRAY"]
    return f"/setup?key={setup_key(settings.data, now())}"


def answer(person: Desk, app: Flask, changed: Mapping[str, str] | None = None) -> Page:
    """Opens the link, fills in what is asked and sends it."""
    return person.submit(person.open(link(app)), "/setup", {**ANSWERS, **(changed or {})})


def users(app: Flask) -> list[Any]:
    with app.app_context(), snapshot() as session:
        return list(accounts.all_users(session))


# --- the key


def test_without_the_key_the_page_says_where_it_is(app: Flask, person: Desk) -> None:
    for path in ("/setup", "/setup?key=", "/setup?key=wrong", link(app)[:-1]):
        page = person.open(path)
        assert page.status == 403
        assert "python -m webapp setup" in page.text
        assert setup_key(app.config["INTRAY"].data, now()) not in page.text
    assert person.post_form("/setup", ANSWERS).status == 403
    assert person.post_form("/setup", {**ANSWERS, "key": "wrong"}).status == 403
    assert users(app) == []


def test_a_link_of_yesterday_opens_nothing(app: Flask, person: Desk) -> None:
    data: Path = app.config["INTRAY"].data
    key = setup_key(data, now() - GOOD_FOR - timedelta(seconds=1))
    assert person.open(f"/setup?key={key}").status == 403
    assert person.open(link(app)).status == 200


def test_the_pages_are_private_and_in_no_cache(app: Flask, person: Desk) -> None:
    for path in ("/setup", link(app)):
        page = person.open(path)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-robots-tag"] == "noindex"
        assert page.headers["referrer-policy"] == "same-origin"


def test_a_page_of_another_site_sets_nothing_up(app: Flask, person: Desk) -> None:
    page = person.open(link(app))
    person.headers["Origin"] = "http://evil.example"
    assert person.submit(page, "/setup", ANSWERS).status == 403
    assert users(app) == []


# --- the answers


def test_one_page_makes_the_owner_and_an_open_form_and_signs_in(app: Flask, person: Desk) -> None:
    done = answer(person, app)
    assert done.status == 303, done.text
    assert done.location == "/desk/forms/homework/share"
    share = person.open(done.location)
    assert share.status == 200
    assert "http://127.0.0.1:8080/f/homework" in share.text
    assert "Your form is ready" in share.text
    assert person.open("/f/homework").status == 200
    (owner,) = users(app)
    assert (owner.name, owner.email, owner.role) == ("Ann Lee", "ann@example.org", "owner")
    assert owner.language == "en"
    with app.app_context(), snapshot() as session:
        assert settings_rules.get(session, "time_zone") == "Asia/Shanghai"
        form = session.query(Form).one()
        assert (form.state, form.time_zone) == ("open", "Asia/Shanghai")


def test_afterwards_it_is_closed_for_good(app: Flask, person: Desk) -> None:
    old_link = link(app)
    page = person.open(old_link)
    assert answer(person, app).status == 303
    assert not (app.config["INTRAY"].data / "setup.key").exists()
    for visitor in (person, Desk(in_process(app))):
        for path in ("/setup", old_link, link(app)):
            closed = visitor.open(path)
            assert closed.status == 404
            assert 'href="/login"' in closed.text
        assert visitor.submit(page, "/setup", ANSWERS).status == 404
    assert len(users(app)) == 1


def test_who_signs_in_later_has_that_password(app: Flask, person: Desk) -> None:
    answer(person, app)
    assert Desk(in_process(app)).sign_in("ann@example.org", "correct horse").status == 303
    assert Desk(in_process(app)).sign_in("ann@example.org", "wrong horse").status == 422


def test_the_time_zone_of_the_computer_and_a_form_are_chosen_already(
    app: Flask, person: Desk
) -> None:
    inputs = person.open(link(app))
    sent = person.submit(inputs, "/setup", {k: ANSWERS[k] for k in ("name", "email", "password")})
    assert sent.status == 303
    with app.app_context(), snapshot() as session:
        assert settings_rules.get(session, "time_zone") == local_zone()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("name", " ", "Write a name"),
        ("email", "ann", "Write an e-mail address"),
        ("password", "short", "at least 8 characters"),
        ("password", "ann@example.org", "choose another"),
        ("time_zone", "Asia/Nowhere", "Choose a time zone"),
        ("time_zone", "", "Choose a time zone"),
        ("starter", "none", "Choose a form"),
    ],
)
def test_a_mistake_is_told_and_what_was_typed_stays(
    name: str, value: str, sentence: str, app: Flask, person: Desk
) -> None:
    page = answer(person, app, {name: value})
    assert page.status == 422
    (problem,) = page.problems
    assert sentence in problem
    assert users(app) == []
    kept = {k: v for k, v in ANSWERS.items() if k != name and k != "password"}
    again = person.submit(page, "/setup", {name: ANSWERS[name], "password": ANSWERS["password"]})
    assert again.status == 303, again.text
    assert users(app)[0].email == kept.get("email", "ann@example.org")


def test_what_only_the_account_finds_wrong_is_told_as_well(app: Flask, person: Desk) -> None:
    page = answer(person, app, {"email": " ANN@Example.org", "password": "ann@example.ORG"})
    assert page.status == 422
    assert "choose another" in page.problems[0]


def test_all_mistakes_are_told_at_once(app: Flask, person: Desk) -> None:
    nothing = dict.fromkeys(ANSWERS, "")
    assert len(answer(person, app, nothing).problems) == len(ANSWERS)


def test_the_password_is_not_sent_back(app: Flask, person: Desk) -> None:
    assert ANSWERS["password"] not in answer(person, app, {"name": ""}).text


def test_the_language_can_be_switched_without_losing_what_was_typed(
    app: Flask, person: Desk
) -> None:
    page = answer(person, app, {"switch-language": "zh"})
    assert page.status == 200
    assert '<html lang="zh">' in page.text
    assert 'value="Ann Lee"' in page.text
    assert page.problems == []
    done = person.submit(page, "/setup", {"password": ANSWERS["password"]})
    assert done.status == 303
    assert users(app)[0].language == "zh"
    with app.app_context(), speaking("zh"):
        assert "作业" in person.open("/f/homework").text


def test_who_begins_with_nothing_comes_to_the_builder(app: Flask, person: Desk) -> None:
    done = answer(person, app, {"starter": "blank"})
    assert done.status == 303
    assert done.location.endswith("/edit")
    assert person.open(done.location).status == 200


def test_of_two_at_once_one_is_the_owner(app: Flask) -> None:
    people = [Desk(in_process(app)) for _ in range(4)]
    page = people[0].open(link(app))

    def send(number: int) -> int:
        values = {**ANSWERS, "email": f"user{number}@example.org"}
        return people[number].submit(page, "/setup", values).status

    with ThreadPoolExecutor(4) as browsers:
        statuses = sorted(browsers.map(send, range(4)))
    assert statuses[0] == 303
    assert set(statuses[1:]) <= {403, 404}
    assert len(users(app)) == 1


def test_the_rule_itself_lets_one_in(app: Flask) -> None:
    answers = Answers(**{**ANSWERS, "reach": ""})
    add_user(app, "owner")
    with app.app_context(), pytest.raises(AlreadySetUp), unit_of_work() as session:
        rules.set_up(session, answers, "en", now())


# --- who can open it


def test_without_serve_py_nobody_is_asked_who_can_open_it(app: Flask, person: Desk) -> None:
    assert 'name="reach"' not in person.open(link(app)).text


@pytest.mark.parametrize(
    ("listening", "asks"),
    [
        (FakeListening(), True),
        (FakeListening("::1"), True),
        (FakeListening("0.0.0.0"), False),
        (FakeListening("192.0.2.2"), False),
        (FakeListening(fixed_by="--host"), False),
    ],
)
def test_it_is_asked_where_it_can_be_done(
    listening: FakeListening, asks: bool, sqlite_app: Flask
) -> None:
    sqlite_app.extensions["intray.listening"] = listening
    page = Desk(in_process(sqlite_app)).open(link(sqlite_app))
    assert ('name="reach"' in page.text) is asks
    assert ("--host" in page.text) is bool(listening.fixed_by)


def test_only_this_computer_leaves_it_as_it_is(sqlite_app: Flask) -> None:
    sqlite_app.extensions["intray.listening"] = listening = FakeListening()
    assert answer(Desk(in_process(sqlite_app)), sqlite_app, {"reach": "computer"}).status == 303
    assert listening.host == "127.0.0.1"
    assert not (sqlite_app.config["INTRAY"].data / "intray.toml").exists()


def test_nobody_is_let_in_without_an_answer(sqlite_app: Flask) -> None:
    sqlite_app.extensions["intray.listening"] = FakeListening()
    page = answer(Desk(in_process(sqlite_app)), sqlite_app)
    assert (page.status, page.problems) == (422, ["Choose who can open Intray"])


def test_everyone_is_let_in_now_and_at_the_next_start(sqlite_app: Flask) -> None:
    sqlite_app.extensions["intray.listening"] = listening = FakeListening()
    settings = sqlite_app.config["INTRAY"].data / "intray.toml"
    settings.write_text("threads = 4  # enough\n")
    assert answer(Desk(in_process(sqlite_app)), sqlite_app, {"reach": "network"}).status == 303
    assert listening.host == "0.0.0.0"
    assert settings.read_text() == 'threads = 4  # enough\nhost = "0.0.0.0"\n'


def test_where_the_network_cannot_be_let_in_the_next_page_says_why(sqlite_app: Flask) -> None:
    sqlite_app.extensions["intray.listening"] = FakeListening(fails="Port 8080 is in use.")
    person = Desk(in_process(sqlite_app))
    done = answer(person, sqlite_app, {"reach": "network"})
    assert done.status == 303
    assert "Port 8080 is in use." in person.open(done.location).text
    assert not (sqlite_app.config["INTRAY"].data / "intray.toml").exists()


def test_settings_that_cannot_be_written_are_told_of(sqlite_app: Flask) -> None:
    sqlite_app.extensions["intray.listening"] = FakeListening()
    (sqlite_app.config["INTRAY"].data / "intray.toml").write_text("half a ")
    person = Desk(in_process(sqlite_app))
    done = answer(person, sqlite_app, {"reach": "network"})
    assert "intray.toml cannot be written" in person.open(done.location).text


def test_a_key_that_cannot_be_removed_keeps_nobody_out(
    app: Flask, person: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(data: Path) -> None:
        raise PermissionError(13, "another program holds it")

    monkeypatch.setattr(routes, "forget_setup_key", held)
    path = link(app)
    done = answer(person, app)
    assert done.status == 303
    assert person.open(done.location).status == 200, "signed in"
    assert Desk(in_process(app)).open(path).status == 404, "the key is good for nothing"


def test_who_sets_up_by_ipv6_is_not_shut_out(sqlite_app: Flask) -> None:
    listening = FakeListening("::1")
    sqlite_app.extensions["intray.listening"] = listening
    person = Desk(in_process(sqlite_app))
    assert answer(person, sqlite_app, {"reach": "network"}).status == 303
    assert listening.host == "::"


# --- before it is done


def test_who_comes_without_the_link_is_told_where_it_is(app: Flask, person: Desk) -> None:
    start = person.open("/")
    assert "python -m webapp setup" in start.text
    assert setup_key(app.config["INTRAY"].data, now()) not in start.text
    assert person.open("/login").location == "/setup"
    answer(person, app)
    assert "python -m webapp setup" not in person.open("/").text
    assert Desk(in_process(app)).open("/login").status == 200


def test_a_neighbour_is_not_told_what_to_do_here(sqlite_app: Flask) -> None:
    asked = sqlite_app.test_client().get("/", environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
    assert "python -m webapp setup" not in asked.text
