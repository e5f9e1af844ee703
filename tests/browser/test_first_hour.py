"""A newcomer's first hour in a browser: a form made by hand, handed in from a phone, found in the inbox,
exported, shared with a colleague who may not do everything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ..desk import PASSWORD
from ..running import Server
from .looking import PC, PHONE
from .somebody import Somebody, set_up

pytestmark = pytest.mark.browser

PHOTO = {"name": "假条 photo.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 a note"}


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Server]:
    with Server(data=tmp_path / "data") as server:
        yield server


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "noscript"])
def test_a_newcomers_first_hour(browser: Browser, new_server: Server, javascript: bool) -> None:
    owner = Somebody(browser, PC, javascript=javascript)
    set_up(owner, new_server)
    link = _make_a_form(owner)
    owner.follow("Submissions")
    expect(owner.page.get_by_role("heading", name="Nothing was handed in yet")).to_be_visible()
    owner.look()
    parent = Somebody(browser, PHONE, javascript=javascript)
    reference = _hand_in(parent, link)
    parent.leave()
    _find(owner, reference, javascript=javascript)
    _export(owner, reference)
    colleague = Somebody(browser, PHONE, javascript=javascript)
    _invite(owner, colleague)
    _is_denied(colleague, new_server, reference)
    colleague.leave()
    owner.press("Sign out")
    expect(owner.page.get_by_role("heading", name="Sign in")).to_be_visible()
    owner.look()
    owner.leave()


def _make_a_form(owner: Somebody) -> str:
    """Makes a form from nothing, and gives its link."""
    page = owner.page
    owner.follow("Forms")
    owner.look()
    owner.follow("New form")
    owner.look()
    page.get_by_label("Title").fill("Absence")
    owner.press("Make a draft")
    for kind, label in (("One line of text", "Who is absent?"), ("Files", "A note")):
        with page.expect_navigation():
            page.get_by_role("button", name=kind).click()
        owner.look()
        page.get_by_label("Question", exact=True).fill(label)
        page.get_by_role("checkbox", name="Must be answered").check()
        owner.press("Add the question")
    expect(page.locator(".question-label")).to_have_text(["Who is absent?", "A note"])
    owner.look()
    owner.press("Publish and open")
    owner.follow("Share")
    owner.look()
    href = page.locator(".private-link a").get_attribute("href")
    assert href is not None
    return href


def _hand_in(parent: Somebody, link: str) -> str:
    page = parent.page
    page.goto(link)
    parent.look()
    page.get_by_label("Who is absent?").fill("王小明")
    page.get_by_label("A note").set_input_files([PHOTO])
    parent.press("Hand in")
    expect(page.get_by_role("heading", name="Received")).to_be_visible()
    parent.look()
    return page.locator(".reference").inner_text()


def _find(owner: Somebody, reference: str, *, javascript: bool) -> None:
    """With JavaScript the open inbox shows it by itself."""
    page = owner.page
    if not javascript:
        page.reload()
    expect(page.get_by_text(reference)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("New", exact=True)).to_be_visible()
    owner.look()
    page.get_by_role("searchbox").fill("小明")
    owner.press("Search")
    expect(page.get_by_text(reference)).to_be_visible()
    owner.look()
    owner.follow("王小明")
    expect(page.get_by_role("heading", name="王小明")).to_be_visible()
    owner.look()
    file = owner.fetch("假条 photo.pdf")
    assert Path(file.path()).read_bytes() == PHOTO["buffer"]
    assert file.suggested_filename == PHOTO["name"]
    owner.follow("Absence")


def _export(owner: Somebody, reference: str) -> None:
    text = Path(owner.fetch("Export as CSV").path()).read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][0] == reference
    assert "王小明" in rows[1]


def _invite(owner: Somebody, colleague: Somebody) -> None:
    page = owner.page
    owner.follow("Users")
    owner.look()
    page.get_by_label("Name").fill("Rita Reader")
    page.get_by_label("E-mail address").fill("rita@example.org")
    page.get_by_role("radio", name="Reviewer").check()
    owner.press("Make a link")
    owner.look()
    link = page.locator(".private-link").inner_text()
    colleague.page.goto(link)
    colleague.look()
    colleague.page.get_by_label("Password").fill(PASSWORD)
    colleague.press("Make my account")


def _is_denied(colleague: Somebody, server: Server, reference: str) -> None:
    """A reviewer reads, and finds nothing that would change anything."""
    page = colleague.page
    colleague.look()
    expect(page.get_by_role("link", name="New form")).to_have_count(0)
    expect(page.get_by_role("link", name="Users")).to_have_count(0)
    colleague.follow("Absence")
    colleague.look()
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    colleague.follow("王小明")
    expect(page.get_by_text(reference)).to_be_visible()
    expect(page.get_by_text("Delete")).to_have_count(0)
    colleague.look()
    for path in ("/desk/users", "/desk/forms/new", "/desk/settings/mail"):
        page.goto(server.url + path)
        expect(page.get_by_role("heading", name="This is not for you")).to_be_visible()
    colleague.look()
