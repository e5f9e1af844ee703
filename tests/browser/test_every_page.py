"""Every page that the application has, looked at on a phone and on a PC, in light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from webapp.accounts import invitations
from webapp.config import load
from webapp.database import now, snapshot, unit_of_work
from webapp.notices.tables import Notice
from webapp.submissions.tables import StoredFile, Submission

from ..conftest import import_text, running_app
from ..desk import Desk, add_user
from ..forms_in_languages import RIHLA, TRIP_IN_LANGUAGES
from ..forms_in_toml import EVERY_KIND, GOOD_ANSWERS
from ..forms_with_rules import TRIP
from ..invited.inviting import PERSONAL, invite
from ..running import Server
from ..visitor import Visitor, in_process
from . import states
from .looking import LOOKS, PHONE, complaints_of, context_of, fits, is_accessible, sign_in

pytestmark = pytest.mark.browser

FORM = "/desk/forms/job-application"
# What is no page: files, pictures, parts of pages, signs of life. And set-up, whose pages are looked at
# in test_first_minute.py: it is closed here.
NO_PAGES = {
    "static", "home.index", "home.alive", "home.ready", "exports.csv", "exports.xlsx",
    "exports.form_files", "exports.submission_files", "inbox.stored_file",
    "builder.qr_as_svg", "builder.qr_as_png", "builder.export_toml",
    "inbox.overview_news", "inbox.submissions_news", "setup.show",
    "look.style_sheet", "look.logo", "drafts.link_as_qr", "home.metrics", "roster.links",
    "roster.qr_as_svg",
}  # fmt: skip


DRESSED = """
format = 1
title = "A form in yellow"
slug = "dressed"
state = "open"
accent = "#ffd400"
save_later = true
closing = "We write to you **within a week**."

