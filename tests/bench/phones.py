"""A public form on a slow phone: Chromium with its processor slowed down."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from ..browser.conftest import OPTIONS
from ..browser.looking import PHONE, context_of
from ..forms_in_toml import EVERY_KIND
from ..running import Server
from .plan import Plan
from .tables import Row

SLOWER = 4
FIELDS = 60

ABOUT = f"""\
Chromium, with a phone's screen and {SLOWER} times slower than this computer, opens a form for the first time.
Milliseconds since it was asked for, medians of all rounds: until the first question is seen and has
the focus, so that keys go to it, and until the page's scripts have run (DOMContentLoaded); and the longest
task, during which no key is answered. 1,000 is the most that it may take."""

# From the page's first moment on: the longest task, and when the first question is seen and has the focus.
_FIRST = "#filling :is(input, textarea):not([type=hidden])"
_WATCH = f"""
window.longest = 0;
(function look() {{
  const first = document.querySelector("{_FIRST}");
  const isSeen = performance.getEntriesByName("first-contentful-paint").length > 0;
  if (!first || !isSeen) return requestAnimationFrame(look);
  first.focus();
  window.focused = performance.now();
}})();
new PerformanceObserver((list) => {{
  for (const task of list.getEntries()) longest = Math.max(longest, task.duration);
}}).observe({{ type: "longtask", buffered: true }});
"""
_HEAD = 'format = 1\ntitle = "A long form"\nslug = "long"\nstate = "open"\n'
_KINDS = (
    'kind = "choice"\nchoices = ["Yes", "No", "Perhaps"]',
    'kind = "short_text"\nmax_length = 200',
    'kind = "number"\nmin = 0',
    'kind = "long_text"\nmax_length = 2000',
    'kind = "date"',
    'kind = "files"\nmax_files = 3',
)


def chromium() -> str | None:
    """The browser, where there is one."""
    return shutil.which("chromium")


def measure(folder: Path, plan: Plan) -> list[Row]:
    """Both forms, by turns."""
    forms = {"9 questions": ("job-application", EVERY_KIND)}
    forms[f"{FIELDS} questions, {FIELDS - 1} rules"] = ("long", _long_form())
    data = folder / "data"
    for slug, text in forms.values():
        file = folder / f"{slug}.toml"
        file.write_text(text, encoding="utf-8")
        Server.command("form", "import", file, data=data)
    found: dict[str, list[Mapping[str, float]]] = {name: [] for name in forms}
    with Server(data=data) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
        for _ in range(plan.rounds):
            for name, (slug, _text) in forms.items():
                found[name].append(_open(browser, f"{server.url}/f/{slug}"))
        browser.close()
    return [_row(name, rounds) for name, rounds in found.items()]


def _long_form() -> str:
    """Questions of several kinds, each but the first shown by the answer to the first one."""
    rule = '\nshow_if = { field = "q0", is_not = "no" }'
    asked = (
        f'\n[[fields]]\nkey = "q{n}"\nlabel = "Question {n}"\n{_KINDS[n % len(_KINDS)]}'
        f"{rule if n else ''}\n"
        for n in range(FIELDS)
    )
    return _HEAD + "".join(asked)


def _open(browser: Browser, url: str) -> Mapping[str, float]:
    context = context_of(browser, PHONE, "light")
    page = context.new_page()
    page.add_init_script(_WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url)
    page.wait_for_function("() => window.focused")
    told: Mapping[str, Any] = page.evaluate(
        "() => ({ ...performance.getEntriesByType('navigation')[0].toJSON(), longest, focused })"
    )
    _press_a_key(page)
    context.close()
    return told


def _press_a_key(page: Page) -> None:
    """What has the focus is what a key goes to."""
    first = page.locator(_FIRST).first
    page.keyboard.press("Space" if first.get_attribute("type") == "radio" else "a")
    is_there = "one => (one.type === 'radio' ? one.checked : one.value === 'a')"
    assert first.evaluate(is_there), "the key has not arrived"


def _row(name: str, rounds: Sequence[Mapping[str, float]]) -> Row:
    def middle(what: str) -> float:
        return median(one[what] for one in rounds)

    return {
        "form": name,
        "first question, ms": middle("focused"),
        "scripts, ms": middle("domContentLoadedEventEnd"),
        "longest task, ms": middle("longest"),
    }
