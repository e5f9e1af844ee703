"""A form of one page, saved and gone on with on another device: with JavaScript and without."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from ..invited.inviting import PERSONAL
from ..running import Server
from .looking import PC, PHONE, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser

ESSAY: Any = {"name": "essay.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " * 99}


@pytest.fixture(scope="module")
def homework(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("later")
    form = PERSONAL.replace('access = "personal"', "save_later = true")
    (folder / "form.toml").write_text(form, encoding="utf-8")
    Server.command("form", "import", folder / "form.toml", data=folder / "data")
    with Server(data=folder / "data") as server:
        yield server


@pytest.mark.parametrize(("size", "has_scripts"), [(PHONE, True), (PHONE, False), (PC, True)])
def test_it_is_saved_and_handed_in_elsewhere(
    browser: Browser, homework: Server, tmp_path: Path, size: tuple[int, int], has_scripts: bool
) -> None:
    folder = Path(os.environ.get("PICTURES", tmp_path))
    context = context_of(browser, size, "light", java_script_enabled=has_scripts)
    page = context.new_page()
    complaints = complaints_of(page)

    def look(name: str) -> None:
        page.screenshot(path=folder / f"later-{name}-{size[0]}-{has_scripts}.png", full_page=True)
        if has_scripts:
            fits(page)
            is_accessible(page)

    page.goto(f"{homework.url}/f/homework-3")
    page.get_by_label("How many words").fill("many")
    page.locator("input[type=file]").set_input_files(ESSAY)
    look("1-form")
    with page.expect_navigation():
        page.get_by_role("button", name="Save and continue later").click()
    expect(page.get_by_role("heading", name="Your answers are saved")).to_be_visible()
    look("2-saved")
    link = page.locator(".private-link").inner_text()
    page.goto(f"{homework.url}/f/homework-3")  # whoever comes next begins afresh
    expect(page.get_by_label("How many words")).to_have_value("")
    expect(page.locator("main")).not_to_contain_text("essay.pdf")
    page.goto(link)
    look("3-again")
    other = context_of(browser, PHONE, "dark", java_script_enabled=has_scripts)
    elsewhere = other.new_page()
    elsewhere.goto(link)
    expect(elsewhere.locator("#f-essay-question")).to_contain_text("essay.pdf")
    expect(elsewhere.get_by_label("How many words")).to_have_value("many")
    elsewhere.get_by_label("How many words").fill("500")
    with elsewhere.expect_navigation():
        elsewhere.get_by_role("button", name="Hand in", exact=True).last.click()
    expect(elsewhere.locator(".reference")).to_be_visible()
    expect(elsewhere.locator("main")).to_contain_text("essay.pdf")
    other.close()
    context.close()
    assert complaints == []
