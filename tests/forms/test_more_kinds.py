"""The kinds that forgive the most, or have several inputs: what they take, and which part is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from webapp import i18n
from webapp.forms.kinds import AnswerError, Field, Given, read_field
from webapp.forms.kinds.signatures import HEIGHT, MOST_POINTS, WIDTH

from .test_kinds import answer, field, told

DRAWN = "10,10 20,20 30,10;40,40 50,50"


def given(text: str = "", **parts: str | list[str]) -> Given:
    """What comes under the key, and what under its parts."""
    lists = {part: [v] if isinstance(v, str) else v for part, v in parts.items()}
    return Given([text] if text else [], parts=lists)


def refused(asked: Field, what: Given) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(AnswerError) as wrong:
        asked.answer(what)
    return str(wrong.value).removeprefix("Your answer"), wrong.value.parts


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("030 1234567", "030 1234567"), ("030/123-45.67", "030 123 45 67"), ("(030)  12345", "(030) 12345"),
        ("＋４９（０）３０ １２３", "+49(0)30 123"), ("+ 49 30 123", "+49 30 123"),
        ("Tel.: 030 123", "030 123"),
        ("030 123 ext. 4", "030 123 ext. 4"), ("13800138000转8", "13800138000 ext. 8"),
        ("٠١٢٣٤", "01234"), ("\u202d110\u202c", "110"), ("030–123", "030 123"),
    ],
)  # fmt: skip
def test_a_telephone_number_is_taken_as_people_write_it(text: str, stored: str) -> None:
    assert answer(field("phone"), text) == stored
    assert answer(field("phone"), stored) == stored


@pytest.mark.parametrize(
    "text", ["none", "030 abc", "+", "((3))", "030 12+3", "a@b.de", "9" * 100_000]
)
def test_what_is_no_telephone_number_is_told(text: str) -> None:
    assert told(field("phone"), text) == (
        "Your answer must be a telephone number, such as 030 1234567 or +44 20 7946 0958"
    )


def test_a_telephone_number_has_so_many_digits_and_is_found_by_them() -> None:
    phone = field("phone")
    assert told(phone, "12") == "Your answer must have 3 digits or more; it has 2"
    assert told(phone, "1" * 21) == "Your answer must have 20 digits or fewer; it has 21"
    assert "0301234" in phone.index_text("(030) 12 34").split()


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("09:30", "09:30"), ("9.30", "09:30"), ("9,30", "09:30"), ("930", "09:30"), ("0930", "09:30"),
        ("9:30 pm", "21:30"), ("9:30 P.M.", "21:30"), ("9 pm", "21:00"), ("12 am", "00:00"),
        ("12:15 pm", "12:15"),
        ("０９：３０", "09:30"), ("下午3点", "15:00"), ("上午9时30分", "09:30"),
        ("14h30", "14:30"),
        ("0:00", "00:00"),
    ],
)  # fmt: skip
def test_a_time_is_taken_as_people_write_it(text: str, stored: str) -> None:
    assert answer(field("time"), text) == stored
    assert answer(field("time"), stored) == stored


@pytest.mark.parametrize(
    "text", ["9", "24:00", "9:60", "13 am", "0 pm", "9:3", "noon", "12345", "9:30:15", "٩:٣٠"]
)
def test_what_is_no_time_for_sure_is_told(text: str) -> None:
    assert told(field("time"), text) == "Your answer must be a time, such as 9:30 or 21:30"


def test_a_time_has_limits_and_is_a_time_in_a_spreadsheet() -> None:
    asked = field("time", min=time(8), max="17:30")
    assert told(asked, "7.59") == "Your answer must be 08:00 or later"
    assert told(asked, "5:31 pm") == "Your answer must be 17:30 or earlier"
    assert asked.cell(answer(asked, "5:30 pm")) == time(17, 30)


def test_a_rating_is_a_number_of_the_scale() -> None:
    asked = field("rating", most=10, low_label="bad", high_label="good")
    assert answer(asked, "１０") == "10"
    assert told(asked, "11") == told(asked, "0") == "Your answer must be a number from 1 to 10"
    assert told(asked, "1", "2") == "Your answer: please choose only one"
    assert (asked.texts("7"), asked.cell("7")) == (["7 of 10"], Decimal(7))
    assert asked.hints() == ["1 is “bad”. 10 is “good”."]


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [("3", "2", "2001"), ("03", "02", "2001"), ("３日", "2月", "２００１年"), ("3.", "Feb", "2001"),
     ("3", "FEBRUARY", "2001"), ("3", "二月", "2001"), ("3", "febr.", "2001")],
)  # fmt: skip
def test_a_birthday_is_put_together_as_people_write_its_parts(
    day: str, month: str, year: str
) -> None:
    asked = field("birthday")
    assert asked.answer(given(day=day, month=month, year=year)) == "2001-02-03"
    assert asked.answer(given("2001-02-03")) == "2001-02-03"
    assert asked.inputs("2001-02-03") == {"day": ["3"], "month": ["2"], "year": ["2001"]}
    assert asked.cell("2001-02-03") == date(2001, 2, 3)


THIS_YEAR = datetime.now(UTC).year


@pytest.mark.parametrize(
    ("day", "month", "year", "expected"),
    [
        ("", "2", "2001", (": “Day” is missing", ("day",))),
        ("3", "", "", (": “Month” and “Year” are missing", ("month", "year"))),
        ("32", "13", "1", (": the day must be a number from 1 to 31", ("day",))),
        ("3", "13", "1", (": the month must be a number from 1 to 12, or its name", ("month",))),
        ("3", "ju", "2001", (": the month must be a number from 1 to 12, or its name", ("month",))),
        ("3", "2", "01", (": the year must have four digits, such as 1990", ("year",))),
        ("29", "2", "2001", (": the day must be 28 or less in that month", ("day",))),
        ("3", "2", "1800", (f": the year must be {THIS_YEAR - 130} or later", ("year",))),
        ("31", "12", str(THIS_YEAR + 1), (" must not be in the future", ("day", "month", "year"))),
        ("9" * 5000, "2", "2001", (": the day must be a number from 1 to 31", ("day",))),
    ],
)
def test_what_is_wrong_with_a_birthday_is_told_of_its_part(
    day: str, month: str, year: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    assert refused(field("birthday"), given(day=day, month=month, year=year)) == expected


def test_a_birthday_that_a_program_sends_is_a_date() -> None:
    assert (
        refused(field("birthday"), given("3 February"))[0] == " must be a date, such as 2026-12-01"
    )
    with i18n.speaking("zh"):
        assert list(field("birthday").part_names()) == ["year", "month", "day"]  # type: ignore[attr-defined]


def test_other_comes_with_a_text() -> None:
    for kind in ("choice", "choices"):
        asked = field(kind, other=True, other_label="Another")
        for came in (given("-other", other=" A baker "), given(other="A baker")):
            stored = asked.answer(came)
            assert asked.texts(stored) == ["Another: A baker"]
            assert asked.cell(stored) == "Another: A baker"
            assert "baker" in asked.index_text(stored)
            back = asked.inputs(stored)
            assert asked.answer(Given(back[""], parts={"other": back["other"]})) == stored
        assert refused(asked, given("-other")) == (
            ": please write what you mean by “Another”",
            ("other",),
        )
        assert refused(asked, given("-other", other="x" * 301))[1] == ("other",)
        assert refused(field(kind), given("-other"))[0] == ": please choose from the list"


def test_other_goes_with_more_where_several_may_be_chosen() -> None:
    several, one = field("choices", other=True, max_choices=2), field("choice", other=True)
    stored = several.answer(given("cook", other="A baker"))
    assert several.texts(stored) == ["Cook", "Other: A baker"]
    assert several.plain(stored) == ["cook", {"other": "A baker"}]
    too_many = Given(["cook", "gartner", "-other"], parts={"other": ["A baker"]})
    assert refused(several, too_many)[0] == ": please choose 2 or fewer"
    assert refused(one, given("cook", other="A baker")) == (
        ": please choose “Other” as well, or take away what is written there",
        ("other",),
    )


def test_none_of_these_is_an_answer_that_excludes_all_others() -> None:
    asked = field("choices", none=True, other=True, required=True, min_choices=2)
    stored = asked.answer(given("-none"))
    assert asked.texts(stored) == ["None of these"]
    assert asked.plain(stored) == ["-none"]
    with i18n.speaking("zh"):
        assert asked.texts(stored) == ["以上都没有"]
    message = ": please choose either “None of these” or others, not both"
    assert refused(asked, Given(["-none", "cook"]))[0] == message
    assert refused(asked, given("-none", other="A baker"))[0] == message
    assert refused(field("choices"), given("-none"))[0] == ": please choose from the list"


def grid(**rules: Any) -> Field:
    return field("matrix", rows=["One", "Two", "Three", "Four", "Five"], **rules)


def test_a_grid_takes_one_of_its_columns_for_each_row() -> None:
    asked = grid()
    stored = asked.answer(given(one="cook", three="司机"))
    assert asked.texts(stored) == ["One: Cook", "Three: 司机"]
    assert asked.plain(stored) == {"one": "cook", "three": "choice_3"}
    assert [column.cell(stored) for column in asked.columns()] == ["Cook", None, "司机", None, None]
    assert asked.answer(Given(parts=asked.inputs(stored))) == stored
    assert refused(asked, given(one=["cook", "gartner"])) == (
        ", “One”: please choose only one",
        ("one",),
    )
    assert refused(asked, given(two="king")) == (", “Two”: please choose from the list", ("two",))


def test_a_grid_that_must_be_answered_is_answered_in_each_row() -> None:
    asked = grid(required=True)
    assert refused(asked, given(one="cook", two="cook", four="cook")) == (
        ": please choose one for “Three”, “Five”",
        ("three", "five"),
    )
    assert refused(asked, given(one="cook")) == (
        ": please choose one for “Two”, “Three”, “Four” and 1 more",
        ("two", "three", "four", "five"),
    )
    assert refused(asked, given())[1][0] == "one"


def test_rows_and_columns_of_a_grid_keep_their_ids_when_they_change() -> None:
    was = grid()
    table = {
        "kind": "matrix",
        "key": "asked",
        "label": "L",
        "rows": ["Zero", "One"],
        "choices": ["Cook"],
    }
    now = read_field(table, ()).with_ids(was)
    stored = was.answer(given(one="cook"))
    assert now.texts(stored) == ["One: Cook"]


def test_a_signature_is_drawn_or_typed_or_both() -> None:
    asked = field("signature", required=True)
    assert asked.texts(asked.answer(given("Ann Lee"))) == ["Ann Lee"]
    stored = asked.answer(given("Ann Lee", drawn=DRAWN))
    assert asked.texts(stored) == ["Signed by drawing", "Ann Lee"]
    assert asked.cell(stored) == "Signed by drawing; Ann Lee"
    assert asked.drawing(stored) == "M10,10L10,10 20,20 30,10M40,40L40,40 50,50"
    assert asked.inputs(stored) == {"": ["Ann Lee"], "drawn": [DRAWN]}


@pytest.mark.parametrize(
    "drawn",
    ['10,10"/><script>', "10,10 20", f"{WIDTH + 1},1 " * 5 + "1,1", f"1,{HEIGHT + 1} " * 5 + "1,1", "-1,2",
     "1,2;;3,4", "١,٢", " ".join(["1,1"] * (MOST_POINTS + 1)), "1,1 " * 1_000_000],
    ids=lambda text: ascii(text)[:20],
)  # fmt: skip
def test_only_points_are_taken_for_a_drawing(drawn: str) -> None:
    message = "the drawing could not be read; please draw it again, or type your name"
    assert refused(field("signature"), given(drawn=drawn)) == (f": {message}", ())
    assert field("signature").drawing({"drawn": drawn}) == ""


def test_a_touch_by_accident_is_no_signature() -> None:
    assert "too short" in refused(field("signature"), given("Ann", drawn="1,1 2,2"))[0]


def test_what_was_understood_is_told_where_it_was_typed_otherwise() -> None:
    assert field("number").understood(given("１,５")) == "1.5"
    assert field("number").understood(given("1,234.5")) == ""
    assert field("number").understood(given("12 EUR")) == ""
    assert field("time").understood(given("9.30 pm")) == "21:30"


@pytest.mark.parametrize(
    ("kind", "rules", "hints"),
    [
        ("short_text", {}, []),
        ("short_text", {"max_length": 30, "min_length": 5}, ["At least 5 characters", "Up to 30 characters"]),
        ("short_text", {"max_length": 31}, []),
        ("long_text", {"max_length": 1501}, []),
        ("long_text", {"max_length": 1000}, ["Up to 1000 characters"]),
    ],
)  # fmt: skip
def test_limits_that_may_be_felt_are_told_before(
    kind: str, rules: dict[str, int], hints: list[str]
) -> None:
    assert field(kind, **rules).hints() == hints
