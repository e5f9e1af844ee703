"""The pages of notices in a browser: from the mail server to the log of deliveries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from ..conftest import import_text
from ..desk import PASSWORD, add_user
from ..forms_in_toml import EVERY_KIND
from ..notices.conftest import SLUG, School
from ..notices.receivers import Inbox, Receiver, mail_server, receiver
from ..running import Server, poll
from ..visitor import Visitor, over_http
from .looking import LOOKS, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser
LIST = f"/desk/forms/{SLUG}/notices"


class Office:
    """A school with its server, a mail server, and a program that takes nothing."""

    def __init__(self, school: School, server: Server, mail_port: int, program: Receiver) -> None:
        self.school = school
        self.server = server
        self.mail_port = mail_port
        self.program = program

    def sign_in(self, page: Page) -> None:
        page.goto(self.server.url + "/login")
        page.get_by_label("E-mail address").fill("owner@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/desk*")


@pytest.fixture
def office(sqlite_app: Flask) -> Iterator[Office]:
    form = import_text(sqlite_app, EVERY_KIND)
    add_user(sqlite_app, "owner")
    with (
        mail_server(Inbox(refusals={"gone@school.example": "550 No such user here"})) as port,
        receiver(lambda call, number: (500, b"<h1>not today</h1>", {})) as program,
        Server(data=sqlite_app.config["INTRAY"].data) as server,
    ):
        school = School(sqlite_app, Visitor(over_http(server.url)), form)
        yield Office(school, server, port, program)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_submission_is_passed_on_as_somebody_has_set_it(
    office: Office, browser: Browser, javascript: bool
) -> None:
    context = context_of(browser, LOOKS[0][0], "light", java_script_enabled=javascript)
    page = context.new_page()
    complaints = complaints_of(page)
    office.sign_in(page)
    page.goto(office.server.url + LIST)
    page.get_by_role("link", name="Set up the mail server").click()
    page.get_by_role("textbox", name="Server").fill("127.0.0.1")
    page.get_by_role("radio", name="None Usually").check()
    page.get_by_role("textbox", name="Port").fill(str(office.mail_port))
    page.get_by_label("Sender’s address").fill("office@school.example")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Send a test mail").click()
    expect(page.get_by_role("status")).to_contain_text("has taken a test mail")
    page.goto(office.server.url + LIST)
    page.get_by_role("link", name="E-mail to people").click()
    page.get_by_label("E-mail addresses").fill("head@school.example")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("table")).to_contain_text("head@school.example")
    reference = office.school.hand_in()
    poll(lambda: [d.state for d in office.school.deliveries()] == ["delivered"], "the mail")
    page.get_by_role("link", name="Deliveries").click()
    expect(page.get_by_role("row", name=reference)).to_contain_text("Delivered")
    page.get_by_role("button", name="Deliver again").click()
    expect(page.get_by_role("status")).to_contain_text("It is delivered again.")
    assert complaints == []
    context.close()


def test_its_pages_fit_and_are_accessible(office: Office, browser: Browser) -> None:
    school = office.school
    school.mail_by(office.mail_port)
    school.tell("head@school.example", "gone@school.example", user_ids=(1,))
    school.send_receipts()
    school.call(office.program.url)
    school.hand_in()
    poll(lambda: {d.attempts > 0 for d in school.deliveries()} == {True}, "a try of each")
    for size, scheme in LOOKS:
        context = context_of(browser, size, scheme)
        page = context.new_page()
        complaints = complaints_of(page)
        office.sign_in(page)
        page.goto(office.server.url + LIST)
        notices = page.locator("tbody th a")
        paths = [notices.nth(n).get_attribute("href") or "" for n in range(notices.count())]
        assert len(paths) == 3
        more = [f"{paths[0]}/delete", f"{LIST}/deliveries", "/desk/settings/mail"]
        for path in [LIST, *paths, *more]:
            page.goto(office.server.url + path)
            for summary in page.locator("summary").all():
                summary.click()
            fits(page)
            is_accessible(page)
        page.get_by_role("textbox", name="Server").fill("a b")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_visible()
        is_accessible(page)
        assert complaints == []
        context.close()
