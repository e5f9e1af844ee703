"""Pages, sections and show-if rules in the builder, without JavaScript."""

from __future__ import annotations

import pytest
from flask import Flask

from ..conftest import ImportForm, SignInAs
from ..desk import Desk
from ..forms_with_rules import TRIP
from .test_editing import draft

TOP = "/desk/forms/trip"
EDIT = f"{TOP}/edit"


@pytest.fixture
def desk(sign_in: SignInAs, import_form: ImportForm) -> Desk:
    """An editor at the desk, with the form that has rules of every sort."""
    import_form(TRIP)
    return sign_in("editor")


def ids(app: Flask) -> dict[str, str]:
    return {element["key"]: element["id"] for element in draft(app, "trip")["fields"]}


def table(app: Flask, key: str) -> dict[str, object]:
    found = (one for one in draft(app, "trip")["fields"] if one["key"] == key)
    return next(found)


def test_the_list_shows_headings_and_rules_in_words(desk: Desk) -> None:
    page = desk.open(EDIT).text
    assert '<h3 class="question-label page-label" dir="auto">Your journey</h3>' in page
    assert '<h3 class="question-label section-label" dir="auto">Food</h3>' in page
    assert "Only if “Will you come?” is not “No”" in page
    assert "Only if “Which day?” is not answered" in page


@pytest.mark.parametrize("kind", ["page", "section"])
def test_a_heading_is_added_changed_and_removed(app: Flask, desk: Desk, kind: str) -> None:
    assert desk.submit(desk.open(EDIT), EDIT, {"add": kind}).location.endswith(f"/new/{kind}")
    new = f"{TOP}/questions/new/{kind}"
    assert desk.submit(desk.open(new), new, {"label": " "}).problems == ["Title must not be empty"]
    answer = desk.submit(desk.open(new), new, {"label": "Last words", "help": "Take care."})
    assert answer.status == 303
    assert table(app, "last_words") | {"id": ""} == {
        "kind": kind, "key": "last_words", "label": "Last words", "help": "Take care.", "id": "",
    }  # fmt: skip
    own = f"{TOP}/questions/{ids(app)['last_words']}"
    assert desk.submit(desk.open(own), own, {"label": "The last"}).status == 303
    assert table(app, "last_words")["label"] == "The last"
    assert desk.submit(desk.open(EDIT), EDIT, {"duplicate": ids(app)["last_words"]}).status == 303
    assert desk.submit(desk.open(EDIT), EDIT, {"up": ids(app)["last_words_2"]}).status == 303
    assert list(ids(app))[-2:] == ["last_words_2", "last_words"]
    assert "It stands before “The last” now." in desk.open(EDIT).text
    assert desk.submit(desk.open(own), f"{own}/move", {"place": "2"}).status == 303
    place = list(ids(app)).index("last_words")
    assert list(ids(app))[place + 1] == "why"
    assert desk.submit(desk.open(own), EDIT, {"remove": own.rpartition("/")[2]}).status == 303
    assert "last_words" not in ids(app)


def test_a_rule_is_added_for_a_question_and_taken_away(app: Flask, desk: Desk) -> None:
    known = ids(app)
    own = f"{TOP}/questions/{known['day']}"
    page = desk.open(own)
    assert f'<option value="{known["people"]}">How many are you?</option>' in page.text
    assert f'<option value="{known["summer"]}"' not in page.text  # it stands behind
    typed = {"label": "When?", "rule-new": known["coming"], "add-rule": "yes"}
    page = desk.submit(page, own, typed)
    assert page.status == 200
    assert ("label", "When?") in page.inputs or "When?" in page.text
    assert "show_if" not in table(app, "day")
    refused = desk.submit(page, own, {"rule-0-test": "is"})
    assert refused.status == 422
    assert refused.problems == ["Please say which answer to “Will you come?”"]
    choices = {choice["label"]: choice["id"] for choice in table(app, "coming")["choices"]}  # type: ignore[attr-defined]
    chosen = {"rule-0-test": "is", "rule-0-value": [choices["Yes"], choices["Perhaps"]]}
    assert desk.submit(refused, own, chosen).status == 303
    stored = table(app, "day")
    assert stored["label"] == "When?"
    assert stored["show_if"] == [
        {"field_id": known["coming"], "is": [choices["Yes"], choices["Perhaps"]]}
    ]
    assert "Only if “Will you come?” is “Yes” or “Perhaps”" in desk.open(EDIT).text
    page = desk.open(own)
    numbers = {"rule-new": known["people"]}
    refused = desk.submit(page, own, numbers)
    assert refused.problems == ["Please say which answer to “How many are you?”"]
    refused = desk.submit(refused, own, {"rule-1-test": "at_least", "rule-1-value": "many"})
    assert "must be a number of 30 digits at most" in refused.problems[0]
    removed = {"rule-1-test": "at_least", "rule-1-value": "２", "rule-0-remove": "yes"}
    assert desk.submit(refused, own, removed).status == 303
    assert table(app, "day")["show_if"] == [{"field_id": known["people"], "at_least": "2"}]


def test_a_rule_that_would_break_is_refused_and_nothing_is_lost(app: Flask, desk: Desk) -> None:
    known, before = ids(app), draft(app, "trip")
    own = f"{TOP}/questions/{known['coming']}"
    gone = desk.submit(desk.open(own), EDIT, {"remove": known["coming"]})
    assert gone.status == 422
    assert gone.problems == [
        "“Will you come?” must stay, because “Why not?” is shown by the answer to it; change that rule first"
    ]
    moved = desk.submit(desk.open(own), f"{own}/move", {"place": "9"})
    assert moved.status == 422
    assert "stands behind it" in moved.problems[0]
    up = desk.submit(desk.open(EDIT), EDIT, {"up": known["why"], "title": "New title"})
    assert up.status == 422
    assert up.problems == [
        "“Why not?” can be shown only by the answer to a question before it, and “Will you come?” stands "
        "behind it"
    ]
    assert ("title", "New title") in up.inputs or "New title" in up.text
    typed = {"choices": "Yes\nPerhaps", "help": "Think well."}
    changed = desk.submit(desk.open(own), own, typed)
    assert changed.problems == [
        "“Why not?” is shown only if “Will you come?” is “No”: please keep that answer, or change that rule "
        "first"
    ]
    assert "Think well." in changed.text
    assert draft(app, "trip") == before


def test_what_is_sent_for_rules_may_be_anything(app: Flask, desk: Desk) -> None:
    known, before = ids(app), draft(app, "trip")
    own = f"{TOP}/questions/{known['day']}"
    for field_id, test, value in [
        ("nobody", "is", "x"), (known["coming"], "at_least", "x"), (known["coming"], "is", "x"),
        (known["people"], "\x00", "1"), (known["other"], "answered", ""), (known["day"], "answered", ""),
        (known["taxi"], "is", "x"), ("", "", ""), (known["food"], "answered", ""),
    ]:  # fmt: skip
        typed = {"rule-0-field": field_id, "rule-0-test": test, "rule-0-value": value}
        answer = desk.submit(desk.open(own), own, typed)
        assert answer.status == 422, (field_id, test)
        assert answer.problems
    many = {f"rule-{n}-field": known["coming"] for n in range(900)}
    answer = desk.submit(desk.open(own), own, {**many, "rule-0-test": "answered"})
    assert answer.problems[0] == "There can be 20 rules at most"
    assert draft(app, "trip") == before
