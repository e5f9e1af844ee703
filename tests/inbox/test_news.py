"""What comes in shows up without a reload."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from webapp.forms.tables import Form

from ..conftest import ImportForm
from ..desk import Desk
from ..forms_in_toml import HOMEWORK
from ..submissions.handing_in import hand_in
from ..visitor import Page

INBOX = "/desk/forms/homework-3"
NEWS = INBOX + "/news?after="


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(HOMEWORK)


def after(page: Page) -> int:
    found = re.search(r'data-after="(\d+)"', page.text)
    assert found, page.text
    return int(found[1])


def test_there_is_nothing_until_something_comes(app: Flask, desk: Desk, form: Form) -> None:
    assert desk.open(f"{NEWS}{after(desk.open(INBOX))}").status == 204
    hand_in(app, form, {"name": "Ann"})
    page = desk.open(INBOX)
    nothing = desk.open(f"{NEWS}{after(page)}")
    assert (nothing.status, nothing.body) == (204, b"")


def test_what_has_come_is_rows_and_words(app: Flask, desk: Desk, form: Form) -> None:
    hand_in(app, form, {"name": "Old"})
    page = desk.open(INBOX)
    for name in ("Ann", "Bob"):
        hand_in(app, form, {"name": name})
    news = desk.open(f"{NEWS}{after(page)}")
    assert news.status == 200
    assert re.findall("<bdi>(.*?)</bdi>", news.text) == ["Bob", "Ann"]
    assert news.text.count(">New<") == 2
    assert "2 new submissions" in news.text
    assert "<p data-total>3</p>" in news.text
    assert news.headers["cache-control"] == "no-store"
    assert desk.open(f"{NEWS}{after(news)}").status == 204
    assert "<strong>" not in desk.open("/desk").text  # they were seen


def test_many_come_in_turns_and_none_is_left_out(app: Flask, desk: Desk, form: Form) -> None:
    for number in range(70):
        hand_in(app, form, {"name": f"n{number}"})
    first = desk.open(f"{NEWS}0")
    second = desk.open(f"{NEWS}{after(first)}")
    seen = re.findall("<bdi>(.*?)</bdi>", second.text + first.text)
    assert seen == [f"n{n}" for n in range(69, -1, -1)]


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30])
def test_whatever_is_asked_for_is_answered(app: Flask, desk: Desk, form: Form, after: str) -> None:
    hand_in(app, form, {"name": "Ann"})
    assert desk.open(NEWS + after).status in (200, 204)


def test_only_the_newest_are_live(app: Flask, desk: Desk, form: Form) -> None:
    hand_in(app, form, {"name": "Ann"})
    assert "data-news" in desk.open(INBOX).text
    for query in ("?order=oldest", "?order=name", "?q=ann"):
        assert "data-news" not in desk.open(INBOX + query).text


def test_the_overview_s_table_is_there_alone(app: Flask, desk: Desk, form: Form) -> None:
    hand_in(app, form, {"name": "Ann"})
    news = desk.open("/desk/news")
    assert "<strong>1</strong>" in news.text
    assert "<html" not in news.text
