"""The kinds that JavaScript makes more of, and those with several inputs, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from webapp.forms.kinds.base import clean

from ..forms_in_toml import MORE_KINDS
from ..running import Server
from .looking import LOOKS, PHONE, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser

PATH = "/f/summer-camp"


@pytest.fixture(scope="module")
def camp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a form with these kinds."""
    folder: Path = tmp_path_factory.mktemp("kinds")
    (folder / "form.toml").write_text(MORE_KINDS, encoding="utf-8")
    Server.command("form", "import", folder / "form.toml", data=folder / "data")
    with Server(data=folder / "data") as server:
        yield server.url + PATH


@pytest.fixture
def page(browser: Browser, camp: str) -> Iterator[Page]:
    context = context_of(browser, PHONE, "light")
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(camp)
    yield page
    assert complaints == []
    context.close()


def fill(page: Page) -> None:
    """All but the signature."""
    for name, text in (
        ("child", "Lee"), ("born.day", "3"), ("born.month", "Feb"), ("born.year", "2015"),
        ("phone", "030/123"), ("arrival", "8.30 pm"),
    ):  # fmt: skip
        page.locator(f'[name="{name}"]').fill(text)
    page.get_by_label("School").check()
    page.get_by_label("None of these").check()
    page.get_by_label("9", exact=True).check()
    for row in ("swimming", "cycling", "climbing"):
        page.locator(f'[name="swims.{row}"]').last.check()


def draw(page: Page) -> None:
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for step in range(10):
        page.mouse.move(box["x"] + 20 + 10 * step, box["y"] + 20 + 20 * (step % 3))
    page.mouse.up()


def hand_in(page: Page) -> None:
    with page.expect_navigation():
        page.locator("p.hand-in button").click()


@pytest.mark.parametrize(
    ("size", "scheme", "language", "script"),
    [
        (*LOOKS[0], "en-GB", True),
        (*LOOKS[1], "zh-CN", True),
        (*LOOKS[2], "zh-CN", False),
        (*LOOKS[3], "en-GB", True),
    ],
)
def test_the_page_fits_and_is_accessible_also_with_errors(
    browser: Browser,
    camp: str,
    size: tuple[int, int],
    scheme: str,
    language: str,
    script: bool,
) -> None:
    context = context_of(browser, size, scheme, locale=language, java_script_enabled=script)
    page = context.new_page()
    page.goto(camp)
    for _ in range(2):
        if script:  # axe is a script
            is_accessible(page)
        fits(page)
        small = page.evaluate(SMALL)
        assert small == []
        page.locator('[name="born.day"]').fill("32")
        page.locator('[name="heard"]').last.check()
        hand_in(page)
        assert page.locator(".problems").evaluate("one => one === document.activeElement")
    context.close()


# What is pressed and lower or narrower than 44 px; of boxes, their label is what is pressed.
SMALL = """() => [...document.querySelectorAll('main button, main input, main textarea, main canvas')]
    .map(one => one.matches('[type=radio], [type=checkbox]') ? one.closest('label') : one)
    .filter(one => one.checkVisibility() && !one.closest('.visually-hidden'))
    .filter(one => one.offsetHeight < 44 || one.offsetWidth < 44 ||
        parseFloat(getComputedStyle(one).fontSize) < 16)
    .map(one => one.outerHTML)"""


def test_none_of_these_unticks_all_else_and_is_unticked_by_it(page: Page) -> None:
    nuts, none = page.get_by_label("Nuts"), page.get_by_label("None of these")
    nuts.check()
    none.check()
    expect(nuts).not_to_be_checked()
    nuts.check()
    expect(none).not_to_be_checked()


def test_the_text_of_other_comes_with_it_and_is_kept_but_not_sent_without_it(
    page: Page,
) -> None:
    fill(page)
    text = page.locator('[name="heard.other"]')
    expect(text).to_be_hidden()
    page.locator('[name="heard"]').last.check()
    text.fill("A poster")
    page.get_by_label("School").check()
    expect(text).to_be_hidden()
    page.locator('[name="signed"]').fill("Ann")
    hand_in(page)
    expect(page.locator("main")).to_contain_text("School")
    expect(page.locator("main")).not_to_contain_text("A poster")


def test_a_signature_is_drawn_kept_over_errors_cleared_and_handed_in(
    page: Page,
) -> None:
    drawn = page.locator('[name="signed.drawn"]')
    draw(page)
    expect(page.locator(".sign-here [role=status]")).to_have_text("Signed by drawing")
    points = drawn.input_value()
    hand_in(page)
    expect(drawn).to_have_value(points)
    page.get_by_role("button", name="Clear the drawing").click()
    expect(drawn).to_have_value("")
    draw(page)
    fill(page)
    hand_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Received")
    expect(page.get_by_role("img", name="Your signature")).to_be_visible()


def test_characters_left_are_seen_and_said_and_nothing_is_cut(page: Page) -> None:
    child = page.locator("[name=child]")
    line = page.locator(".count")
    expect(line).to_be_hidden()
    child.fill("é" * 29)
    expect(line).to_have_text("1 character left")
    child.fill("x" * 32)
    expect(line).to_have_text("2 characters too many")
    expect(page.locator(".count + [role=status]")).to_have_text("2 characters too many")
    assert len(child.input_value()) == 32


TEXTS = [
    "", " a ", "a\r\nb\n", "e\u0301", "\U0001f600\U0001f468\u200d\U0001f469", "a\tb\t", "\ud800x",
    "\x00\x1b[1m", "\u200b\u200e\ufeff", "\u3000a\xa0", "a\u2028b\x0bc\x85d\u2029", "\ufeffa", "\x1c a",
    "한국어", "ﬁ", "a\n\n\n",
]  # fmt: skip


@pytest.mark.parametrize("lines", [False, True])
def test_the_browser_counts_as_the_server_does(page: Page, lines: bool) -> None:
    address = page.locator("script[src*='js/counting.js']").get_attribute("src")
    assert address is not None
    count = """async ([address, codes, lines]) => {
        const { length } = await import(address.replace('counting', 'cleaning'))
        return codes.map(code => length(String.fromCharCode(...code), lines))
    }"""
    codes = [
        [int.from_bytes(u[i : i + 2], "little") for i in range(0, len(u), 2)]
        for u in (text.encode("utf-16-le", "surrogatepass") for text in TEXTS)
    ]
    counted = page.evaluate(count, [address, codes, lines])
    assert counted == [len(clean(text, lines=lines)) for text in TEXTS]
