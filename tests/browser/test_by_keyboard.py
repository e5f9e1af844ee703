"""The main job by keyboard alone, and what a screen reader reads of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from webapp.config import load

from ..conftest import import_text, running_app
from ..desk import PASSWORD, add_user
from ..forms_in_toml import HOMEWORK
from ..running import Server
from .looking import PC, complaints_of, context_of

pytestmark = pytest.mark.browser

MOST_STEPS = 120  # from one end of the longest page to the other


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    for app in running_app(load({"data": str(data)}, {})):
        import_text(app, HOMEWORK)
        add_user(app, "owner", "ann@example.org")
    with Server(data=data) as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = context_of(browser, PC, "light", locale="en-GB")
    page = context.new_page()
    complaints = complaints_of(page)
    yield page
    context.close()
    assert complaints == []


def go_to(page: Page, what: str) -> None:
    """Presses Tab until what has the focus is that: its role and name, as `button "Save"`."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        here = page.locator(":focus")
        if here.count() and what in here.aria_snapshot():
            assert here.evaluate("e => getComputedStyle(e).outlineStyle") != "none", what
            return
    raise AssertionError(f"Tab does not lead to {what} on {page.url}")


def write(page: Page, what: str, text: str) -> None:
    go_to(page, what)
    page.keyboard.type(text)


def press(page: Page, what: str) -> None:
    go_to(page, what)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_whole_main_job(page: Page, server: Server) -> None:
    page.goto(server.url + "/login")
    write(page, 'textbox "E-mail address"', "ann@example.org")
    write(page, 'textbox "Password"', PASSWORD)
    press(page, 'button "Sign in"')
    press(page, 'link "New form"')
    write(page, 'textbox "Title"', "Absence")
    press(page, 'button "Make a draft"')
    for kind, question in (("One line of text", "Who?"), ("Consent", "I have told the teacher.")):
        press(page, f'button "{kind}')
        write(page, 'textbox "Question"', question)
        press(page, 'button "Add the question"')
    press(page, 'button "Publish and open"')
    press(page, 'link "Share"')
    link = page.locator(".private-link a").get_attribute("href")
    assert link is not None
    page.goto(link)
    write(page, 'textbox "Who?', "Ben")
    go_to(page, 'checkbox "I have told the teacher.')
    page.keyboard.press("Space")
    press(page, 'button "Hand in"')
    reference = page.locator(".reference").inner_text()
    page.goto(server.url + "/desk")
    press(page, 'link "Absence"')
    press(page, 'link "Ben"')
    expect(page.get_by_text(reference)).to_be_visible()


def test_what_is_wrong_is_read_first_and_leads_to_its_place(page: Page, server: Server) -> None:
    page.goto(server.url + "/f/homework-3")
    press(page, 'button "Hand in"')
    assert page.title().startswith("Error: ")
    expect(page.locator(".problems")).to_be_focused()
    problem = "Your name: please write an answer"
    expect(page.locator("main")).to_match_aria_snapshot(f"""
        - alert:
          - heading "There is a problem" [level=2]
          - list:
            - listitem:
              - 'link "{problem}"'
        - heading "Homework 3" [level=1]
        - paragraph
        - text: Your name
        - paragraph: "Error: {problem}"
        - textbox "Your name" [invalid]
        - status
        - text: Your essay (optional)
        - paragraph: Up to 3 files of up to 1 MB each
        - paragraph: "Allowed types: .pdf, .docx"
    """)
    there = page.get_by_role("link", name=problem)
    go_to(page, f'link "{problem}"')
    expect(there).to_be_focused()
    page.keyboard.press("Enter")
    name = page.get_by_role("textbox", name="Your name")
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description(f"Error: {problem}")
    assert name.get_attribute("aria-invalid") == "true"
