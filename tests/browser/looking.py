"""What every page must pass when it is looked at: it fits, it is accessible, the console is silent."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from ..desk import PASSWORD
from ..running import Server

PHONE, PC = (390, 844), (1280, 900)
LOOKS = [(PHONE, "light"), (PHONE, "dark"), (PC, "light"), (PC, "dark")]

_axe = Axe()


def context_of(browser: Browser, size: tuple[int, int], scheme: Any, **more: Any) -> BrowserContext:
    """A browser of its own, with a screen of that size."""
    width, height = size
    viewport: Any = {"width": width, "height": height}
    return browser.new_context(viewport=viewport, color_scheme=scheme, **more)


def complaints_of(page: Page) -> list[str]:
    """What the browser complains of from now on; the list grows. (Chromium reports each answer of 4xx
    as a resource that failed to load: that is no complaint.)"""
    complaints: list[str] = []

    def on_console(message: Any) -> None:
        if (
            message.type in ("error", "warning")
            and "responded with a status of 4" not in message.text
        ):
            complaints.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def fits(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => e.outerHTML.slice(0, 200))"""
    )
    too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not too_wide, (page.url, wide[:3])


def is_accessible(page: Page) -> None:
    """axe finds nothing that breaks WCAG 2.2 A or AA."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": tags, "resultTypes": ["violations"]}
    violations = _axe.run(page, options=options).response["violations"]
    told = [
        (v["id"], v["help"], [node["html"][:200] for node in v["nodes"][:3]]) for v in violations
    ]
    assert told == [], page.url


def sign_in(page: Page, server: Server, email: str = "ann@example.org") -> None:
    """Signs in to the desk, in a language that need not be English."""
    page.goto(f"{server.url}/login")
    page.locator("#f-email").fill(email)
    page.locator("#f-password").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("#f-password").press("Enter")
