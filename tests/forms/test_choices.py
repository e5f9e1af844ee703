"""Kinds that offer choices: what may be chosen, and the ids that stay when a form is changed."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.forms.kinds import AnswerError, Field, Given, read_field
from webapp.forms.rulebook import DefinitionError

COOK, GARDENER, DRIVER = "Cook", "Gärtner", "司机"


def chosen(kind: str, options: list[Any], earlier: Field | None = None, **rules: Any) -> Field:
    table = {"kind": kind, "key": "job", "label": "Your job", "choices": options, **rules}
    return read_field(table, ()).with_ids(earlier)


def keys_and_labels(field: Field) -> list[tuple[str, str]]:
    return [(option["key"], option["label"]) for option in field.write()["choices"]]


def ids(field: Field) -> dict[str, str]:
    """The ids by label."""
    return {option["label"]: option["id"] for option in field.write()["choices"]}


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (["Cook", "Head  Cook!", "2nd cook"], ["cook", "head_cook", "choice_3"]),
        (["Gärtner", "司机", "Ω", "Żółć"], ["gartner", "choice_2", "choice_3", "zoc"]),
        (["C", "C++", "C#"], ["c", "choice_2", "choice_3"]),
        (["choice_2", "司机"], ["choice_2", "choice_3"]),
        (["司机", {"key": "choice_1", "label": "Cook"}], ["choice_2", "choice_1"]),
        (["Page", "Section", "csrf_token"], ["choice_1", "choice_2", "choice_3"]),
        (["x" * 300], ["x" * 40]),
    ],
)
def test_a_choice_given_as_a_text_gets_a_key_of_its_own(
    options: list[Any], keys: list[str]
) -> None:
    assert [key for key, _ in keys_and_labels(chosen("choice", options))] == keys


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ([], "must be a list of 1 to 500 texts, or tables with key and label."),
        ("Cook", "must be a list of 1 to 500 texts, or tables with key and label."),
        (["Cook"] * 501, "must be a list of 1 to 500 texts, or tables with key and label."),
        (["Cook", "Cook"], "has the label 'Cook' twice."),
        (["é", "e\u0301"], "has the label 'é' twice."),
        ([{"key": "a", "label": "A"}, {"key": "a", "label": "B"}], "has the key 'a' twice."),
        (
            [{"key": "a", "label": "A", "id": "x"}, {"key": "b", "label": "B", "id": "x"}],
            "has the id 'x' twice.",
        ),
        (["Cook", 3], "item 2 must be a text, or a table with key and label."),
        (["Cook", " "], "must have 1 to 300 characters, and has 0."),
        ([{"key": "a"}], "item 1: label: is missing."),
        ([{"key": "A", "label": "A"}], "item 1: key: must be a small letter, then"),
        ([{"key": "a", "label": "A", "color": "red"}], "item 1: color: is none of: key, label, id,"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["choice", "choices"])
def test_wrong_choices_are_told(kind: str, options: Any, rule: str) -> None:
    with pytest.raises(DefinitionError) as wrong:
        chosen(kind, options)
    assert wrong.value.place == ("choices",)
    assert wrong.value.rule.startswith(rule)


def test_choices_that_are_missing_are_told() -> None:
    with pytest.raises(DefinitionError, match=r"^fields\.0\.choices: is missing\.$"):
        read_field({"kind": "choice", "key": "job", "label": "Job"}, ("fields", 0))


@pytest.mark.parametrize("given", ["gartner", GARDENER, " Gärtner\r\n", "Ga\u0308rtner"])
def test_a_choice_is_taken_by_its_key_or_its_label_and_stored_by_its_id(given: str) -> None:
    field = chosen("choice", [COOK, GARDENER, DRIVER])
    assert field.answer(Given([given])) == ids(field)[GARDENER]
    assert field.texts(ids(field)[GARDENER]) == [GARDENER]


def test_a_key_goes_before_a_label() -> None:
    field = chosen("choice", [{"key": "a", "label": "b"}, {"key": "b", "label": "a"}])
    assert field.answer(Given(["a"])) == ids(field)["b"]


@pytest.mark.parametrize(
    "given", ["baker", "COOK", "cook\u200b!", "cook gartner", "choice_99", "x" * 9999]
)
def test_what_is_not_on_the_list_is_told(given: str) -> None:  # fmt: skip
    with pytest.raises(AnswerError, match=r"^Your job: please choose from the list$"):
        chosen("choice", [COOK, GARDENER]).answer(Given([given]))


def test_an_id_is_no_answer() -> None:
    field = chosen("choice", [COOK, GARDENER])
    with pytest.raises(AnswerError):
        field.answer(Given([ids(field)[COOK]]))


def test_only_one_of_several_can_be_chosen() -> None:
    field = chosen("choice", [COOK, GARDENER])
    assert field.answer(Given(["cook", COOK, ""])) == ids(field)[COOK]
    with pytest.raises(AnswerError, match=r"^Your job: please choose only one$"):
        field.answer(Given(["cook", "gartner"]))


def test_several_are_stored_once_each_in_the_forms_order() -> None:
    field = chosen("choices", [COOK, GARDENER, DRIVER])
    stored = field.answer(Given([DRIVER, "cook", "", COOK]))
    assert stored == [ids(field)[COOK], ids(field)[DRIVER]]
    assert field.texts(stored) == [COOK, DRIVER]


@pytest.mark.parametrize(
    ("rules", "given", "message"),
    [
        ({"max_choices": 1}, [COOK], None),
        ({"max_choices": 1}, [COOK, DRIVER], "Your job: please choose 1 or none"),
        ({"max_choices": 2}, [COOK, GARDENER, DRIVER], "Your job: please choose 2 or fewer"),
        ({"min_choices": 2}, [COOK], "Your job: please choose at least 2"),
        ({"min_choices": 2}, [], None),
        ({"min_choices": 2, "required": True}, [], "Your job: please choose at least one"),
    ],
)
def test_several_have_a_least_and_a_most_number(
    rules: dict[str, Any], given: list[str], message: str | None
) -> None:
    field = chosen("choices", [COOK, GARDENER, DRIVER], **rules)
    if message is None:
        field.answer(Given(given))
        return
    with pytest.raises(AnswerError) as refused:
        field.answer(Given(given))
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        # another put in front: the label tells, since the key tells of the place alone
        (["苹果", "香蕉"], ["梨", "苹果", "香蕉"], {"苹果": "苹果", "香蕉": "香蕉", "梨": None}),
        (["C++", "C#"], ["C", "C++", "C#"], {"C": None, "C++": "C++", "C#": "C#"}),
        (["Cook", "Driver"], ["Driver", "Cook"], {"Cook": "Cook", "Driver": "Driver"}),
        # a label put right where it stands
        (["苹菓", "香蕉"], ["苹果", "香蕉"], {"苹果": "苹菓", "香蕉": "香蕉"}),
        (["Cook"], ["Cook!"], {"Cook!": "Cook"}),
        (["苹果", "香蕉"], ["香蕉"], {"香蕉": "香蕉"}),
        # a key that was given tells, whatever the label
        (
            [{"key": "a", "label": "One"}, {"key": "b", "label": "Two"}],
            [{"key": "b", "label": "One"}, {"key": "a", "label": "Two"}],
            {"One": "Two", "Two": "One"},
        ),
    ],
)
@pytest.mark.parametrize("kind", ["choice", "choices"])
def test_a_changed_list_keeps_the_ids_of_what_stays(
    kind: str, before: list[Any], after: list[Any], kept: dict[str, str | None]
) -> None:
    was = chosen(kind, before)
    now = chosen(kind, after, read_field(was.write(), ()))
    for label, old_label in kept.items():
        if old_label is None:
            assert ids(now)[label] not in ids(was).values()
        else:
            assert ids(now)[label] == ids(was)[old_label]


def test_a_new_choice_takes_over_neither_the_id_nor_the_key_of_another() -> None:
    was = chosen("choice", ["红", "绿", "蓝"])
    now = chosen("choice", ["黄", "紫", "蓝"], read_field(was.write(), ()))
    assert set(ids(now).values()) & set(ids(was).values()) == {ids(was)["蓝"]}
    keys = {label: key for key, label in keys_and_labels(now)}
    assert keys["蓝"] == "choice_3"
    assert not {keys["黄"], keys["紫"]} & {"choice_1", "choice_2", "choice_3"}


def test_the_key_of_a_choice_goes_with_its_id() -> None:
    was = chosen("choice", ["苹果", "香蕉"])
    now = chosen("choice", ["梨", "苹果", "香蕉"], read_field(was.write(), ()))
    keys = {label: key for key, label in keys_and_labels(now)}
    assert (keys["苹果"], keys["香蕉"]) == ("choice_1", "choice_2")
    assert keys["梨"] not in ("choice_1", "choice_2")


def test_no_two_choices_ever_share_an_id() -> None:
    was = chosen("choice", [{"key": "a", "label": "A", "id": "1"}])
    now = chosen(
        "choice", [{"key": "a", "label": "A2"}, {"key": "b", "label": "B", "id": "1"}], was
    )
    assert ids(now)["B"] == "1"
    assert ids(now)["A2"] != "1"
