"""A teacher makes a form from a template and gives each pupil a link; one hands in and corrects it, and
the desk shows who is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ..running import Server
from .looking import PC, PHONE
from .somebody import Somebody, set_up

pytestmark = pytest.mark.browser

ESSAY = {"name": "Aufsatz.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 an essay"}


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Server]:
    with Server(data=tmp_path / "data") as server:
        yield server


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "noscript"])
def test_who_has_handed_in_and_who_is_missing(
    browser: Browser, new_server: Server, javascript: bool
) -> None:
    teacher = Somebody(browser, PC, javascript=javascript)
    set_up(teacher, new_server)  # which begins with the homework form
    link = _invite(teacher)
    pupil = Somebody(browser, PHONE, javascript=javascript)
    reference = _hand_in(pupil, link)
    _correct(pupil, reference)
    pupil.page.goto(link)
    expect(pupil.page.get_by_text(reference)).to_be_visible()  # and no second hand-in
    expect(pupil.page.get_by_role("button", name="Hand in")).to_have_count(0)
    pupil.look()
    pupil.leave()
    _see_who_is_missing(teacher, reference)
    teacher.leave()


def _invite(teacher: Somebody) -> str:
    """Three pupils, and the link of the first."""
    page = teacher.page
    teacher.follow("People")
    teacher.look()
    teacher.follow("Add people")
    page.get_by_label("List of names").fill("Anna Schmidt, anna@example.org, 7b\nBen\n王小明")
    teacher.press("Check the list")
    expect(page.get_by_role("heading", name="3 people will be added")).to_be_visible()
    teacher.look()
    teacher.press("Add them")
    page.get_by_label("This form").get_by_role("link", name="Settings").click()
    page.get_by_role("radio", name="personal link").check()
    teacher.press("Save")
    teacher.look()
    teacher.follow("People")
    teacher.follow("Anna Schmidt")
    teacher.look()
    return page.locator("#link").inner_text()


def _hand_in(pupil: Somebody, link: str) -> str:
    page = pupil.page
    page.goto(link)
    expect(page.get_by_text("Anna Schmidt")).to_be_visible()
    pupil.look()
    page.get_by_label("Your name").fill("Anna")
    page.get_by_label("Class or group").fill("7b")
    page.get_by_label("Your work").set_input_files([ESSAY])
    page.get_by_label("This is my own work").check()
    pupil.press("Hand in")
    pupil.look()
    return page.locator(".reference").inner_text()


def _correct(pupil: Somebody, reference: str) -> None:
    page = pupil.page
    pupil.follow("Correct your answers")
    expect(page.get_by_label("Your name")).to_have_value("Anna")
    expect(page.get_by_text("Aufsatz.pdf").first).to_be_visible()
    pupil.look()
    page.get_by_label("Your name").fill("Anna Schmidt")
    pupil.press("Hand in the correction")
    expect(page.locator(".reference")).to_have_text(reference)
    expect(page.get_by_text("Corrected: ")).to_be_visible()
    pupil.look()


def _see_who_is_missing(teacher: Somebody, reference: str) -> None:
    page = teacher.page
    teacher.follow("People")
    expect(page.get_by_role("link", name=reference)).to_be_visible()
    teacher.follow("Missing")
    rows = page.get_by_role("table").get_by_role("rowheader")
    expect(rows).to_have_text(["Ben", "王小明"])
    teacher.look()
    teacher.follow("Submissions")
    expect(page.get_by_text("Corrected", exact=True)).to_be_visible()
    teacher.follow("Anna Schmidt")
    teacher.follow("What was changed")
    expect(page.locator("ins").first).to_be_visible()
    teacher.look()
