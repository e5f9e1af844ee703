"""States of pages that no address leads to: what a page says once somebody has typed, sent or saved something
in it. Each is a walk in the browser, in whatever language it speaks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from playwright.sync_api import Page, expect

from ..running import Server

HAND_IN = "p.hand-in button >> nth=0"
SAVE = ".sheet-actions .button"
_NUMBERS = count(1)


def _draft(page: Page, server: Server) -> None:
    """The second page of a draft."""
    page.goto(f"{server.url}/f/trip")
    page.locator(HAND_IN).click()
    page.locator("input[name=coming]").first.check()
    page.locator(HAND_IN).click()
    expect(page.locator("[name=people]")).to_be_visible()


def _is_saved(page: Page) -> None:
    saved = page.locator("#autosave").get_attribute("data-saved")
    expect(page.locator("#autosave")).to_have_text(saved or "", timeout=20_000)


def draft_that_saved_itself(page: Page, server: Server) -> None:
    _draft(page, server)
    page.locator("[name=people]").fill("2")
    _is_saved(page)


def draft_in_two_windows(page: Page, server: Server) -> None:
    _draft(page, server)
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("[name=people]").fill("3")
    _is_saved(other)
    page.locator("[name=people]").fill("4")
    stale = page.locator("#autosave").get_attribute("data-stale")
    expect(page.locator("#autosave")).to_have_text(stale or "", timeout=20_000)
    other.close()


def draft_with_answers_missing(page: Page, server: Server) -> None:
    _draft(page, server)
    page.locator("[name=people]").fill("many")
    page.locator(HAND_IN).click()
    expect(page.locator(".problems").first).to_be_visible()


def form_from_right_to_left_with_problems(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/f/rihla")
    page.locator(HAND_IN).click()
    expect(page.locator(".problems").first).to_be_visible()


def receipt_from_right_to_left(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/f/rihla")
    page.locator("[name=name]").fill("ليلى")
    page.locator("[name=class]").first.check()
    page.locator(HAND_IN).click()
    expect(page.locator(".received")).to_be_visible()


def wrong_passcode(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/f/secret")
    page.locator("#f-passcode").fill("let me in")
    page.locator(HAND_IN).click()
    expect(page.locator(".problems")).to_be_visible()


def question_in_two_windows(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/desk/forms/trip/edit")
    page.locator("button[name=question]").nth(1).click()
    page.locator("[name=label]").wait_for()
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("[name=required]").click()
    other.locator("[name=help]").fill(f"The help that the other window gave, {next(_NUMBERS)}.")
    other.locator("[name=help]").blur()
    saved = other.locator("#saving").get_attribute("data-saved")
    expect(other.locator("#saving")).to_have_text(saved or "", timeout=20_000)
    page.locator("[name=label]").fill("Will you come, or will you not?")
    page.locator("[name=label]").blur()
    expect(page.locator(".problems")).to_be_visible(timeout=20_000)
    other.close()


def translation_in_two_windows(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/desk/forms/school-trip/languages/de")
    other = page.context.new_page()
    other.goto(page.url)
    for window in (other, page):
        window.locator("[name=title]").fill(f"Klassenfahrt {next(_NUMBERS)}")
        window.locator(SAVE).click()
        window.locator(".problems, .translated").first.wait_for()
    expect(page.locator(".problems")).to_be_visible()
    other.close()


def mail_to_people(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/desk/settings/mail")
    page.locator("[name=host]").fill("mail.invalid")
    page.locator("[name=address]").fill("office@example.org")
    page.locator(SAVE).click()
    page.goto(f"{server.url}/desk/forms/tour/people/mail")
    page.locator("[name=message-link]").fill("Please bring your passport.\n\n请带护照。")
    page.locator("[name=preview]").first.click()
    expect(page.locator("#preview")).to_be_visible()


State = Callable[[Page, Server], None]
STATES: tuple[State, ...] = (
    draft_that_saved_itself,
    draft_in_two_windows,
    draft_with_answers_missing,
    form_from_right_to_left_with_problems,
    receipt_from_right_to_left,
    wrong_passcode,
    question_in_two_windows,
    translation_in_two_windows,
    mail_to_people,
)
