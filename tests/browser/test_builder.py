"""The builder's pages in a real browser: on a phone and on a PC, light and dark, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from webapp.config import load

from ..conftest import import_text, running_app
from ..desk import PASSWORD, add_user
from ..forms_in_toml import EVERY_KIND
from ..running import Server, poll
from .looking import LOOKS, PC, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser

TOP = "/desk/forms/job-application"


@pytest.fixture
def desk_server(tmp_path: Path) -> Iterator[Server]:
    """A server with a form that has a field of each kind, and an owner of its desk."""
    data = tmp_path / "data"
    for app in running_app(load({"data": str(data)}, {})):
        import_text(app, EVERY_KIND)
        add_user(app, "owner", "ann@example.org")
    with Server(data=data) as server:
        yield server


def signed_in(page: Page, server: Server, path: str) -> None:
    page.goto(f"{server.url}/login?next={path}")
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(f"{server.url}{path}")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_page_fits_and_is_accessible(
    browser: Browser, desk_server: Server, tmp_path: Path, size: tuple[int, int], scheme: str
) -> None:
    context = context_of(browser, size, scheme)
    page = context.new_page()
    complaints = complaints_of(page)
    signed_in(page, desk_server, f"{TOP}/edit")
    question = page.locator("button[name=question]").first.get_attribute("value")
    paths = ["edit", "settings", "share", "poster", "preview", "delete"]
    paths += [f"questions/{question}", "questions/new/choice"]
    for path in ["/desk/forms/new", *(f"{TOP}/{path}" for path in paths)]:
        page.goto(desk_server.url + path)
        page.screenshot(path=tmp_path / f"{path.replace('/', '_')}.png", full_page=True)
        fits(page)
        is_accessible(page)
    assert complaints == []
    context.close()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_form_is_made_by_keyboard_alone(
    browser: Browser, desk_server: Server, has_scripts: bool
) -> None:
    context = context_of(browser, PC, "light", java_script_enabled=has_scripts)
    page = context.new_page()
    signed_in(page, desk_server, "/desk/forms/new")
    page.get_by_label("Title").fill("Lost and found")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/forms/lost-and-found/edit#questions")
    page.get_by_label("Introduction").fill("What have you **lost**?")
    page.get_by_role("button", name="Several from a list").press("Enter")
    page.wait_for_url("**/questions/new/choices")
    page.get_by_label("Question").fill("What is it?")
    page.get_by_role("button", name="Add the question").press("Enter")
    assert "There is a problem" in page.inner_text("main")
    page.get_by_label("Choices", exact=True).fill("Umbrella\nKeys")
    page.get_by_label("Must be answered").press("Space")
    page.get_by_role("button", name="Add the question").press("Enter")
    page.wait_for_url("**/edit#question-*")
    assert page.get_by_label("Introduction").input_value() == "What have you **lost**?"
    page.get_by_role("button", name="Publish and open").press("Enter")
    page.goto(f"{desk_server.url}/f/lost-and-found")
    assert page.get_by_label("Umbrella").is_visible()
    context.close()


@pytest.fixture
def page(browser: Browser, desk_server: Server) -> Iterator[Page]:
    """The builder with the form's list of questions, on a PC."""
    context = context_of(browser, PC, "light")
    page = context.new_page()
    complaints = complaints_of(page)
    signed_in(page, desk_server, f"{TOP}/edit")
    yield page
    assert complaints == []
    context.close()


def labels(page: Page) -> list[str]:
    return page.locator(".question-row .question-label").all_inner_texts()


def saved_labels(page: Page) -> list[str]:
    """Those of the draft as the server has it."""
    html = page.request.get(page.url.partition("#")[0]).text()
    return [unescape(label) for label in re.findall(r'class="question-label[^>]*>([^<]*)<', html)]


def test_questions_are_dragged_to_their_place(page: Page) -> None:
    before = labels(page)
    grip = page.locator(".question-row .grip").nth(0)
    page.locator("#questions").evaluate("section => section.scrollIntoView()")
    from_, to = grip.bounding_box(), page.locator(".question-row").nth(2).bounding_box()
    assert from_
    assert to
    page.mouse.move(from_["x"] + 10, from_["y"] + 10)
    page.mouse.down()
    page.mouse.move(to["x"] + 10, to["y"] + to["height"] - 5, steps=4)
    page.mouse.up()
    expect(page.get_by_text("It is question 3 of", exact=False)).to_be_attached()
    after = [before[1], before[2], before[0], *before[3:]]
    assert (labels(page), saved_labels(page)) == (after, after)


