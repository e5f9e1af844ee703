"""From an upload to a submission: only whole ones, only of the field that they were begun for, only once."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from ..visitor import Page, Visitor
from .conftest import Place
from .sending import PATH, SLUG, content_of
from .tus_client import id_of

CONTENT = content_of(100_000)
PDF = b"%PDF-1.7\n" + content_of(1000)


def refused(answer: Page) -> str:
    """What the page says is wrong; all that was typed is still on it."""
    assert answer.status == 422, answer.text
    assert answer.input("name") == "Ann"
    return " ".join(answer.problems)


def test_it_is_handed_in_once(place: Place) -> None:
    path = place.sent(CONTENT)
    assert place.hand_in(path).status == 303
    assert "Your videos" in refused(place.hand_in(path))
    assert place.tus.head(path).status == 404
    assert place.tus.patch(path, len(CONTENT), b"").status == 404
    assert place.tus.delete(path).status == 404


def test_the_same_page_twice_is_one_submission(place: Place) -> None:
    visitor = Visitor(place.send)
    page = visitor.open(PATH)
    answers = {"name": "Ann", "video": f"upload:{id_of(place.sent(CONTENT))}"}
    first = visitor.hand_in(page, PATH, answers)
    second = visitor.hand_in(page, PATH, answers)
    assert (first.status, second.status) == (303, 303)
    assert first.location == second.location


def test_a_part_of_a_file_is_not_handed_in(place: Place) -> None:
    path, whole = place.begin(len(CONTENT)), place.sent(CONTENT, "whole.mp4")
    for size in (0, 50_000):
        place.tus.patch(path, 0, CONTENT[:size])
        answer = place.hand_in(whole, path)
        assert "Your videos" in refused(answer)
        kept = [value for name, value in answer.inputs if name == "video" and value]
        assert f"upload:{id_of(whole)}" in kept
    place.tus.send_rest(path, CONTENT)
    assert place.hand_in(whole, path).status == 303


@pytest.mark.parametrize(("field", "form"), [("video", "/f/other"), ("poster", PATH)])
def test_what_was_begun_for_elsewhere_is_not_taken(place: Place, field: str, form: str) -> None:
    path = place.sent(CONTENT)
    answer = place.hand_in(path, field=field, form=form)
    refused(answer)
    assert place.tus.offset(path) == len(CONTENT)
    assert place.hand_in(path).status == 303


def test_a_file_is_handed_in_beside_one_that_came_with_the_page(place: Place) -> None:
    visitor = Visitor(place.send)
    path = place.sent(CONTENT)
    answers = {"name": "Ann", "video": f"upload:{id_of(path)}"}
    answer = visitor.hand_in(visitor.open(PATH), PATH, answers, [("video", "b.mp4", b"second")])
    assert answer.status == 303, answer.text
    receipt = visitor.open(answer.location)
    assert "a.mp4" in receipt.text
    assert "b.mp4" in receipt.text


def test_no_more_than_the_field_takes(place: Place) -> None:
    paths = [place.sent(CONTENT, f"{number}.mp4") for number in range(4)]
    assert "takes 3 files" in refused(place.hand_in(*paths))
    assert place.hand_in(*paths[:3]).status == 303


def test_no_more_than_the_field_takes_of_one_page(place: Place) -> None:
    for number in range(3):
        place.tus.created(SLUG, "video", f"{number}.mp4", 5, page="the same")
    answer = place.tus.create(SLUG, "video", "4.mp4", 5, page="the same")
    assert answer.status == 422, answer.body
    assert "takes 3 files" in answer.text
    assert place.tus.create(SLUG, "video", "4.mp4", 5, page="another").status == 201


@pytest.mark.parametrize("id", ["", "x", "0" * 32, "../" + "0" * 29, "0" * 33, "' OR 1=1 --"])
def test_an_id_that_is_none(place: Place, id: str) -> None:
    visitor = Visitor(place.send)
    answer = visitor.hand_in(visitor.open(PATH), PATH, {"name": "Ann", "video": f"upload:{id}"})
    assert answer.status in (303, 422)
    if answer.status == 422:
        refused(answer)


def test_an_upload_expires(place: Place) -> None:
    path = place.sent(CONTENT)
    with closing(sqlite3.connect(place.data / "intray.db", timeout=30)) as connection:
        old = "UPDATE uploads SET expires_at = '2020-01-01 00:00:00' WHERE public_id = ?"
        connection.execute(old, [id_of(path)])
        connection.commit()
    assert place.tus.head(path).status == 404
    assert place.tus.patch(path, len(CONTENT), b"").status == 404
    assert place.tus.delete(path).status in (204, 404)


def test_a_pdf_is_taken_where_one_is_asked_for(place: Place) -> None:
    path = place.sent(PDF, "a.pdf", "poster")
    answer = place.hand_in(path, field="poster")
    assert answer.status == 303, answer.text
