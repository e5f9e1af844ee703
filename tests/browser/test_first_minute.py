"""The first minute in a browser: from the link in the terminal to the first form's QR code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ..running import Server
from ..setup.test_link import link_in
from .looking import LOOKS, PC, PHONE, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Server]:
    """Intray as it is when it was just started for the first time."""
    with Server(data=tmp_path / "data") as server:
        yield server


def fill_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Ann Lee")
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_label("Time zone").select_option("Asia/Shanghai")
    page.get_by_role("radio", name="Everyone on this network").check()
    page.get_by_role("radio", name="Event registration").check()


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("size", [PHONE, PC])
def test_one_page_and_the_first_form_is_on_the_screen(
    size: tuple[int, int], javascript: bool, browser: Browser, new_server: Server
) -> None:
    context = context_of(browser, size, "light", java_script_enabled=javascript, locale="en-GB")
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(link_in(new_server.output))
    fill_in(page)
    page.get_by_role("button", name="Set up").last.click()
    expect(page.get_by_text("Your form is ready")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Event registration")
    code = page.locator("img[src*='qr.svg']")
    expect(code).to_be_visible()
    box = code.bounding_box()
    assert box is not None
    assert box["width"] >= 150
    assert complaints == []
    context.close()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_its_pages_fit_and_are_accessible(
    size: tuple[int, int], scheme: str, browser: Browser, new_server: Server
) -> None:
    context = context_of(browser, size, scheme, locale="en-GB")
    page = context.new_page()
    complaints = complaints_of(page)
    for address in (new_server.url + "/", new_server.url + "/setup", link_in(new_server.output)):
        page.goto(address)
        fits(page)
        is_accessible(page)
    page.get_by_role("button", name="Set up").last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    fits(page)
    is_accessible(page)
    assert complaints == []
    context.close()


def test_enter_sends_the_page_and_the_switch_keeps_what_was_typed(
    browser: Browser, new_server: Server
) -> None:
    context = context_of(browser, PC, "light", locale="en-GB")
    page = context.new_page()
    page.goto(link_in(new_server.output))
    fill_in(page)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    expect(page.locator("#f-email")).to_have_value("ann@example.org")
    expect(page.locator("#f-time_zone")).to_have_value("Asia/Shanghai")
    expect(page.locator("[name=reach][value=network]")).to_be_checked()
    page.locator("#f-password").fill("correct horse battery")
    page.locator("#f-name").press("Enter")
    page.wait_for_url("**/share")
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    context.close()
