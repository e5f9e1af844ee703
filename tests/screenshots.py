"""`python -m tests.screenshots`: a picture of every page, on a phone and on a PC, in light and dark, in each
language, written into the folder `screenshots` (which git ignores), to be looked at."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from webapp.i18n import LANGUAGES
from webapp.showcase.samples import STATES

from .browser import states
from .browser.conftest import OPTIONS
from .browser.looking import LOOKS, context_of, sign_in
from .browser.test_every_page import Place
from .running import TOP, Server

SHOWCASE = ("/dev/components", *(f"/dev/components/questions/{state}" for state in STATES))
LOCALES = {"en": "en-GB", "zh": "zh-CN"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the pictures and gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=TOP / "screenshots")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="pages whose address or name has that"
    )
    options = parser.parse_args(arguments)
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is missing: apt-get install chromium", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Place(Path(folder) / "data")
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        with (
            Server(data=Path(folder) / "data") as server,
            Server("--dev", data=Path(folder) / "dev") as dev,
        ):
            urls = [server.url + path for path in place.paths if options.only in path]
            urls += [dev.url + path for path in SHOWCASE if options.only in path]
            for size, scheme in LOOKS:
                for code in LANGUAGES:
                    context = context_of(browser, size, scheme, locale=LOCALES[code])
                    page = context.new_page()
                    sign_in(page, server)
                    folder = options.folder / f"{size[0]}-{scheme}-{code}"
                    _take_all(page, urls, folder)
                    _take_states(page, server, options.only, folder)
                    context.close()
        browser.close()
    print(f"The pictures are in {options.folder}")
    return 0


def _take_all(page: Page, urls: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, url in enumerate(urls, start=1):
        page.goto(url)
        path = re.sub(r"^\w+://[^/]+", "", page.url)
        name = re.sub(r"[^A-Za-z0-9]+", "-", path.partition("?")[0])[:60].strip("-")
        page.screenshot(path=folder / f"{number:02} {name or 'start'}.png", full_page=True)


def _take_states(page: Page, server: Server, only: str, folder: Path) -> None:
    """The pages as they are after something was done in them, by the names of these walks."""
    for state in states.STATES:
        if only in state.__name__:
            state(page, server)
            page.screenshot(path=folder / f"{state.__name__}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
