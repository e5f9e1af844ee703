"""Show-if rules in a real browser: evaluated as the server does, and what is hidden is not sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ..forms_with_rules import CASES, TRIP
from ..running import Server
from .looking import LOOKS, PHONE, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser

FORM = "/f/trip?whole=1"

# Types the answers of each case into an empty form, and gives the keys of the questions that are seen.
FILL_IN = """cases => {
    const form = document.getElementById('filling');
    for (const input of form.querySelectorAll('[type=date]')) input.type = 'text';
    return cases.map(answers => {
        form.reset();
        for (const carried of form.querySelectorAll('[value^="upload:"]')) carried.remove();
        for (const [key, texts] of Object.entries(answers)) {
            const question = document.getElementById(`f-${key}-question`);
            for (const control of question.querySelectorAll('input, textarea')) {
                if (control.matches('[type=radio], [type=checkbox]'))
                    control.checked = texts.includes(control.value);
                else if (!control.matches('[type=file]')) control.value = texts[0];
            }
            for (const text of texts.filter(text => text.startsWith('upload:')))
                question.insertAdjacentHTML('beforeend', `<input type=hidden name=${key} value=${text}>`);
        }
        form.dispatchEvent(new Event('input'));
        const questions = [...form.querySelectorAll('.question')];
        return questions.filter(one => one.checkVisibility()).map(one => one.id.slice(2, -9));
    });
}"""


@pytest.fixture(scope="module")
def trip_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the form that has rules of every sort."""
    folder: Path = tmp_path_factory.mktemp("trip")
    (folder / "form.toml").write_text(TRIP, encoding="utf-8")
    Server.command("form", "import", folder / "form.toml", data=folder / "data")
    with Server(data=folder / "data") as server:
        yield server


@pytest.fixture
def page(browser: Browser, trip_server: Server) -> Iterator[Page]:
    context = context_of(browser, PHONE, "light")
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(trip_server.url + FORM)
    yield page
    context.close()
    assert complaints == []


def test_the_browser_shows_what_the_server_would_take(page: Page) -> None:
    seen = page.evaluate(FILL_IN, [typed for typed, _ in CASES])
    wrong = [
        (typed, expected, shown)
        for (typed, expected), shown in zip(CASES, seen, strict=True)
        if shown != list(expected)
    ]
    assert wrong == []


def test_parts_come_and_go_while_the_form_is_filled_in(page: Page) -> None:
    why, journey = page.get_by_label("Why not?"), page.get_by_role("heading", name="Your journey")
    expect(journey).to_be_visible()
    expect(why).to_be_hidden()
    expect(page.locator(".rule:visible")).to_have_count(0)  # seen to by the browser
    page.get_by_label("No", exact=True).check()
    expect(why).to_be_visible()
    expect(page.locator("#showing-news")).to_contain_text("Also asked now: Why not?.")
    expect(page.locator("#showing-news")).to_contain_text("No longer asked: Your journey")
    why.fill("I am ill.")
    page.get_by_label("Yes", exact=True).check()
    expect(why).to_be_hidden()
    page.get_by_label("No", exact=True).check()
    expect(why).to_have_value("I am ill.")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("How many are you?").fill("1")
    page.get_by_label("I travel alone").check()
    page.locator("p.hand-in button").click()
    expect(page.locator(".reference")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("I am ill.")


def test_what_is_wrong_with_a_question_goes_with_it(page: Page) -> None:
    page.get_by_label("No", exact=True).check()
    page.locator("p.hand-in button").click()
    summary = page.locator("main > .problems")
    expect(summary).to_contain_text("Why not: please write an answer")
    page.get_by_label("Perhaps").check()
    expect(summary).to_be_hidden()
    page.get_by_label("No", exact=True).check()
    expect(summary).to_be_visible()


def test_a_file_answers_a_rule_and_is_not_waited_for_where_it_is_hidden(page: Page) -> None:
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("How many are you?").fill("1")
    page.get_by_label("Nuts").check()
    note: Any = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"She cannot eat nuts."}
    page.locator("#f-nuts-question input[type=file]").set_input_files(note)
    expect(page.get_by_label("Who wrote the note?")).to_be_visible()
    empty: Any = {**note, "name": "empty.txt", "buffer": b""}
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_label("Who wrote the note?")).to_be_hidden()
    page.locator("#f-nuts-question input[type=file]").set_input_files(empty)
    expect(page.locator("#f-nuts-question")).to_contain_text("is empty")
    page.get_by_label("Nuts").uncheck()
    page.locator("p.hand-in button").click()
    expect(page.locator(".reference")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_it_fits_and_is_accessible(
    browser: Browser, trip_server: Server, tmp_path: Path, size: tuple[int, int], scheme: str
) -> None:
    for has_scripts in (True, False):
        context = context_of(browser, size, scheme, java_script_enabled=True)
        page = context.new_page()
        if not has_scripts:
            page.route("**/showing/page.js", lambda route: route.abort())
        page.goto(trip_server.url + FORM)
        page.screenshot(path=tmp_path / f"{has_scripts}.png", full_page=True)
        fits(page)
        is_accessible(page)
        if not has_scripts:
            expect(page.get_by_text("Only if “Will you come?” is “No”")).to_be_visible()
        context.close()
