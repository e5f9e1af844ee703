"""Files on their way in a real browser: sent, interrupted, gone on with, told of, handed in."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FileChooser, Page, Request, Route, expect
from playwright.sync_api import TimeoutError as TooLong

from ..running import SECONDS, Server
from .looking import LOOKS, PC, PHONE, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser

PATH = "/f/holiday"
FORM = """
format = 1
title = "Holiday"
slug = "holiday"
state = "open"

[[fields]]
key = "name"
kind = "short_text"
label = "Your name"
required = true

[[fields]]
key = "story"
kind = "long_text"
label = "Your story"

[[fields]]
key = "agreed"
kind = "consent"
label = "You may show it."

[[fields]]
key = "films"
kind = "files"
label = "Your films"
accept = [".film", ".png"]
max_files = 3
max_size = "8 MB"
"""
CHOOSER = "input[type=file]"
HAND_IN = "p.hand-in button"
UPLOAD = "**/uploads/*"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server, and the folder of its data."""
    folder = tmp_path_factory.mktemp("uploads")
    server = serving(folder)
    with server:
        yield server, folder / "data"


def serving(folder: Path) -> Server:
    form = folder / "form.toml"
    form.write_text(FORM, encoding="utf-8")
    Server.command("form", "import", form, data=folder / "data")
    return Server(data=folder / "data")


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = context_of(browser, PC, "light", **getattr(request, "param", {}))
    context.set_default_timeout(SECONDS * 1000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, home: tuple[Server, Path]) -> Iterator[Page]:
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(home[0].url + PATH)
    yield page
    assert [text for text in complaints if "Failed to load resource" not in text] == []


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file that goes in several pieces."""
    path = tmp_path / "beach.film"
    path.write_bytes(random.Random(4).randbytes(5 * 1024**2))
    return path


class Road:
    """Pieces on their way to the server: they are let through, or held."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] = []
        self.offsets: list[int] = []
        self._let = 0
        page.route(UPLOAD, self._meet)
        page.on("request", self._see)

    def let(self, number: int) -> None:
        """So many pieces come through; further ones are held."""
        self._let = number

    def open(self) -> None:
        self._let = 1_000
        for route in self.held:
            route.continue_()
        self.held = []

    def _see(self, request: Request) -> None:
        if request.method == "PATCH":
            self.offsets.append(int(request.headers["upload-offset"]))

    def _meet(self, route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
        elif self._let > 0:
            self._let -= 1
            route.continue_()
        else:
            self.held.append(route)


def row(page: Page, name: str) -> Any:
    return page.locator(".file").filter(has=page.locator("bdi", has_text=name))


def is_done(page: Page, name: str) -> None:
    expect(row(page, name)).to_have_attribute("data-state", "done", timeout=SECONDS * 1000)


def is_held(page: Page, name: str) -> None:
    """A part of it has arrived, and the next piece is held."""
    progress = row(page, name).locator("progress")
    expect(progress).not_to_have_attribute("value", "0", timeout=SECONDS * 1000)
    page.wait_for_function("element => element.value > 0", arg=progress.element_handle())


def hand_in(page: Page) -> None:
    page.fill("[name=name]", "Ann Lee")
    page.click(HAND_IN)


def received(page: Page, *contents: bytes) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Received", timeout=SECONDS * 1000)
    for content in contents:
        expect(page.locator("main")).to_contain_text(hashlib.sha256(content).hexdigest())


def small(name: str, content: bytes = b"a small film") -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_a_file_is_sent_with_progress_and_handed_in(page: Page, film: Path) -> None:
    road = Road(page)
    road.let(1)
    page.set_input_files(CHOOSER, film)
    is_held(page, "beach.film")
    expect(row(page, "beach.film")).to_contain_text("20%")
    road.open()
    is_done(page, "beach.film")
    expect(page.locator("#upload-news")).to_contain_text("beach.film: has arrived")
    assert road.offsets == sorted(set(road.offsets))
    hand_in(page)
    received(page, film.read_bytes())


def test_handing_in_waits_for_the_files_and_can_be_cancelled(page: Page, film: Path) -> None:
    road = Road(page)
    page.set_input_files(CHOOSER, [film])
    hand_in(page)
    notice = page.locator("#handing-in")
    expect(notice).to_be_visible()
    expect(notice.get_by_role("button", name="Cancel")).to_be_focused()
    expect(page.locator(HAND_IN)).to_be_hidden()
    page.keyboard.press("Enter")
    expect(notice).to_be_hidden()
    expect(page.locator(HAND_IN)).to_be_focused()
    page.click(HAND_IN)
    road.open()
    received(page, film.read_bytes())


def test_after_a_reload_the_same_file_goes_on_where_it_was(page: Page, film: Path) -> None:
    road = Road(page)
    road.let(1)
    page.set_input_files(CHOOSER, [film, small_file(film, "gate.film")])
    is_held(page, "beach.film")
    is_done(page, "gate.film")
    road.held = []
    page.reload()
    is_done(page, "gate.film")  # it is here, and need not be chosen again
    expect(row(page, "beach.film")).to_contain_text("Choose this file again")
    hand_in(page)
    expect(page.get_by_role("alert")).to_contain_text("beach.film has not arrived whole")
    road.offsets = []
    road.open()
    page.set_input_files(CHOOSER, film)
    is_done(page, "beach.film")
    assert road.offsets[0] > 0
    hand_in(page)
    received(page, film.read_bytes(), b"gate")
    page.goto(page.url.split("/r/")[0] + PATH)
    expect(page.locator(".file")).to_have_count(0)
    expect(page.locator("[name=name]")).to_have_value("")


def small_file(beside: Path, name: str) -> Path:
    path = beside.with_name(name)
    path.write_bytes(b"gate")
    return path


def test_it_goes_on_by_itself_when_the_server_is_back(
    context: BrowserContext, tmp_path: Path, film: Path
) -> None:
    page = context.new_page()
    with serving(tmp_path) as first:
        page.goto(first.url + PATH)
        road = Road(page)
        road.let(1)
        page.set_input_files(CHOOSER, film)
        is_held(page, "beach.film")
        first.kill()
        road.open()
        expect(row(page, "beach.film")).to_contain_text("The connection is gone")
        road.offsets = []
        with Server(data=tmp_path / "data", port=first.port):
            is_done(page, "beach.film")
            assert road.offsets[0] > 0
            hand_in(page)
            received(page, film.read_bytes())


def test_pause_continue_and_remove(page: Page, film: Path) -> None:
    road = Road(page)
    road.let(1)
    page.set_input_files(CHOOSER, film)
    is_held(page, "beach.film")
    page.get_by_role("button", name="Pause beach.film").click()
    expect(row(page, "beach.film")).to_contain_text("Paused at")
    road.held = []
    road.open()
    with page.expect_request(lambda request: request.method == "HEAD"):
        page.get_by_role("button", name="Continue beach.film").click()
    is_done(page, "beach.film")
    with page.expect_response(lambda response: response.request.method == "DELETE") as removed:
        page.get_by_role("button", name="Remove beach.film").click()
    assert removed.value.status == 204
    expect(page.locator(".file")).to_have_count(0)
    expect(page.locator("#upload-news")).to_contain_text("Removed: beach.film")
    expect(page.locator(CHOOSER)).to_be_focused()


def test_what_breaks_a_rule_is_told_before_it_is_sent(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    for name, content, told in [
        ("large.film", b"x" * (8 * 1024**2 + 1), "large.film must be no larger than 8 MB"),
        ("notes.txt", b"x", "notes.txt must be of the type .film, .png"),
        ("empty.film", b"", "empty.film is empty"),
    ]:
        page.set_input_files(CHOOSER, [small(name, content)])
        expect(row(page, name)).to_contain_text(f"Your films: the file {told}")
        expect(page.locator(".file")).to_have_count(1)
    assert "POST" not in asked
    hand_in(page)
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(1)
    page.get_by_role("button", name="Remove empty.film").click()
    page.click(HAND_IN)
    received(page)


def test_several_files_as_many_as_there_may_be(page: Page) -> None:
    films = [small(f"{n}.film", f"film {n}".encode()) for n in range(5)]
    page.set_input_files(CHOOSER, films)
    for n in range(3):
        is_done(page, f"{n}.film")
    left_out = row(page, "3.film, 4.film")
    expect(left_out).to_contain_text("Your films takes 3 files; please remove one or more")
    expect(page.get_by_text("To choose another file, remove one first.")).to_be_visible()
    page.get_by_role("button", name="Remove 1.film").click()
    left_out.get_by_role("button", name="Try again").click()
    is_done(page, "3.film")
    page.get_by_role("button", name="Remove 4.film").click()
    hand_in(page)
    received(page, b"film 0", b"film 2", b"film 3")
    expect(page.locator("main")).not_to_contain_text("1.film")


TRANSFER = """([name, type]) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10])], name, { type }))
    return transfer
}"""


def test_files_can_be_dropped_and_pasted(page: Page) -> None:
    dropped = page.evaluate_handle(TRANSFER, ["dropped.film", "application/octet-stream"])
    page.dispatch_event("h1", "dragover", {"dataTransfer": dropped})
    expect(page.locator(".dropping")).to_have_count(1)
    page.dispatch_event("h1", "drop", {"dataTransfer": dropped})
    is_done(page, "dropped.film")
    expect(page.locator(".dropping")).to_have_count(0)
    pasted = page.evaluate_handle(TRANSFER, ["image.png", "image/png"])
    page.evaluate(
        """clipboardData => document.body.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData, bubbles: true }))""",
        pasted,
    )
    is_done(page, "Screenshot 20")


def test_what_the_server_says_is_told_beside_the_file(page: Page) -> None:
    answer = '{"title": "There is no room left", "status": 507, "detail": "The disk is full."}'
    page.route("**/uploads", lambda route: route.fulfill(status=507, body=answer))
    page.set_input_files(CHOOSER, [small("full.film")])
    expect(row(page, "full.film")).to_contain_text("The disk is full.")
    page.unroute("**/uploads")
    page.get_by_role("button", name="Try again full.film").click()
    is_done(page, "full.film")


def opened_by_enter(page: Page) -> FileChooser:
    """What the system would show. A Chromium that is busy with other pages has been seen to show nothing at
    the first press, one time in ten or so, which people meet by pressing again."""
    for _ in range(3):
        with suppress(TooLong):
            with page.expect_file_chooser(timeout=10_000) as opened:
                page.keyboard.press("Enter")
            return opened.value
    raise AssertionError("Enter opens nothing")


def test_by_keyboard_alone(page: Page) -> None:
    page.locator("[name=agreed]").focus()
    page.keyboard.press("Tab")
    expect(page.locator(CHOOSER)).to_be_focused()
    opened_by_enter(page).set_files([small("keys.film")])
    is_done(page, "keys.film")
    page.locator(CHOOSER).focus()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Remove keys.film")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".file")).to_have_count(0)
    expect(page.locator(CHOOSER)).to_be_focused()


def test_answers_survive_a_reload_until_they_are_handed_in(page: Page) -> None:
    page.fill("[name=name]", "Ann Lee")
    page.fill("[name=story]", "Once upon\na time")
    page.check("[name=agreed]")
    page.goto(page.url)
    expect(page.locator("[name=story]")).to_have_value("Once upon\na time")
    expect(page.locator("[name=agreed]")).not_to_be_checked()  # that is agreed to each time
    page.get_by_role("button", name="Start afresh").click()
    expect(page.locator("[name=story]")).to_have_value("")
    page.goto(page.url)
    expect(page.locator("#earlier")).to_be_hidden()
    page.fill("[name=story]", "Another")
    hand_in(page)
    received(page)
    page.goto(page.url.split("/r/")[0] + PATH)
    expect(page.locator("[name=story]")).to_have_value("")


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript_it_is_a_plain_file_input(page: Page) -> None:
    page.set_input_files(CHOOSER, [small("plain.film"), small("other.film", b"other")])
    page.click(HAND_IN)
    expect(page.locator(".file")).to_have_count(2)
    hand_in(page)
    received(page, b"a small film", b"other")


def test_it_is_a_plain_file_input_where_the_module_does_not_come(page: Page) -> None:
    page.route("**/js/uploads/*", lambda route: route.fulfill(status=404))
    page.reload()
    page.set_input_files(CHOOSER, [small("plain.film")])
    hand_in(page)
    received(page, b"a small film")


def test_the_checksum_is_that_of_zlib(page: Page) -> None:
    address = page.locator("script[src*=uploads]").get_attribute("src")
    assert address is not None
    module = address.replace("page.js", "crc32.js")
    content = random.Random(2).randbytes(1000)
    pieces = [content[start : start + n] for start in range(5) for n in [*range(20), 900]]
    got = page.evaluate(
        """async ([module, content, ranges]) => {
            const { crc32 } = await import(module)
            const bytes = new Uint8Array(content)
            const at = ranges.map(([start, n]) => bytes.subarray(start, start + n))
            return at.map(piece => [crc32(piece), crc32(piece.subarray(7), crc32(piece.subarray(0, 7)))])
        }""",
        [module, list(content), [[start, n] for start in range(5) for n in [*range(20), 900]]],
    )
    assert got == [[zlib.crc32(piece)] * 2 for piece in pieces]


def _empty(page: Page, film: Path) -> None:
    expect(page.locator(".chooser")).to_be_visible()


def _sending(page: Page, film: Path) -> None:
    Road(page).let(1)
    page.set_input_files(CHOOSER, film)
    is_held(page, "beach.film")
    page.fill("[name=name]", "Ann")
    page.click(HAND_IN)


def _done(page: Page, film: Path) -> None:
    page.set_input_files(CHOOSER, [small("A long name " * 9 + ".film"), small("b.film", b"b")])
    is_done(page, "b.film")


def _failed(page: Page, film: Path) -> None:
    page.set_input_files(CHOOSER, [small(f"{n}.film") for n in range(4)] + [small("e.film", b"")])
    page.click(HAND_IN)
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("state", [_empty, _sending, _done, _failed])
@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [*((size, scheme, "en-GB") for size, scheme in LOOKS), (PHONE, "light", "zh-CN")],
)
def test_each_state_fits_and_is_accessible(
    browser: Browser,
    home: tuple[Server, Path],
    film: Path,
    size: tuple[int, int],
    scheme: str,
    language: str,
    state: Callable[[Page, Path], None],
) -> None:
    context = context_of(browser, size, scheme, locale=language, reduced_motion="reduce")
    page = context.new_page()
    page.goto(home[0].url + PATH)
    state(page, film)
    fits(page)
    is_accessible(page)
    low = page.evaluate(
        """() => [...document.querySelectorAll('main button, .chooser label')]
            .map(e => [e.textContent, e.getBoundingClientRect()])
            .filter(([, box]) => box.width > 1 && box.height < 44).map(([text]) => text)"""
    )
    assert low == []
    context.close()
