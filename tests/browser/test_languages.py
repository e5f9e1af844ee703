"""A form in several languages: translated at the desk, and filled in with the switch, with JavaScript and
without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from webapp.config import load

from ..conftest import import_text, running_app
from ..desk import add_user
from ..forms_in_languages import IN_PAGES, TRIP_IN_LANGUAGES
from ..running import Server
from .looking import LOOKS, PC, PHONE, complaints_of, context_of, fits, is_accessible, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data: Path = tmp_path_factory.mktemp("languages") / "data"
    for app in running_app(load({"data": str(data)}, {})):
        import_text(app, TRIP_IN_LANGUAGES)
        import_text(app, IN_PAGES)
        add_user(app, "owner", "ann@example.org")
    with Server(data=data) as running:
        yield running


@pytest.mark.parametrize(("has_scripts", "scheme"), [(True, "dark"), (False, "light")])
def test_the_switch_loses_nothing_and_enter_still_hands_in(
    browser: Browser, server: Server, has_scripts: bool, scheme: str
) -> None:
    context = context_of(browser, PHONE, scheme, java_script_enabled=has_scripts, locale="de-DE")
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(f"{server.url}/f/trip-in-pages")
    expect(page.locator("h1")).to_have_text("Klassenfahrt")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("学校旅行")
    page.get_by_role("button", name="开始填写").click()
    page.get_by_label("孩子的姓名").fill("小明")
    page.get_by_role("button", name="Deutsch").click()
    name = page.get_by_label("Name des Kindes")
    expect(name).to_have_value("小明")
    expect(page.locator("label", has_text="Name des Kindes").locator("span")).to_have_attribute(
        "lang", "de"
    )
    name.press("Enter")
    expect(page).to_have_title(re.compile("^错误： Klassenfahrt"))  # Intray has no German
    page.get_by_role("button", name="中文").click()
    page.get_by_label("甲班").check()
    page.get_by_role("button", name="继续", exact=True).last.click()
    expect(page.locator("h1")).to_have_text("文件")
    page.get_by_role("button", name="继续", exact=True).last.click()
    expect(page.locator("dl")).to_contain_text(["甲班", "护照"])
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".received")).to_contain_text("学校旅行")
    page.get_by_role("button", name="English").click()
    expect(page.locator("dl")).to_contain_text("Class A")
    assert complaints == []
    context.close()


@pytest.mark.parametrize(("size", "scheme"), [LOOKS[0], (PC, "dark")])
def test_a_form_is_translated_at_the_desk(
    browser: Browser, server: Server, size: tuple[int, int], scheme: str
) -> None:
    context = context_of(browser, size, scheme)
    page = context.new_page()
    complaints = complaints_of(page)
    sign_in(page, server)
    page.goto(f"{server.url}/desk/forms/school-trip/languages")
    page.get_by_label("Another language").select_option(label="French" if size == PC else "Dutch")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("17 of 17 texts are not translated.")).to_be_visible()
    page.get_by_label("Swimming").fill("N" * 301)
    page.get_by_label("School trip").fill("Schoolreis")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".problems")).to_contain_text("must have 1 to 300 characters")
    fits(page)
    is_accessible(page)
    page.get_by_label("Swimming").fill("Zwemmen")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("15 of 17 texts are not translated.")).to_be_visible()
    page.locator("form.translations").get_by_role("link", name="Preview").click()
    expect(page.locator("h1")).to_have_text("Schoolreis")
    fits(page)
    is_accessible(page)
    assert complaints == []
    context.close()