def test_a_drag_is_given_up_with_escape(page: Page) -> None:
    before = labels(page)
    grip = page.locator(".question-row .grip").nth(0)
    page.locator("#questions").evaluate("section => section.scrollIntoView()")
    box = grip.bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] + 200, steps=3)
    assert labels(page) != before
    page.keyboard.press("Escape")
    page.mouse.up()
    assert (labels(page), saved_labels(page)) == (before, before)


def test_questions_are_moved_by_keyboard_without_a_new_page(page: Page) -> None:
    before = labels(page)
    page.evaluate("window.isSame = true")
    down = page.get_by_role("button", name=f"Down {before[0]}")
    down.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"It is question 2 of {len(before)} now.")).to_be_attached()
    expect(down).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"It is question 3 of {len(before)} now.")).to_be_attached()
    assert labels(page)[:3] == [before[1], before[2], before[0]]
    assert page.evaluate("window.isSame")


def test_what_is_removed_comes_back_with_undo(page: Page) -> None:
    before = labels(page)
    page.get_by_role("button", name=f"Remove {before[1]}").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    assert labels(page) == [before[0], *before[2:]]
    expect(page.frame_locator("iframe").get_by_text(before[1])).to_have_count(0)
    undo.press("Enter")
    expect(page.locator(".question-row").nth(1)).to_be_focused()
    assert (labels(page), saved_labels(page)) == (before, before)
    expect(page.frame_locator("iframe").get_by_text(before[1])).to_be_attached()


def test_what_is_typed_is_saved_by_itself_and_two_windows_lose_nothing(page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_label("Title").fill("Work with us")
    expect(page.locator("#saving")).to_have_text("Saved.")
    expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_have_text(
        "Work with us"
    )
    other.get_by_label("Title").fill("Jobs")
    expect(other.locator("#saving")).to_contain_text("changed in another window")
    assert other.get_by_label("Title").input_value() == "Jobs"
    expect(other.get_by_text("In the other window: Work with us")).to_be_visible()
    expect(other.get_by_role("alert")).to_contain_text("changed in another window")
    other.get_by_role("button", name="Save title and introduction").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Jobs")
    page.get_by_label("Title").fill("")
    expect(page.locator("#saving")).to_contain_text("Title must not be empty")
    other.close()
    page.get_by_label("Title").fill("Work with us")


def test_a_question_is_shown_as_it_is_typed(page: Page, desk_server: Server) -> None:
    page.goto(f"{desk_server.url}{TOP}/questions/new/choice")
    shown = page.frame_locator("iframe")
    expect(shown.get_by_text("Question must not be empty")).to_be_visible()
    page.get_by_label("Question").fill("Which day?")
    page.get_by_label("Choices", exact=True).fill("Monday\nTuesday")
    expect(shown.get_by_role("radio", name="Tuesday")).to_be_visible()
    page.goto(f"{desk_server.url}{TOP}/edit")
    assert "Which day?" not in labels(page)
    page.locator("button[name=question]").first.click()
    page.get_by_label("Question").fill("What are you called?")
    expect(shown.get_by_text("What are you called?")).to_be_visible()
    expect(page.locator("#saving")).to_have_text("Saved.")
    page.get_by_role("link", name="Job application").click()
    assert labels(page)[0] == "What are you called?"


def test_a_new_question_is_not_left_by_mistake(page: Page, desk_server: Server) -> None:
    asked: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", on_dialog)
    page.goto(f"{desk_server.url}{TOP}/questions/new/short_text")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/edit*")
    assert asked == []
    page.goto(f"{desk_server.url}{TOP}/questions/new/short_text")
    page.get_by_label("Question").fill("Which day?")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Short name").fill("No good key")
    page.get_by_role("link", name="Cancel").click()
    poll(lambda: asked == ["beforeunload"], "the browser's question")
    page.get_by_role("button", name="Add the question").click()
    expect(page.get_by_role("alert")).to_contain_text("Short name")
    page.get_by_role("link", name="Cancel").click()
    poll(lambda: len(asked) == 2, "the browser's question, though the page has come anew")
    page.get_by_label("Short name").fill("day")
    page.get_by_role("button", name="Add the question").click()
    page.wait_for_url("**/edit*")
    assert labels(page)[-1] == "Which day?"
    assert len(asked) == 2