[[fields]]
key = "name"
kind = "short_text"
label = "Your name"
"""

PEOPLE = "Anna Schmidt, anna@example.org, 7b\n王小明, , 七班\n" + "Very-Long-Name" * 9
WITH_PASSCODE = 'access = "personal"', 'access = "passcode"\npasscode = "open sesame"'


class Place:
    """A server with something of everything, and the addresses of all its pages."""

    def __init__(self, data: Path) -> None:
        for app in running_app(load({"data": str(data)}, {})):
            self.app: Flask = app
            self._fill(app)
        self.paths = self._paths()

    def _fill(self, app: Flask) -> None:
        self.form = import_text(app, EVERY_KIND)
        import_text(app, DRESSED)
        import_text(app, TRIP)
        import_text(app, TRIP_IN_LANGUAGES)
        import_text(app, RIHLA)
        self.links = list(invite(app, self.form, PEOPLE).values())
        add_user(app, "owner", "ann@example.org")
        tour = import_text(app, TRIP.replace('"trip"', '"tour"'))
        self.tour = invite(app, tour, PEOPLE)["王小明"]
        self.desk = Desk(in_process(app))
        self.desk.sign_in("ann@example.org")
        self._add_notice()
        visitor = Visitor(in_process(app))
        answers = {**GOOD_ANSWERS, "name": "王小明 " + "Very-Long-Name" * 8}
        self.draft = visitor.post_form("/f/trip/start", {}).location
        dressed = visitor.open("/f/dressed")
        saved = visitor.hand_in(dressed, "/f/dressed", {"name": "Ann", "save-later": "1"})
        self.saved = saved.location.removesuffix("/link")
        self.tour_draft = visitor.post_form(f"{self.tour}/start", {}).location
        page = visitor.open("/f/job-application")
        papers = [("papers", "a file with a long name " * 8 + ".pdf", b"%PDF-1.7")]
        self.receipt = visitor.hand_in(page, "/f/job-application", answers, papers).location
        self._have_it_corrected(visitor)
        visitor.hand_in(visitor.open(self.links[0]), self.links[0], GOOD_ANSWERS)
        import_text(app, PERSONAL)
        import_text(app, PERSONAL.replace("homework-3", "secret").replace(*WITH_PASSCODE))
        app.extensions["intray.jobs"].run_due()
        with app.app_context(), unit_of_work() as session:
            values = {"email": "rita@example.org", "name": "Rita", "role": "editor"}
            self.invitation = invitations.invite(session, **values, now=now(), by=1)

    def _have_it_corrected(self, visitor: Visitor) -> None:
        """The desk asks twice; the sender corrects it after the first time."""
        self.correct = self.receipt.replace("?", "/correct?")
        ask = f"{FORM}/submissions/{self.receipt[3:12]}/correction"
        for name in ("王小明 " + "Very-Long-Other-Name" * 8, ""):
            values = {"text": "Please " + "sign-this-" * 40}
            assert self.desk.submit(self.desk.open(ask), ask, values).status == 303
            if name:
                page = visitor.open(self.correct)
                assert visitor.hand_in(page, self.correct, {"name": name}).status == 303

    def _add_notice(self) -> None:
        new = f"{FORM}/notices/new/mail"
        answer = self.desk.submit(self.desk.open(new), new, {"addresses": "office@example.org"})
        assert answer.status == 303, answer.text

    def _paths(self) -> list[str]:
        with self.app.app_context(), snapshot() as session:
            reference = session.scalars(
                select(Submission.reference).order_by(Submission.id)
            ).first()
            assert session.scalars(select(StoredFile.id)).all()
            notice = session.scalars(select(Notice.public_id)).one()
        field = re.findall(r'name="question" value="([^"]+)"', self.desk.open(f"{FORM}/edit").text)[
            0
        ]
        return [
            "/", "/login", f"/invitation?key={self.invitation}", "/f/job-application", "/f/dressed",
            self.saved, f"{self.saved}/link", self.tour, self.tour_draft, "/f/trip", "/f/school-trip",
            "/f/rihla", self.draft, f"{self.draft}/check", f"{self.draft}/link",
            urlsplit(self.receipt)._replace(netloc="").geturl(), self.correct,
            "/account", "/desk", "/desk?q=小明", FORM, f"{FORM}?q=小明", f"{FORM}?q=nothing",
            f"{FORM}?corrected=yes", f"{FORM}?asked=yes", f"{FORM}?late=yes",
            f"{FORM}/submissions/{reference}", f"{FORM}/submissions/{reference}/delete",
            f"{FORM}/submissions/{reference}/correction",
            f"{FORM}/submissions/{reference}/versions",
            f"{FORM}/edit", f"{FORM}/settings", f"{FORM}/look", f"{FORM}/preview", f"{FORM}/share",
            f"{FORM}/poster", f"{FORM}/delete", f"{FORM}/questions/{field}",
            f"{FORM}/questions/new/choices",
            f"{FORM}/notices", f"{FORM}/notices/deliveries", f"{FORM}/notices/{notice}",
            f"{FORM}/notices/{notice}/delete", f"{FORM}/notices/new/mail",
            f"{FORM}/notices/new/receipt", f"{FORM}/notices/new/webhook",
            *self.links, "/f/homework-3", "/f/secret", f"{FORM}/people", f"{FORM}/people/add",
            f"{FORM}/people/mail", f"{FORM}/people/cards", f"{FORM}/people/1", f"{FORM}/people/2",
            f"{FORM}/languages", "/desk/forms/school-trip/languages",
            "/desk/forms/school-trip/languages/zh",
            "/desk/forms/homework-3/people", "/desk/forms/homework-3/share",
            "/desk/forms/new", "/desk/users", "/desk/users/1", "/desk/settings/mail",
            "/desk/nothing-here",
        ]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Server]]:
    data = tmp_path_factory.mktemp("every-page") / "data"
    filled = Place(data)
    with Server(data=data) as server:
        yield filled, server


def test_no_page_is_left_out(place: tuple[Place, Server]) -> None:
    filled, _ = place
    addresses = filled.app.url_map.bind("localhost")
    seen = set()
    for path in filled.paths[:-1]:
        seen.add(addresses.match(urlsplit(path).path, "GET")[0])
    pages = {rule.endpoint for rule in filled.app.url_map.iter_rules() if "GET" in rule.methods}
    assert pages - NO_PAGES == seen


@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [*((size, scheme, "en-GB") for size, scheme in LOOKS), (*LOOKS[0], "zh-CN")],
)
def test_every_page_fits_and_is_accessible(
    browser: Browser,
    place: tuple[Place, Server],
    size: tuple[int, int],
    scheme: str,
    language: str,
) -> None:
    filled, server = place
    context = context_of(browser, size, scheme, locale=language)
    page = context.new_page()
    complaints = complaints_of(page)
    for path in filled.paths:
        if path == "/account":
            sign_in(page, server)
        page.goto(server.url + path)
        assert page.locator("html").get_attribute("lang") == language[:2]
        fits(page)
        is_accessible(page)
        if language == "zh-CN":  # the same page in the dark: there colours alone are others
            page.emulate_media(color_scheme="dark")
            is_accessible(page)
            page.emulate_media(color_scheme="light")
    assert complaints == []
    context.close()


def test_what_pages_say_along_the_way_fits_and_is_accessible(
    browser: Browser, place: tuple[Place, Server]
) -> None:
    _, server = place
    context = context_of(browser, PHONE, "light")
    page = context.new_page()
    complaints = complaints_of(page)
    sign_in(page, server)
    for state in states.STATES:
        state(page, server)
        fits(page)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            is_accessible(page)
    assert complaints == []
    context.close()


def test_a_page_may_not_run_what_somebody_wrote_into_it(
    browser: Browser, place: tuple[Place, Server]
) -> None:
    """The policy holds in the browser itself: neither a script nor a style in the page is applied."""
    _, server = place
    context = context_of(browser, LOOKS[0][0], "light")
    page = context.new_page()
    page.goto(f"{server.url}/login")
    page.evaluate(
        """() => {
            const script = document.createElement('script')
            script.textContent = 'window.ran = true'
            document.body.append(script)
            document.body.setAttribute('style', 'margin-top: 77px')
        }"""
    )
    assert page.evaluate("window.ran") is None
    assert page.evaluate("getComputedStyle(document.body).marginTop") != "77px"
    context.close()
