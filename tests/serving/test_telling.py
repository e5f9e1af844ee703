"""What happens a thousand times is said once a minute."""

from __future__ import annotations

import time

import pytest

from webapp.serving import tasks
from webapp.serving.telling import MINUTE, Telling

from .answering import Client, serving


def test_the_first_is_said_at_once_and_the_others_when_the_minute_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    moment = 100.0
    telling = Telling(lambda: moment)
    for number in range(1000):
        telling.warn("a kind", f"number {number}")
    telling.warn("another", "alone")
    telling.catch_up()
    assert caplog.messages == ["number 0", "alone"]
    caplog.clear()
    moment += MINUTE
    telling.catch_up()
    assert caplog.messages == ["number 999 (999 times within a minute)"]
    telling.warn("a kind", "still")
    telling.warn("another", "alone again")
    assert caplog.messages[1:] == ["alone again"]
    caplog.clear()
    telling.close()
    assert caplog.messages == ["still"]
    moment += 2 * MINUTE
    telling.catch_up()
    telling.catch_up()
    telling.warn("a kind", "after a while")
    assert caplog.messages[1:] == ["after a while"]


def test_slow_requests_are_named_once_and_slow_clients_are_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tasks, "SLOW_SECONDS", 0.2)

    def application(environ, start_response):  # type: ignore[no-untyped-def]
        if environ["PATH_INFO"] == "/slow":
            time.sleep(0.3)
        start_response("200 OK", [])
        yield b"begun"
        time.sleep(0.3)  # a download that goes on is not slow
        yield b"done"

    with serving(application) as port, Client(port) as client:
        client.ask("/download")
        client.ask("/slow?key=secret")
        client.ask("/slow")
        named = [text for text in caplog.messages if "until its answer began" in text]
    assert len(named) == 1
    assert named[0].startswith("GET /slow took 0.")
    assert "download" not in caplog.text
    assert "secret" not in caplog.text
