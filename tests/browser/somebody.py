"""Somebody at a browser, who looks at every page that they come to."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Download, Page, expect

from ..desk import PASSWORD
from ..running import Server
from ..setup.test_link import link_in
from .looking import complaints_of, context_of, fits, is_accessible


class Somebody:
    """A person with a browser; every page that they look at fits and is accessible."""

    def __init__(self, browser: Browser, size: tuple[int, int], *, javascript: bool) -> None:
        self._javascript = javascript
        self.context: BrowserContext = context_of(
            browser, size, "light", java_script_enabled=javascript, locale="en-GB"
        )
        self.page: Page = self.context.new_page()
        self.complaints = complaints_of(self.page)

    def look(self) -> None:
        fits(self.page)
        if self._javascript:
            is_accessible(self.page)

    def press(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).last.click()

    def follow(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()

    def fetch(self, name: str) -> Download:
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=name).first.click()
        return download.value

    def leave(self) -> None:
        self.context.close()
        assert self.complaints == []


def set_up(owner: Somebody, server: Server) -> None:
    """Follows the link on the console, and begins with the first form that is offered."""
    page = owner.page
    page.goto(link_in(server.output))
    page.get_by_label("Your name").fill("Ann Lee")
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("radio", name="Only this computer").check()
    owner.press("Set up")
    expect(page.get_by_text("Your form is ready")).to_be_visible()
    owner.look()
