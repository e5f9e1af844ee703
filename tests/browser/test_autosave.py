"""A page of a draft saves itself while somebody types: after a pause, quietly, never over another window."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from ..forms_with_rules import TRIP
from ..running import Server
from .looking import PHONE, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser


@pytest.fixture
def trip(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "form.toml").write_text(TRIP, encoding="utf-8")
    Server.command("form", "import", tmp_path / "form.toml", data=tmp_path / "data")
    with Server(data=tmp_path / "data") as server:
        yield server


@pytest.fixture
def page(browser: Browser, trip: Server) -> Iterator[Page]:
    """The second page of a draft."""
    context = context_of(browser, PHONE, "light")
    page = context.new_page()
    page.goto(f"{trip.url}/f/trip")
    page.get_by_role("button", name="Start").click()
    page.get_by_label("Yes", exact=True).check()
    page.locator("p.hand-in button").click()
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()
    yield page
    context.close()


def posts_of(page: Page) -> list[Request]:
    """What the page sends by itself from now on; the list grows."""
    found: list[Request] = []
    page.on("request", lambda one: found.append(one) if one.resource_type == "fetch" else None)
    return found


def test_it_is_saved_without_a_button_and_survives_a_reload(page: Page, tmp_path: Path) -> None:
    complaints, posts = complaints_of(page), posts_of(page)
    people = page.get_by_label("How many are you?")
    people.press_sequentially("12", delay=300)
    page.get_by_label("Their names").press_sequentially("Ann and many others", delay=60)
    line = page.locator("#autosave")
    expect(line).to_have_text("Saved.", timeout=20_000)
    expect(page.locator("#autosave-news")).to_have_text("Saved.")
    assert len(posts) <= 2, [one.post_data for one in posts]  # for more than twenty strokes
    page.screenshot(
        path=Path(os.environ.get("PICTURES", tmp_path)) / "autosave.png", full_page=True
    )
    fits(page)
    is_accessible(page)
    page.reload()
    expect(page.get_by_label("Their names")).to_have_value("Ann and many others")
    page.locator("p.hand-in button").click()
    expect(page.get_by_text("Page 3 of 3")).to_be_visible()
    assert complaints == []


def test_what_is_typed_before_the_script_is_there_is_saved_too(page: Page) -> None:
    page.route("**/js/autosave.js", lambda route: (typed(), route.continue_()))
    names = page.get_by_label("How many are you?")

    def typed() -> None:
        names.evaluate("one => { one.value = '7' }")

    page.reload()
    expect(page.locator("#autosave")).to_have_text("Saved.", timeout=20_000)
    page.unroute("**/js/autosave.js")
    page.reload()
    expect(names).to_have_value("7")


def test_a_second_window_is_told_and_undoes_nothing(page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_label("How many are you?").fill("3")
    expect(page.locator("#autosave")).to_have_text("Saved.", timeout=20_000)
    other.get_by_label("How many are you?").fill("4")
    expect(other.locator("#autosave")).to_contain_text("changed in another window", timeout=20_000)
    page.reload()
    expect(page.get_by_label("How many are you?")).to_have_value("3")
    other.get_by_label("Their names").fill("Bob")
    other.locator("p.hand-in button").click()  # a person who goes on means it
    expect(other.get_by_text("Page 3 of 3")).to_be_visible()
    page.reload()
    expect(page.get_by_label("How many are you?")).to_have_value("4")


def test_the_server_is_killed_and_comes_back(page: Page, trip: Server, tmp_path: Path) -> None:
    page.wait_for_load_state("load")
    page.get_by_label("How many are you?").fill("5")
    trip.kill()
    line = page.locator("#autosave")
    expect(line).to_contain_text("the server cannot be reached", timeout=20_000)
    with Server(data=tmp_path / "data", port=trip.port):
        expect(line).to_have_text("Saved.", timeout=40_000)
        page.reload()
        expect(page.get_by_label("How many are you?")).to_have_value("5")


def test_what_was_handed_in_elsewhere_is_no_longer_saved(page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("How many are you?").fill("1")
    for name in ("Continue", "Continue", "Hand in"):
        other.locator("p.hand-in button", has_text=name).click()
    expect(other.locator(".reference")).to_be_visible()
    page.get_by_label("How many are you?").fill("2")
    expect(page.locator("#autosave")).to_contain_text("no longer saved", timeout=20_000)


def test_back_and_reload_ask_for_what_was_saved_and_send_nothing_again(page: Page) -> None:
    people = page.get_by_label("How many are you?")
    people.fill("many")
    page.locator("p.hand-in button").click()
    expect(page.locator(".problems")).to_contain_text("must be a number")
    people.fill("1")
    page.locator("p.hand-in button").click()
    expect(page.get_by_text("Page 3 of 3")).to_be_visible()
    page.go_back()
    expect(people).to_have_value("1")
    page.reload()
    expect(people).to_have_value("1")
