"""The inbox in a real browser: on a phone and on a PC, light and dark, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from webapp.config import load
from webapp.forms.tables import Form

from ..conftest import import_text, running_app
from ..desk import PASSWORD, add_user
from ..forms_in_toml import EVERY_KIND, HOMEWORK
from ..running import Server
from ..submissions.handing_in import hand_in
from .looking import LOOKS, PC, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser

TOP = "/desk/forms/homework-3"
LONG = "Bartholomäus-Maximilian von und zu Donaudampfschifffahrtsgesellschaft"
NAMES = ["Ann Lee", "王小明", "عمر", LONG, "", "x" * 150]
FILES = [("Essay über ein sehr langes Thema mit einem langen Namen " * 3 + ".pdf", b"%PDF")]


class Office:
    """A server with two forms, and the application in this process that hands in to it."""

    def __init__(self, app: Flask, server: Server, form: Form) -> None:
        self._app = app
        self._form = form
        self.server = server

    def hand_in(self, name: str) -> str:
        """The path of the submission at the desk."""
        answers = {"name": name} if name else {}
        return f"{TOP}/submissions/{hand_in(self._app, self._form, answers, FILES).reference}"

    def sign_in(self, context: BrowserContext, path: str) -> Page:
        page = context.new_page()
        page.goto(f"{self.server.url}/login?next={path}")
        page.get_by_label("E-mail address").fill("owner@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Password").press("Enter")
        page.wait_for_url(f"{self.server.url}{path}")
        return page


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    data = tmp_path / "data"
    for app in running_app(load({"data": str(data)}, {})):
        import_text(app, EVERY_KIND)
        form = import_text(app, HOMEWORK.replace("max_length = 200", ""))
        add_user(app, "owner")
        with Server(data=data) as server:
            yield Office(app, server, form)


@pytest.mark.parametrize("path", ["/desk", TOP])
def test_a_page_left_open_says_when_nobody_is_signed_in_any_more(
    browser: Browser, office: Office, path: str
) -> None:
    context = context_of(browser, PC, "light")
    office.hand_in("Ann Lee")
    page = office.sign_in(context, path)
    context.clear_cookies()
    wake(page)
    expect(page.get_by_text("You are signed out")).to_be_visible()
    is_accessible(page)
    context.close()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_page_fits_and_is_accessible(
    browser: Browser, office: Office, tmp_path: Path, size: tuple[int, int], scheme: str
) -> None:
    context = context_of(browser, size, scheme)
    paths = [office.hand_in(NAMES[n % len(NAMES)]) for n in range(60)]
    page = office.sign_in(context, "/desk")
    complaints = complaints_of(page)
    own = [TOP, f"{TOP}?at=last", f"{TOP}?order=name", f"{TOP}?q=ann", f"{TOP}?q=nobody"]
    more = [paths[1], paths[3], paths[4], paths[3] + "/delete", "/desk/forms/job-application"]
    for number, path in enumerate(["/desk", *own, "/desk?q=ann", *more]):
        page.goto(office.server.url + path)
        page.screenshot(path=tmp_path / f"{number:02}-{size[0]}-{scheme}.png", full_page=True)
        fits(page)
        is_accessible(page)
    assert complaints == []
    context.close()


def wake(page: Page) -> None:
    """As if the reader came back to the tab: what is new is asked for at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_comes_in_shows_up_without_a_reload(browser: Browser, office: Office) -> None:
    context = context_of(browser, PC, "light")
    page = office.sign_in(context, TOP)
    complaints = complaints_of(page)
    expect(page.get_by_text("Nothing was handed in yet")).to_be_visible()
    for number, name in enumerate(["Ann Lee", "王小明"], start=1):
        office.hand_in(name)
        wake(page)
        first = page.locator("tbody tr").first
        expect(first).to_contain_text(name)
        expect(first.get_by_text("New", exact=True)).to_be_visible()
        expect(page.locator("[data-total]")).to_have_text(str(number))
        expect(page.get_by_role("status")).to_have_text("1 new submission")
    expect(page.get_by_text("Nothing was handed in yet")).to_be_hidden()
    expect(page.locator("tbody tr")).to_have_count(2)
    assert complaints == []
    context.close()


def test_the_overview_s_counts_follow_and_the_focus_stays(browser: Browser, office: Office) -> None:
    context = context_of(browser, PC, "light")
    page = office.sign_in(context, "/desk")
    page.get_by_role("link", name="Homework 3", exact=True).focus()
    office.hand_in("Ann Lee")
    wake(page)
    row = page.locator("tbody tr", has_text="Homework 3")
    expect(row.locator("strong")).to_have_text("1")
    expect(page.get_by_role("link", name="Homework 3", exact=True)).to_be_focused()
    context.close()


def test_a_submission_is_found_read_and_deleted_without_scripts(
    browser: Browser, office: Office
) -> None:
    context = context_of(browser, PC, "light", java_script_enabled=False)
    office.hand_in("Ann Lee")
    office.hand_in("王小明")
    page = office.sign_in(context, "/desk")
    page.get_by_label("Search all submissions").fill("小明")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="王小明").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Essay über").click()
    assert download.value.suggested_filename.startswith("Essay über ein sehr langes")
    assert download.value.suggested_filename.endswith(".pdf")
    assert download.value.path().read_bytes() == b"%PDF"
    page.get_by_role("link", name="Delete this submission").click()
    page.get_by_role("button", name="Delete for good").click()
    page.wait_for_url(f"{office.server.url}{TOP}")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_text("is deleted")).to_be_visible()
    context.close()
