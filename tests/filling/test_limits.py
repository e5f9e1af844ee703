"""One address cannot hand in without end; this computer, and so a proxy on it, can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from webapp.config import Settings

from ..conftest import import_text, running_app
from ..forms_in_toml import HOMEWORK
from ..forms_with_rules import TRIP
from ..visitor import Page, Visitor, in_process

PATH = "/f/homework-3"
ESSAY = [("essay", "essay.pdf", b"%PDF-1.7 essay")]


@pytest.fixture
def strict_app(settings: Settings) -> Iterator[Flask]:
    """An application that takes three hand-ins an hour from an address."""
    for app in running_app(replace(settings, hand_ins_per_hour=3)):
        import_text(app, HOMEWORK)
        yield app


def hand_in(app: Flask, address: str, name: str = "Ann") -> Page:
    visitor = Visitor(in_process(app, REMOTE_ADDR=address))
    return visitor.hand_in(visitor.open(PATH), PATH, {"name": name}, ESSAY)


def test_an_address_that_hands_in_too_often_is_asked_to_wait(strict_app: Flask) -> None:
    assert [hand_in(strict_app, "192.0.2.7").status for _ in range(4)] == [303, 303, 303, 429]
    refused = hand_in(strict_app, "192.0.2.7")
    assert int(refused.headers["retry-after"]) == 3600
    assert "try again later" in refused.text
    incoming = strict_app.config["INTRAY"].data / "incoming"
    assert list(incoming.iterdir()) == [], "nothing of it was kept"
    assert hand_in(strict_app, "192.0.2.8").status == 303
    assert hand_in(strict_app, "2001:db8::1").status == 303


def test_files_that_are_kept_after_a_mistake_count_too(strict_app: Flask) -> None:
    answers = [hand_in(strict_app, "192.0.2.7", name="").status for _ in range(4)]
    assert answers == [422, 422, 422, 429]


def test_files_of_a_draft_s_pages_count_too(strict_app: Flask) -> None:
    import_text(strict_app, TRIP)
    visitor = Visitor(in_process(strict_app, REMOTE_ADDR="192.0.2.7"))
    page = visitor.post_form("/f/trip/start", {}).location + "?page=2"
    given: dict[str, str | list[str]] = {"people": "1", "diets": ["nuts"], "note_sent": "Dr. Yes"}
    files = [("nuts", "note.txt", b"a note")]
    shown = visitor.open(page)
    answers = [visitor.hand_in(shown, page, given, files).status for _ in range(4)]
    assert answers == [303, 303, 303, 429]
    incoming = strict_app.config["INTRAY"].data / "incoming"
    assert len(list(incoming.iterdir())) == 3, "the fourth was not kept"
    assert visitor.hand_in(shown, page, {"people": "many"}).status == 422, "words are not limited"
    assert visitor.open(page).input("people") == "many"


def test_this_computer_is_not_limited(strict_app: Flask) -> None:
    assert [hand_in(strict_app, "127.0.0.1").status for _ in range(5)] == [303] * 5


def test_what_is_kept_after_mistakes_is_no_more_than_may_wait(settings: Settings) -> None:
    for app in running_app(replace(settings, waiting_per_address=2 * len(ESSAY[0][2]))):
        import_text(app, HOMEWORK)
        answers = [hand_in(app, "192.0.2.7", name="").status for _ in range(3)]
        assert answers == [422, 422, 413]
        incoming = app.config["INTRAY"].data / "incoming"
        assert len(list(incoming.iterdir())) == 2, "the third was not kept"
        assert hand_in(app, "192.0.2.8").status == 303
