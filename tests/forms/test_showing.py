"""Pages, sections and show-if rules: what is shown, what is refused and in which words, and what stays."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

import pytest

from webapp.forms import editing
from webapp.forms.definition import Definition, read_definition
from webapp.forms.kinds import AnswerError, Field, Files, Given
from webapp.forms.rulebook import DefinitionError
from webapp.forms.toml_file import FormFileError, read_form
from webapp.forms.typed import Mistakes
from webapp.submissions.answers import validate

from ..forms_with_rules import CASES, TRIP, Answers
from .test_toml_file import written


@pytest.fixture(scope="module")
def trip() -> Definition:
    return read_form(TRIP)[0].with_ids(None)


def defined(*elements: dict[str, Any]) -> Definition:
    return read_definition({"title": "T", "fields": [filled(e) for e in elements]})


def filled(element: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "short_text", "label": str(element.get("key", "L")).title(), **element}


def stored(definition: Definition, typed: Answers) -> dict[str, Any]:
    """The typed answers by field id, as each kind stores them; without those that it refuses."""
    answers: dict[str, Any] = {}
    for field in definition.fields:
        given = typed.get(field.key, [])
        try:
            value = bool(given) or None if isinstance(field, Files) else field.parse(Given(given))
        except AnswerError:
            continue
        if value is not None:
            answers[field.id] = value
    return answers


@pytest.mark.parametrize(("typed", "expected"), CASES)
def test_what_is_shown_depends_on_what_is_answered(
    trip: Definition, typed: Answers, expected: list[str]
) -> None:
    shown = trip.shown(stored(trip, typed))
    assert [field.key for field in trip.fields if field.id in shown] == expected
    keys = {field.key for field in trip.fields if field.id in shown}
    answers, problems = validate(trip, {key: Given(texts) for key, texts in typed.items()})
    assert set(problems) <= keys
    assert set(answers) <= shown


def test_pages_hold_what_stands_between_their_starts(trip: Definition) -> None:
    assert [(page.title, page.text, [f.key for f in page.fields]) for page in trip.pages] == [
        ("About you", "Two questions.", ["coming", "why"]),
        ("Your journey", "", ["people", "names", "alone", "taxi", "diets", "nuts", "note_sent"]),
        ("The end", "", ["day", "summer", "undecided", "other"]),
    ]
    assert [e.key for e in trip.pages[1].elements][4:6] == ["food", "diets"]
    assert all(isinstance(field, Field) for field in trip.fields)
    assert len(trip.elements) == len(trip.fields) + 4


def test_a_form_without_pages_is_one_page_without_a_title() -> None:
    (page,) = defined({"key": "a"}).pages
    assert (page.title, page.text, len(page.fields)) == ("", "", 1)
    assert len(defined().pages) == 1
    first, second = defined({"key": "a"}, {"kind": "page", "label": "P"}).pages
    assert (first.title, second.title, second.fields) == ("", "P", ())


def test_headings_are_given_keys_that_differ(trip: Definition) -> None:
    assert [e.key for e in trip.elements if not isinstance(e, Field)] == [
        "about_you", "journey", "food", "the_end",
    ]  # fmt: skip
    pages = [{"kind": "page", "label": "A"}, {"kind": "page", "label": "页"}]
    made = defined(*pages, *pages, {"key": "page_1"})
    assert [e.key for e in made.elements] == ["a", "page_2", "a_2", "page_3", "page_1"]


def test_a_rule_stays_where_questions_and_choices_are_renamed(trip: Definition) -> None:
    text = TRIP.replace('"coming"', '"will_you"').replace('"Yes", "No"', '"Yes!", "No!"')
    text = text.replace('"yes"', '"Yes!"').replace('is = "no"', 'is = "No!"')
    text = text.replace('is_not = "No"', 'is_not = "No!"')
    renamed, _ = read_form(text)
    assert renamed.write_by_keys()["fields"][3]["show_if"] == [
        {"field": "will_you", "is_not": "no"}
    ]
    coming = trip.fields[0]
    given = {"label": "Coming?", "key": "renamed", "choices": "Yes\nNo!\nPerhaps"}
    changed = editing.change(trip, editing.read_typed(trip, type(coming), given, coming))
    assert changed.write_by_keys()["fields"][2]["show_if"] == [{"field": "renamed", "is": "no"}]
    id_of_no = coming.choices[1].id  # type: ignore[attr-defined]
    assert changed.fields[1].id in changed.shown({coming.id: id_of_no})
    assert changed.fields[2].id not in changed.shown({coming.id: id_of_no})


def test_a_form_with_rules_goes_into_a_file_and_comes_back_the_same(trip: Definition) -> None:
    again, _ = read_form(written(trip))
    assert again.with_ids(trip).content_hash == trip.content_hash
    assert 'field = "coming"' in written(trip)
    assert "field_id" not in written(trip)
    assert read_definition(json.loads(json.dumps(trip.write()))) == trip
    fresh, _ = read_form(TRIP)
    assert fresh.with_ids(trip).content_hash == trip.content_hash


def test_a_copy_has_the_same_rules_about_its_own_questions(trip: Definition) -> None:
    copied = editing.copy(trip, "Copy")
    assert editing.without_ids(copied.write_by_keys()["fields"]) == editing.without_ids(
        trip.write_by_keys()["fields"]
    )
    assert not {e.id for e in copied.elements} & {e.id for e in trip.elements}
    twice = editing.duplicate(trip, trip.fields[1].id)
    assert twice.fields[2].show_if == trip.fields[1].show_if


COMING = {"key": "coming", "kind": "choice", "label": "Will you come?", "choices": ["Yes", "No"]}
NUMBER = "must be a number of 30 digits at most"
AGE = {"key": "age", "kind": "number", "label": "Age"}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"field": "who", "answered": True},
         "“Who” can be shown only by the answer to another question"),
        ({"field": "later", "answered": True},
         "“Who” can be shown only by the answer to a question before it, and “Later” stands behind it"),
        ({"field": "nobody", "answered": True},
         "“Who” can be shown only by the answer to a question of this form, and none has the key 'nobody'"),
        ({"field": "part", "answered": True},
         "“Who” can be shown only by the answer to a question of this form, and none has the key 'part'"),
        ({"field_id": "x", "answered": True},
         "“Who” is shown only by the answer to a question that is not in this form"),
        ({"field": "coming", "is": "perhaps"},
         "“Who” cannot be shown: “Will you come?” has no choice “perhaps”"),
        ({"field": "coming", "is": ["yes", 3]},
         "“Who” cannot be shown: “Will you come?” has no choice “3”"),
        ({"field": "coming", "at_least": 3},
         "“Who” cannot be shown by at_least of “Will you come?”, but by: is, is_not, answered"),
        ({"field": "name", "is": "Ann"},
         "“Who” cannot be shown by is of “Name”, but by: answered"),
        ({"field": "age", "at_least": "many"},
         "“Who” cannot be shown: “many”, with which “Age” is compared, " + NUMBER),
        ({"field": "age", "is": float("nan")},
         "“Who” cannot be shown: “nan”, with which “Age” is compared, " + NUMBER),
        ({"field": "age", "is": True},
         "“Who” cannot be shown: “True”, with which “Age” is compared, " + NUMBER),
        ({"field": "day", "at_most": "soon"},
         "“Who” cannot be shown: “soon”, with which “Day” is compared, must be a day such as 2026-12-01"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_with_both_questions(
    rule: dict[str, Any], told: str
) -> None:
    questions = [COMING, AGE, {"key": "name"}, {"key": "day", "kind": "date"},
                 {"kind": "section", "label": "Part", "key": "part"}]  # fmt: skip
    with pytest.raises(DefinitionError) as wrong:
        defined(*questions, {"key": "who", "show_if": rule}, {"key": "later"})
    assert wrong.value.place == ("fields", 5, "show_if")
    assert wrong.value.rule == f"cannot be: {told}."


NAMES = "is, is_not, answered, at_least, at_most"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("coming", 'must be a table such as { field = "key", is = "yes" }, or a list of them.'),
        (3, 'must be a table such as { field = "key", is = "yes" }, or a list of them.'),
        ([[]], 'must be a table such as { field = "key", is = "yes" }, or a list of them.'),
        ([{"field": "coming", "is": "yes"}] * 21, "must have 20 conditions at most."),
        ({}, "must name one question in each condition, by its key: field."),
        ({"field": ["coming"], "is": "yes"}, "must name one question in each condition, by its key: field."),
        ({"field": "coming", "field_id": "x", "is": "yes"},
         "must name one question in each condition, by its key: field."),
        ({"field": "coming"}, f"must have one of these in each condition: {NAMES}."),
        ({"field": "coming", "is": "yes", "is_not": "no"},
         f"must have one of these in each condition: {NAMES}."),
        ({"field": "coming", "equals": "yes"}, f"must have one of these in each condition: {NAMES}."),
        ({"field": "coming", "answered": "yes"}, "must have true or false for answered."),
        ({"field": "coming", "answered": 1}, "must have true or false for answered."),
        ({"field": "coming", "is": []}, "must have one value for each of at_least, at_most, and for is and"),
        ({"field": "coming", "is": {"a": 1}}, "must have one value for each of at_least, at_most, and for"),
        ({"field": "coming", "is": [["yes"]]}, "must have one value for each of at_least, at_most, and for"),
        ({"field": "coming", "is": ["yes"] * 501}, "must have one value for each of at_least, at_most,"),
        ({"field": "age", "at_least": [1, 2]}, "must have one value for each of at_least, at_most, and"),
    ],
)  # fmt: skip
def test_what_is_no_rule_at_all_is_told(rule: Any, told: str) -> None:
    with pytest.raises(DefinitionError) as wrong:
        defined(COMING, AGE, {"key": "who", "show_if": rule})
    assert wrong.value.place == ("fields", 2, "show_if")
    assert wrong.value.rule.startswith(told)


def test_a_file_tells_the_line_of_a_rule() -> None:
    text = TRIP.replace('{ field = "people", at_least = 2 }', '{ field = "peple", at_least = 2 }')
    line = text.splitlines().index('show_if = { field = "peple", at_least = 2 }') + 1
    with pytest.raises(FormFileError) as wrong:
        read_form(text)
    assert str(wrong.value).startswith(
        f"line {line}: field 6, show_if cannot be: “Their names” can"
    )
    tables = text.replace(
        'show_if = { field = "peple", at_least = 2 }',
        '\n[[fields.show_if]]\nfield = "people"\n[[fields.show_if]]\nfield = "coming"\nis = "no"',
    )
    with pytest.raises(
        FormFileError, match=rf"^line {line + 1}: field 6, show_if must have one of"
    ):
        read_form(tables)


def test_no_change_of_a_draft_breaks_a_rule(trip: Definition) -> None:
    coming, why = trip.fields[:2]
    with pytest.raises(
        Mistakes, match=r"“Will you come\?” must stay, because “Why not\?” is shown by"
    ):
        editing.remove(trip, coming.id)
    with pytest.raises(
        Mistakes, match=r"“Why not\?” can be shown only by .* “Will you come\?” stands"
    ):
        editing.move(trip, why.id, 0)
    with pytest.raises(
        Mistakes, match=r"“Why not\?” can be shown only by the answer to a question be"
    ):
        editing.move(trip, coming.id, 3)
    given = {"label": "Will you come?", "key": "coming", "choices": "Yes\nPerhaps"}
    with pytest.raises(
        Mistakes, match=r"“Why not\?” is shown only if “Will you come\?” is “No”: please"
    ):
        editing.change(trip, editing.read_typed(trip, type(coming), given, coming))
    assert editing.remove(trip, why.id).fields[1].key == "people"
    page = editing.find(trip, trip.elements[3].id)
    assert page is not None
    assert len(editing.remove(trip, page.id).pages) == 2


def test_many_rules_take_a_time_that_grows_with_their_number_alone() -> None:
    def taken(count: int) -> float:
        chain = [{"key": "f0", "kind": "number"}]
        for n in range(1, count):
            rules = [{"field": f"f{max(n - back, 0)}", "at_least": 1} for back in range(1, 21)]
            chain.append({"key": f"f{n}", "kind": "number", "show_if": rules})
        started = perf_counter()
        definition = defined(*chain).with_ids(None)
        answers = {field.id: "1" for field in definition.fields}
        assert len(definition.shown(answers)) == count
        assert len(definition.shown(answers | {definition.fields[0].id: "0"})) == 1
        return perf_counter() - started

    few = min(taken(100) for _ in range(3))
    assert min(taken(500) for _ in range(3)) < 12 * few
