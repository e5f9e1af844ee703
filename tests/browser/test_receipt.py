"""The receipt in a real browser: it is printed, saved and copied by buttons."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from ..forms_in_toml import GOOD_ANSWERS
from ..running import Server
from ..visitor import Visitor, over_http
from .looking import PHONE, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser

COUNTS_PRINTING = "window.printed = 0; window.print = () => (window.printed += 1)"


@pytest.fixture
def receipt(server: Server) -> str:
    """The address of a receipt."""
    visitor = Visitor(over_http(server.url))
    page = visitor.open("/f/job-application")
    return server.url + visitor.hand_in(page, "/f/job-application", GOOD_ANSWERS).location


def test_a_receipt_is_printed_and_its_reference_copied(browser: Browser, receipt: str) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    context = context_of(browser, PHONE, "light", permissions=permissions)
    page = context.new_page()
    complaints = complaints_of(page)
    page.add_init_script(COUNTS_PRINTING)
    page.goto(receipt)
    page.get_by_role("button", name="Print or save this page").click()
    assert page.evaluate("printed") == 1
    page.get_by_role("button", name="Copy the reference").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    reference = page.locator("#reference").inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == reference
    fits(page)
    is_accessible(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("button")).to_have_count(0)
    assert complaints == []
    context.close()


def test_without_javascript_there_is_no_button_that_does_nothing(
    browser: Browser, receipt: str
) -> None:
    context = context_of(browser, PHONE, "light", java_script_enabled=False)
    page = context.new_page()
    page.goto(receipt)
    expect(page.get_by_text("save or print this page")).to_be_visible()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    context.close()
