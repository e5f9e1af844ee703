"""Pages that are kept are those that would be rendered anew, and the first change of a form shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, template_rendered
from sqlalchemy import update

from webapp.database import unit_of_work
from webapp.filling.kept import KeptPages
from webapp.forms.tables import Form

from ..conftest import ImportForm
from ..forms_in_toml import EVERY_KIND, HOMEWORK, MORE_KINDS
from ..visitor import Page, Visitor, in_process

PATH = "/f/homework-3"
ESSAY = [("essay", "essay.pdf", b"%PDF-1.7 essay")]
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def rendered(app: Flask) -> Iterator[list[str]]:
    """The templates that are rendered from now on."""
    names: list[str] = []

    def note(sender: Flask, template: Any, **rest: Any) -> None:
        names.append(template.name)

    with template_rendered.connected_to(note, app):
        yield names


def but_token(page: Page) -> str:
    return _TOKEN.sub("", page.text)


def rendered_anew(app: Flask, path: str, **headers: str) -> Page:
    kept = app.extensions["intray.kept_pages"]
    app.extensions["intray.kept_pages"] = KeptPages()
    page = Visitor(in_process(app)).open(path, **headers)
    app.extensions["intray.kept_pages"] = kept
    return page


@pytest.mark.parametrize("form", [HOMEWORK, EVERY_KIND, MORE_KINDS])
def test_a_kept_page_is_the_same_but_for_its_token(
    app: Flask, visitor: Visitor, import_form: ImportForm, rendered: list[str], form: str
) -> None:
    path = f"/f/{import_form(form).slug}"
    first = visitor.open(path)
    assert rendered == ["filling/form.html"]
    second = visitor.open(path)
    assert rendered == ["filling/form.html"]
    assert but_token(first) == but_token(second)
    lengths = {"content-length": ""}  # tokens have several
    assert {**first.headers, **lengths} == {**second.headers, **lengths}
    assert first.input("csrf_token") != second.input("csrf_token")


def test_each_kept_page_is_a_submission_of_its_own(
    visitor: Visitor, import_form: ImportForm, rendered: list[str]
) -> None:
    import_form(HOMEWORK)
    pages = [visitor.open(PATH) for _ in range(3)]
    taken = [visitor.hand_in(page, PATH, {"name": "Ann"}, ESSAY) for page in pages]
    assert [answer.status for answer in taken] == [303] * 3
    assert len({answer.location for answer in taken}) == 3
    visitor.open(PATH)
    assert rendered == ["filling/form.html"], "a submission changes nothing in the page"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "Homework 3"', 'title = "Homework 4"'),
        ("**and** the data", "and nothing else"),
        ('label = "Your name"', 'label = "Your whole name"'),
        ("max_files = 3", "max_files = 2"),
        ('state = "open"', 'state = "closed"'),
        ('state = "open"', 'state = "open"\ncloses_at = 2040-01-02T10:00:00'),
        ('state = "open"', 'state = "open"\ncloses_at = 2020-01-02T10:00:00'),
        ('state = "open"', 'state = "open"\naccent = "#a02040"'),
    ],
)
def test_a_change_shows_at_once(
    app: Flask, visitor: Visitor, import_form: ImportForm, old: str, new: str
) -> None:
    import_form(HOMEWORK)
    before = visitor.open(PATH)
    assert old in HOMEWORK
    import_form(HOMEWORK.replace(old, new))
    after = visitor.open(PATH)
    assert but_token(after) != but_token(before)
    assert but_token(after) == but_token(rendered_anew(app, PATH))
    import_form(HOMEWORK)
    assert but_token(visitor.open(PATH)) == but_token(before)


def test_a_new_logo_shows_at_once(app: Flask, visitor: Visitor, import_form: ImportForm) -> None:
    import_form(HOMEWORK)
    assert "School" not in visitor.open(PATH).text
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Form).values(logo="0123456789abcdef", logo_words="School"))
    assert 'alt="School"' in visitor.open(PATH).text


def test_each_reader_gets_the_page_that_is_theirs(
    app: Flask, visitor: Visitor, import_form: ImportForm, rendered: list[str]
) -> None:
    import_form(HOMEWORK)
    behind_proxy = Visitor(in_process(app, SCRIPT_NAME="/intray"))
    readers = [(visitor, "en"), (visitor, "zh"), (behind_proxy, "en")]
    pages = [[who.open(PATH, Accept_Language=code) for who, code in readers] for _ in range(2)]
    assert len(rendered) == 3
    assert [but_token(page) for page in pages[0]] == [but_token(page) for page in pages[1]]
    assert len({but_token(page) for page in pages[0]}) == 3
    assert pages[1][1].headers["content-language"] == "zh"
    assert 'action="/intray/f/homework-3"' in pages[1][2].text


def test_a_page_that_was_asked_for_with_a_query_is_not_kept(
    visitor: Visitor, import_form: ImportForm, rendered: list[str]
) -> None:
    import_form(HOMEWORK)
    for number in (1, 1, 2):
        visitor.open(f"{PATH}?from={number}")
    assert len(rendered) == 3


def test_what_was_asked_for_last_is_kept() -> None:
    pages = KeptPages(most=2)
    rendered: list[str] = []

    def ask(name: str) -> None:
        def render() -> str:
            rendered.append(name)
            return f"{name}:token"

        assert pages.page(name, "token", render) == f"{name}:token".encode()

    for name in "abacab":
        ask(name)
    assert rendered == ["a", "b", "c", "b"]
