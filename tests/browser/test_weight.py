"""How much a phone has to fetch for a public form."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from ..running import Server
from .looking import PHONE, context_of

pytestmark = pytest.mark.browser

MOST_BYTES = 60_000  # for everything, over the wire


def test_a_form_with_a_question_of_each_kind_is_light(browser: Browser, server: Server) -> None:
    context = context_of(browser, PHONE, "light")
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: dict[str, int] = {}
    urls: dict[str, str] = {}
    network.on(
        "Network.responseReceived", lambda e: urls.update({e["requestId"]: e["response"]["url"]})
    )
    network.on(
        "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]})
    )
    page.goto(server.url + "/f/job-application", wait_until="networkidle")
    told = {urls.get(id, id): size for id, size in sizes.items()}
    context.close()
    assert any("/static/" in url for url in told), told
    assert sum(told.values()) < MOST_BYTES, told
