"""Filling in a form in a real browser, on a phone's screen and a PC's, in light and dark."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ..running import Server

pytestmark = pytest.mark.browser

PHONE, PC = (390, 844), (1280, 900)
FORM = "/f/job-application"
CV = {"name": "my cv.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 cv"}
LARGE = {"name": "large.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " * 10_000}

Scheme = Literal["light", "dark"]


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser of its own for a test; `@pytest.mark.parametrize("context", …, indirect=True)`."""
    wanted: dict[str, Any] = getattr(request, "param", {})
    context = browser.new_context(**wanted)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Iterator[Page]:
    """The open form; fails if the page or the browser's console complained by the end."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.url + FORM)
    yield page
    # Chromium reports each page that answers 422 as a resource that failed to load
    assert [text for text in complaints if "status of 422" not in text] == []


def looks() -> list[Any]:
    return [
        pytest.param(
            {
                "viewport": {"width": size[0], "height": size[1]},
                "color_scheme": scheme,
                "java_script_enabled": script,
            },
            id=f"{size[0]}-{scheme}-{'script' if script else 'noscript'}",
        )
        for size, scheme, script in [
            (PHONE, "light", False),
            (PHONE, "dark", True),
            (PC, "light", True),
            (PC, "dark", False),
        ]
    ]


@pytest.mark.parametrize("context", looks(), indirect=True)
def test_from_the_empty_form_over_mistakes_to_the_receipt(page: Page) -> None:
    fits(page)
    page.fill("[name=name]", "Ann Lee")
    page.fill("[name=email]", "nobody")
    page.fill("[name=years]", "3,5")
    page.check("[name=agreed]")
    page.set_input_files("input[type=file]", [CV, LARGE])
    page.click("p.hand-in button")
    too_large = page.get_by_role("button", name="Remove large.pdf")
    if too_large.count():  # JavaScript tells of it before anything is sent
        expect(page.get_by_role("alert")).to_contain_text("must be no larger than 64 KB")
        too_large.click()
        with page.expect_navigation():
            page.click("p.hand-in button")

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("There is a problem")
    assert page.title().startswith("Error: ")
    expect(page.locator("[name=years]")).to_have_value("3,5")
    expect(page.locator(".file")).to_contain_text("my cv.pdf")
    fits(page)
    page.get_by_role("link", name="Your e-mail address must be").click()
    expect(page.locator("[name=email]")).to_be_focused()
    expect(page.locator("[name=email]")).to_have_attribute("aria-invalid", "true")

    page.fill("[name=email]", "ann@example.org")
    page.check("[name=position] >> nth=1")
    page.click("p.hand-in button")
    expect(page.get_by_role("heading", level=1)).to_have_text("Received")
    expect(page.locator("main")).to_contain_text("Gärtner")
    expect(page.locator("main")).to_contain_text(hashlib.sha256(b"%PDF-1.7 cv").hexdigest())
    fits(page)


def fits(page: Page) -> None:
    """Nothing makes the page wider than the screen, and what is touched is large enough."""
    sizes = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert sizes[0] <= sizes[1]
    for control in page.locator("main button:visible, main input:visible").all():
        box = control.bounding_box()
        if box is None or box["width"] <= 1:
            continue  # for screen readers alone
        if control.get_attribute("type") not in ("checkbox", "radio"):  # their label is the target
            assert box["height"] >= 44, control.get_attribute("name")


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_a_kept_file_can_be_removed(page: Page) -> None:
    page.set_input_files("input[type=file]", [CV])
    page.click("p.hand-in button")
    page.get_by_role("button", name="Remove my cv.pdf").click()
    expect(page.get_by_role("status")).to_contain_text("my cv.pdf")
    expect(page.locator(".file")).to_have_count(0)


def test_enter_hands_in_and_never_removes_a_file(page: Page) -> None:
    page.set_input_files("input[type=file]", [CV])
    page.click("p.hand-in button")
    page.locator("[name=name]").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".file")).to_contain_text("my cv.pdf")


def test_back_from_the_receipt_still_has_what_was_typed(page: Page) -> None:
    page.fill("[name=name]", "Ann Lee")
    page.fill("[name=letter]", "Because\nI can.")
    page.fill("[name=email]", "ann@example.org")
    page.check("[name=agreed]")
    page.check("[name=position] >> nth=0")
    page.click("p.hand-in button")
    expect(page.locator(".reference")).to_be_visible()
    page.go_back()
    expect(page.locator("[name=name]")).to_have_value("Ann Lee")
    expect(page.locator("[name=letter]")).to_have_value("Because\nI can.")
    expect(page.locator("[name=position] >> nth=0")).to_be_checked()


def test_the_whole_form_can_be_filled_in_by_keyboard(page: Page) -> None:
    keyboard = page.keyboard
    page.locator("[name=name]").focus()
    keyboard.type("Ann Lee")
    for text in ("Because I can.", "ann@example.org", "12"):
        keyboard.press("Tab")
        keyboard.type(text)
    page.locator("[name=position]").first.focus()
    keyboard.press("ArrowDown")
    page.locator("[name=agreed]").focus()
    keyboard.press("Space")
    page.locator("p.hand-in button").focus()
    keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Received")


@pytest.mark.parametrize("context", [{"locale": "zh-CN"}], indirect=True)
def test_a_chinese_browser_is_spoken_to_in_chinese_and_can_switch(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("p.hand-in button")).to_have_text("Hand in")
