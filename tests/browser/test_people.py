"""Personal links in a real browser: a list is added, one person hands in on a phone, the desk sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from webapp.config import load

from ..conftest import import_text, running_app
from ..desk import PASSWORD, add_user
from ..invited.inviting import PERSONAL, invite
from ..running import Server
from .looking import PC, PHONE, complaints_of, context_of

pytestmark = pytest.mark.browser

PEOPLE = "/desk/forms/homework-3/people"


def test_from_a_list_of_names_to_who_is_missing(browser: Browser, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for app in running_app(load({"data": str(data)}, {})):
        import_text(app, PERSONAL)
        add_user(app, "owner", "ann@example.org")
    essay = tmp_path / "essay.pdf"
    essay.write_bytes(b"%PDF-1.7 " + b"x" * 300_000)
    with Server("--access-log", "access.log", data=data) as server:
        desk = context_of(browser, PC, "light").new_page()
        complaints = complaints_of(desk)
        desk.goto(f"{server.url}/login?next={PEOPLE}")
        desk.fill("[name=email]", "ann@example.org")
        desk.fill("[name=password]", PASSWORD)
        desk.keyboard.press("Enter")
        desk.get_by_role("link", name="Add people").first.click()
        desk.get_by_label("List of names").fill("Anna Schmidt, anna@example.org\nBen Wang")
        desk.get_by_role("button", name="Check the list").click()
        desk.get_by_role("button", name="Add them").click()
        desk.get_by_role("link", name="Anna Schmidt").click()
        link = desk.locator("#link").inner_text()

        phone = context_of(browser, PHONE, "light").new_page()
        told = complaints_of(phone)
        phone.goto(link)
        expect(phone.get_by_text("For Anna Schmidt")).to_be_visible()
        phone.set_input_files("input[type=file]", essay)
        expect(phone.locator('input[value^="upload:"]')).to_have_count(1)  # it came ahead
        phone.get_by_role("button", name="Hand in").last.click()
        expect(phone.get_by_role("heading", name="Received")).to_be_visible()
        phone.goto(link)
        expect(phone.get_by_role("heading", name="This was handed in")).to_be_visible()

        desk.goto(f"{server.url}{PEOPLE}?show=missing")
        expect(desk.get_by_role("link", name="Ben Wang")).to_be_visible()
        expect(desk.get_by_role("link", name="Anna Schmidt")).to_have_count(0)
        assert complaints == told == []
    token = link.rsplit("/", 1)[1]
    logged = next(data.rglob("access.log")).read_text()
    assert "/p/" in logged
    assert token not in logged


def test_without_javascript_files_go_along_with_a_personal_link(
    browser: Browser, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for app in running_app(load({"data": str(data)}, {})):
        path = invite(app, import_text(app, PERSONAL), "Anna")["Anna"]
    essay = tmp_path / "essay.pdf"
    essay.write_bytes(b"%PDF-1.7 " + b"x" * 3_000_000)  # more than a desk form may bring
    with Server(data=data) as server:
        page = context_of(browser, PHONE, "light", java_script_enabled=False).new_page()
        page.goto(server.url + path)
        page.set_input_files("input[type=file]", essay)
        page.get_by_role("button", name="Hand in").last.click()
        expect(page.get_by_role("heading", name="Received")).to_be_visible()
    assert [p.name for p in (data / "files").rglob("*.pdf")] == ["essay.pdf"]
