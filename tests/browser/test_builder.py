"""The builder's pages in a real browser: on a phone and on a PC, light and dark, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from webapp.config import load

from ..conftest import import_text, running_app
from ..desk import PASSWORD, add_user
from ..forms_in_toml import EVERY_KIND
from ..running import Server
from .looking import LOOKS, PC, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser

TOP = "/desk/forms/job-application"


@pytest.fixture
def desk_server(tmp_path: Path) -> Iterator[Server]:
    """A server with a form that has a field of each kind, and an owner of its desk."""
    data = tmp_path / "data"
    for app in running_app(load({"data": str(data)}, {})):
        import_text(app, EVERY_KIND)
        add_user(app, "owner", "ann@example.org")
    with Server(data=data) as server:
        yield server


def signed_in(page: Page, server: Server, path: str) -> None:
    page.goto(f"{server.url}/login?next={path}")
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(f"{server.url}{path}")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_page_fits_and_is_accessible(
    browser: Browser, desk_server: Server, tmp_path: Path, size: tuple[int, int], scheme: str
) -> None:
    context = context_of(browser, size, scheme)
    page = context.new_page()
    complaints = complaints_of(page)
    signed_in(page, desk_server, f"{TOP}/edit")
    question = page.locator("button[name=question]").first.get_attribute("value")
    paths = ["edit", "settings", "share", "poster", "preview", "delete"]
    paths += [f"questions/{question}", "questions/new/choice"]
    for path in ["/desk/forms/new", *(f"{TOP}/{path}" for path in paths)]:
        page.goto(desk_server.url + path)
        page.screenshot(path=tmp_path / f"{path.replace('/', '_')}.png", full_page=True)
        fits(page)
        is_accessible(page)
    assert complaints == []
    context.close()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_form_is_made_by_keyboard_alone(
    browser: Browser, desk_server: Server, has_scripts: bool
) -> None:
    context = context_of(browser, PC, "light", java_script_enabled=has_scripts)
    page = context.new_page()
    signed_in(page, desk_server, "/desk/forms/new")
    page.get_by_label("Title").fill("Lost and found")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/forms/lost-and-found/edit#questions")
    page.get_by_label("Introduction").fill("What have you **lost**?")
    page.get_by_role("button", name="Several from a list").press("Enter")
    page.wait_for_url("**/questions/new/choices")
    page.get_by_label("Question").fill("What is it?")
    page.get_by_role("button", name="Add the question").press("Enter")
    assert "There is a problem" in page.inner_text("main")
    page.get_by_label("Choices", exact=True).fill("Umbrella\nKeys")
    page.get_by_label("Must be answered").press("Space")
    page.get_by_role("button", name="Add the question").press("Enter")
    page.wait_for_url("**/edit#question-*")
    assert page.get_by_label("Introduction").input_value() == "What have you **lost**?"
    page.get_by_role("button", name="Publish and open").press("Enter")
    page.goto(f"{desk_server.url}/f/lost-and-found")
    assert page.get_by_label("Umbrella").is_visible()
    context.close()
