"""A form's colour, logo and closing text, from the builder to the receipt."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from ..conftest import ImportForm
from ..desk import Desk
from ..forms_in_toml import HOMEWORK
from ..visitor import Visitor, in_process

LOOK = "/desk/forms/homework-3/look"
PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
PDF = [("essay", "essay.pdf", b"%PDF-1.7")]


@pytest.fixture(autouse=True)
def homework(import_form: ImportForm) -> None:
    import_form(HOMEWORK)


def save(desk: Desk, logo: bytes | None = None, **values: str) -> int:
    files = [] if logo is None else [("logo", "logo.png", logo)]
    page = desk.open(LOOK)
    given = {"accent": "", "closing": "", "logo_words": "", **values}
    return desk.submit(page, LOOK, given, files).status


def publish(desk: Desk) -> None:
    desk.submit(desk.open(LOOK), "/desk/forms/homework-3/publish", {"back": "edit"})


def test_the_colour_is_a_style_sheet_of_the_published_page(desk: Desk, visitor: Visitor) -> None:
    assert save(desk, accent="#b91c1c") == 303
    assert "/look/" not in visitor.open("/f/homework-3").text
    publish(desk)
    page = visitor.open("/f/homework-3")
    sheet = visitor.open(re.findall(r'href="(/look/[^"]+\.css)"', page.text)[0])
    assert sheet.headers["content-type"].startswith("text/css")
    assert "--accent:#b91c1c" in sheet.text
    assert visitor.open("/look/nocolour.css").status == 404


def test_a_colour_of_ones_own(desk: Desk) -> None:
    assert save(desk, accent="own", own_colour="#FFEE00") == 303
    page = desk.open(LOOK).text
    assert 'value="#ffee00"' in page
    assert "a little different on the page" in page
    assert save(desk, accent="own", own_colour="yellow") == 422
    assert save(desk, accent="") == 303
    assert "/look/ffee00.css" not in desk.open(LOOK).text


def test_a_logo_is_shown_at_once_and_can_be_removed(desk: Desk, visitor: Visitor) -> None:
    assert save(desk, PNG, logo_words="A <School>") == 303
    page = visitor.open("/f/homework-3").text
    found = re.search(r'<img class="logo" src="([^"]+)" alt="A &lt;School&gt;">', page)
    assert found is not None
    logo = visitor.open(found[1])
    assert (logo.status, logo.body) == (200, PNG)
    assert logo.headers["content-type"] == "image/png"
    assert "sandbox" in logo.headers["content-security-policy"]
    assert save(desk, remove_logo="yes") == 303
    assert 'class="logo"' not in visitor.open("/f/homework-3").text
    assert visitor.open(found[1]).status == 404


NO_LOGOS = [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF", PNG + b"x" * 300_000]


@pytest.mark.parametrize("content", NO_LOGOS, ids=["svg", "short", "large"])
def test_what_is_no_logo_is_told_and_nothing_typed_is_lost(desk: Desk, content: bytes) -> None:
    page = desk.open(LOOK)
    values = {"accent": "#b91c1c", "closing": "Thanks.", "logo_words": "School"}
    answer = desk.submit(page, LOOK, values, [("logo", "logo.svg", content)])
    assert answer.status == 422
    assert "The logo must be" in answer.text
    assert "Thanks." in answer.text
    assert 'value="School"' in answer.text
    assert 'value="#b91c1c" checked' in answer.text


def test_the_closing_text_is_on_the_receipt(desk: Desk, visitor: Visitor) -> None:
    assert save(desk, closing="We write to you **within a week**.") == 303
    publish(desk)
    page = visitor.open("/f/homework-3")
    receipt = visitor.hand_in(page, "/f/homework-3", {"name": "Ann"}, PDF).location
    text = visitor.open(receipt).text
    assert "We write to you <strong>within a week</strong>." in text


def test_two_windows_do_not_undo_each_other(desk: Desk) -> None:
    old = desk.open(LOOK)
    assert save(desk, closing="Theirs") == 303
    answer = desk.submit(old, LOOK, {"accent": "", "closing": "Mine", "logo_words": ""})
    assert answer.status == 409
    assert "Mine" in answer.text


def test_a_form_takes_its_logo_along_when_it_goes(app: Flask, desk: Desk) -> None:
    save(desk, PNG)
    visitor = Visitor(in_process(app))
    logo = re.findall(r'src="(/look/logo/[^"]+)"', visitor.open("/f/homework-3").text)[0]
    page = desk.open("/desk/forms/homework-3/delete")
    assert desk.submit(page, "/desk/forms/homework-3/delete", {"seen": "0"}).status == 303
    assert visitor.open(logo).status == 404
    app.extensions["intray.jobs"].run_due()
    assert visitor.open(logo).status == 404


def test_the_look_is_part_of_the_file(desk: Desk, import_form: ImportForm) -> None:
    import_form(
        HOMEWORK.replace("[[fields]]", 'accent = "#1D4ED8"\nclosing = "Thanks."\n\n[[fields]]', 1)
    )
    text = desk.open("/desk/forms/homework-3/form.toml").text
    assert 'accent = "#1d4ed8"' in text
    assert 'closing = "Thanks."' in text
