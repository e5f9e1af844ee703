"""A form of several pages on a phone: with JavaScript and without, to the receipt, and by its link from
another device."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ..forms_with_rules import TRIP
from ..running import Server
from .looking import LOOKS, PC, PHONE, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser

NOTE: Any = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"She cannot eat nuts."}


@pytest.fixture(scope="module")
def trip_server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "form.toml").write_text(TRIP, encoding="utf-8")
    Server.command("form", "import", folder / "form.toml", data=folder / "data")
    with Server(data=folder / "data") as server:
        yield server


def look_at(page: Page, folder: Path, name: str) -> None:
    page.wait_for_load_state()
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    fits(page)
    is_accessible(page)


def go_on(page: Page) -> None:
    with page.expect_navigation():
        page.locator("p.hand-in button").click()


@pytest.mark.parametrize(
    ("size", "scheme", "has_scripts"),
    [(*LOOKS[0], True), (*LOOKS[1], False), (PC, "light", True), (PC, "dark", True)],
)
def test_a_form_is_filled_in_page_by_page(
    browser: Browser,
    trip_server: Server,
    tmp_path: Path,
    size: tuple[int, int],
    scheme: str,
    has_scripts: bool,
) -> None:
    folder = Path(os.environ.get("PICTURES", tmp_path))
    context = context_of(browser, size, scheme, java_script_enabled=has_scripts)
    page = context.new_page()
    complaints = complaints_of(page)

    def look(name: str) -> None:
        if has_scripts:
            look_at(page, folder, f"{name}-{size[0]}-{scheme}")
        else:
            page.screenshot(path=folder / f"{name}-{size[0]}-{scheme}.png", full_page=True)

    page.goto(f"{trip_server.url}/f/trip")
    look("1-start")
    go_on(page)
    go_on(page)
    expect(page.locator("main > .problems")).to_contain_text("Will you come: please choose one")
    look("2-wrong")
    page.get_by_label("Yes", exact=True).check()
    go_on(page)
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()
    page.get_by_label("How many are you?").fill("1")
    page.get_by_label("Nuts").check()
    page.locator("#f-nuts-question input[type=file]").set_input_files(NOTE)
    look("3-page")
    with page.expect_navigation():  # on, and not back
        page.get_by_label("How many are you?").press("Enter")
    expect(page.get_by_text("Page 3 of 3")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("How many are you?")).to_have_value("1")
    expect(page.locator("#f-nuts-question")).to_contain_text("note.txt")
    page.reload()
    expect(page.get_by_label("How many are you?")).to_have_value("1")
    go_on(page)
    go_on(page)
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    look("4-check")
    page.get_by_role("link", name="Continue on another device").click()
    look("5-link")
    link = page.locator(".private-link").inner_text()
    other = context_of(browser, PHONE, "light", java_script_enabled=has_scripts)
    elsewhere = other.new_page()
    elsewhere.goto(link)
    expect(elsewhere.get_by_text("Page 3 of 3")).to_be_visible()
    go_on(elsewhere)
    go_on(elsewhere)
    expect(elsewhere.locator(".reference")).to_be_visible()
    expect(elsewhere.locator("main")).to_contain_text("note.txt")
    page.goto(link)
    expect(page.get_by_role("heading", name="You have already handed this in")).to_be_visible()
    look("6-gone")
    other.close()
    context.close()
    assert complaints == []
