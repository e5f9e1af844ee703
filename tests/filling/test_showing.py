"""Handing in a form with show-if rules, without JavaScript: what is hidden is ignored, whatever is sent."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from webapp.extensions import db
from webapp.submissions.tables import StoredFile, Submission
from webapp.uploads.tables import Upload

from ..conftest import ImportForm
from ..forms_with_rules import TRIP
from ..visitor import Page, Visitor

PATH = "/f/trip"
WHOLE = f"{PATH}?whole=1"


@pytest.fixture
def trip(visitor: Visitor, import_form: ImportForm) -> Page:
    import_form(TRIP)
    return visitor.open(WHOLE)


def stored(app: Flask) -> list[str]:
    """The texts that are kept of the one submission."""
    with app.app_context():
        answers = db.session.scalars(select(Submission.answers)).one()
    return [value for value in answers.values() if isinstance(value, str)]


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_everything_is_shown_with_its_rule_in_words(trip: Page) -> None:
    for text in (
        "Why not?",
        "Only if “Will you come?” is “No”",
        "Only if “Will you come?” is not “No”",
        "Only if “How many are you?” is 2 or more",
        "Only if “How many are you?” is 10.5 or less",
        "Only if “I travel alone.” is ticked and “Will you come?” is “Yes” or “Perhaps”",
        "Only if “What do you not eat?” is “Nuts” or “Milk”",
        "Only if “Which day?” is 1 June 2026 or later and “Which day?” is 31 August 2026 or earlier",
        "Only if “Which day?” is not answered",
        "Only if “How many are you?” is not 1 or 2",
    ):
        assert text in trip.text
    headings = re.findall(r"<(h[23]) class=\"part-title\"[^>]*>([^<]+)<", trip.text)
    assert headings == [
        ("h2", "About you"), ("h2", "Your journey"), ("h3", "Food"), ("h2", "The end"),
    ]  # fmt: skip


def test_what_is_hidden_is_neither_required_nor_stored(
    app: Flask, visitor: Visitor, trip: Page
) -> None:
    answers = {"coming": "no", "why": "I am ill.", "people": "many", "taxi": "Home", "day": ""}
    answer = visitor.hand_in(trip, PATH, answers)
    assert answer.status == 303, answer.problems
    assert "I am ill." in stored(app)
    assert "Home" not in stored(app)
    assert "Home" not in visitor.open(answer.location).text


def test_what_is_shown_is_required(visitor: Visitor, trip: Page) -> None:
    assert visitor.hand_in(trip, PATH, {}).problems == [
        "Will you come: please choose one",
        "How many are you: please write a number",
    ]
    refused = visitor.hand_in(trip, PATH, {"coming": "no"})
    assert refused.problems == ["Why not: please write an answer"]
    refused = visitor.hand_in(trip, PATH, {"coming": "yes", "people": "3", "diets": ["nuts"]})
    assert refused.problems == [
        "Their names: please write an answer",
        "A doctor's note: please choose a file",
    ]


def test_files_of_a_hidden_question_are_not_handed_in(
    app: Flask, visitor: Visitor, trip: Page
) -> None:
    answers: dict[str, str | list[str]] = {"coming": "yes", "people": "3", "diets": ["nuts"]}
    refused = visitor.hand_in(trip, PATH, answers, [("nuts", "note.txt", b"a note")])
    assert refused.problems == ["Their names: please write an answer"]
    again: dict[str, str | list[str]] = {"names": "Bob", "diets": [], "note_sent": "Dr. No"}
    empty = [("nuts", "empty.txt", b"")]  # wrong, if it were asked for
    answer = visitor.hand_in(refused, PATH, again, empty)
    assert answer.status == 303, answer.problems
    assert "Dr. No" not in stored(app)
    assert count(app, StoredFile) == 0
    assert count(app, Upload) == 1  # until it expires


def test_a_file_that_is_asked_for_is_handed_in(app: Flask, visitor: Visitor, trip: Page) -> None:
    answers: dict[str, str | list[str]] = {
        "coming": "yes", "people": "1", "diets": ["milk"], "note_sent": "Dr. Yes",
    }  # fmt: skip
    answer = visitor.hand_in(trip, PATH, answers, [("nuts", "note.txt", b"a note")])
    assert answer.status == 303, answer.problems
    assert "Dr. Yes" in stored(app)
    assert count(app, StoredFile) == 1


def test_a_page_goes_by_the_rules_that_it_showed(
    app: Flask, visitor: Visitor, trip: Page, import_form: ImportForm
) -> None:
    """The form is published anew, with other rules, while somebody fills in the old version."""
    import_form(TRIP.replace('is = "no" }', 'is = "yes" }').replace('"people"', '"persons"'))
    old = visitor.hand_in(trip, PATH, {"coming": "no", "why": "Ill.", "persons": "2"})
    assert old.status == 303, old.problems
    assert "Ill." in stored(app)
    new = visitor.hand_in(visitor.open(WHOLE), PATH, {"coming": "no", "why": "Ill."})
    assert new.status == 303, new.problems
    with app.app_context():
        answers = db.session.scalars(select(Submission.answers).order_by(Submission.id)).all()
    assert "Ill." not in answers[1].values()
