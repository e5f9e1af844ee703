"""Editing a draft: what is typed becomes fields, ids stay, and mistakes are told in the builder's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from webapp import i18n
from webapp.forms import asking, editing, rulebook, typed
from webapp.forms.changes import changes
from webapp.forms.definition import Definition, read_definition
from webapp.forms.kinds import KINDS, Field
from webapp.forms.kinds.base import Given
from webapp.forms.rulebook import rule
from webapp.forms.typed import Mistakes

from .test_definition import EVERY_RULE

# What a person would type for each option of each kind, some of it in unusual ways.
TYPED: dict[str, dict[str, str]] = {
    "short_text": {"min_length": "２", "max_length": " 3 ", "autocomplete": "name"},
    "long_text": {"min_length": "2", "max_length": "100,000", "autocomplete": "street-address"},
    "email": {},
    "phone": {},
    "number": {"min": "−0,00001", "max": "100000000000000000000", "decimals": "5"},
    "date": {"min": "0001-01-01", "max": "31.12.9999"},
    "time": {"min": "7.30", "max": "９:30 pm"},
    "birthday": {},
    "choice": {"choices": "A\r\n\r\n  B \r\n", "other": "yes", "other_label": "Another"},
    "choices": {
        "choices": "A\nB",
        "other": "yes",
        "other_label": "Another",
        "none": "yes",
        "none_label": "Nothing",
        "min_choices": "1",
        "max_choices": "2",
    },
    "rating": {"most": "7", "low_label": "bad", "high_label": "good"},
    "matrix": {"rows": "A\nB", "choices": "C\nD"},
    "consent": {},
    "signature": {},
    "files": {"accept": "*.PDF, tar.gz；.docx", "max_files": "1000", "max_size": "1,5 gb"},
}


def form(*labels: str, **more: Any) -> Definition:
    fields = [{"kind": "short_text", "key": label.lower(), "label": label} for label in labels]
    return read_definition({"title": "T", "fields": fields, **more}).with_ids(None)


def labels(definition: Definition) -> str:
    return " ".join(field.label for field in definition.fields)


def id_of(definition: Definition, key: str) -> str:
    field = definition.field(key)
    assert field is not None
    return field.id


def problems(
    kind: str, given: dict[str, str], definition: Definition | None = None
) -> dict[str, str]:
    with pytest.raises(Mistakes) as wrong:
        editing.read_typed(definition or form(), KINDS[kind], {"label": "Q", **given})
    return wrong.value.problems


def test_every_option_of_every_kind_is_asked_for() -> None:
    assert TYPED.keys() == KINDS.keys()
    for kind, cls in KINDS.items():
        asked = {one.name for one in typed.inputs(cls)}
        assert asked == {"key", "label", "help", "required", *EVERY_RULE[kind]}, kind
        assert asked - {"key", "label", "help", "required"} == set(TYPED[kind]), kind


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_input_has_words(language: str) -> None:
    with i18n.speaking(language):
        for cls in KINDS.values():
            assert all(one.label for one in typed.inputs(cls))
            assert all(cls.in_words())
    assert len({cls.in_words()[0] for cls in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_typed_becomes_a_field_and_stands_in_the_inputs_again(kind: str) -> None:
    given = {"label": " Élan? ", "help": "a\r\nb", "required": "yes", **TYPED[kind]}
    field = editing.read_typed(form(), KINDS[kind], given)
    table = field.write()
    assert (table["key"], table["label"], table["help"], table["required"]) == (
        "elan",
        "Élan?",
        "a\nb",
        True,
    )
    assert set(TYPED[kind]) <= set(table)
    assert field.id
    again = {one.name: one.value for one in typed.inputs(KINDS[kind], field)}
    assert editing.read_typed(form(), KINDS[kind], again, field) == field


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_emptied_is_at_its_default_again(kind: str) -> None:
    full = editing.read_typed(form(), KINDS[kind], {"label": "Q", "required": "yes", **TYPED[kind]})
    bare = {"label": "Q", "key": "q", "choices": "A\nB", "rows": "A"}
    emptied = editing.read_typed(form(), KINDS[kind], bare, full)
    assert set(emptied.write()) <= {"kind", "key", "label", "choices", "rows", "id"}
    assert emptied.id == full.id


WHOLE = "must be a whole number from 1 to 100000"
KEY = "must be a small letter, then up to 39 small letters, digits or _"
TURNED = "Smallest number must not be greater than “Greatest number”"


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("email", {"label": " \n"}, {"label": "Question must not be empty"}),
        ("email", {"label": "x" * 301}, {"label": "Question must have 1 to 300 characters, and has 301"}),
        ("email", {"label": "a\x00"}, {"label": "Question must not have control characters"}),
        ("email", {"label": "a\nb"}, {"label": "Question must be on one line"}),
        ("email", {"key": "Name"}, {"key": f"Short name {KEY}"}),
        ("email", {"key": "page"}, {"key": "Short name must not be 'page', which is reserved"}),
        ("email", {"key": "name"}, {"key": "Short name must not be another question's"}),
        ("short_text", {"max_length": "0"}, {"max_length": f"Longest answer {WHOLE}"}),
        ("short_text", {"max_length": "9" * 5000}, {"max_length": f"Longest answer {WHOLE}"}),
        ("short_text", {"max_length": "1.5", "min_length": "x", "label": ""}, {
            "label": "Question must not be empty",
            "min_length": "Shortest answer must be a whole number from 0 to 100000",
            "max_length": f"Longest answer {WHOLE}",
        }),
        ("short_text", {"min_length": "3", "max_length": "2"}, {
            "min_length": "Shortest answer must not be greater than “Longest answer”"}),
        ("number", {"min": "x"}, {"min": "Smallest number must be a number of 30 digits at most"}),
        ("number", {"min": "2", "max": "1"}, {"min": TURNED}),
        ("date", {"min": "1/2/2026"}, {"min": "Earliest day must be a day such as 2026-12-01"}),
        ("date", {"min": "2026-12-02", "max": "2026-12-01"}, {
            "min": "Earliest day must not be later than “Latest day”"}),
        ("choice", {"choices": " \n"}, {"choices": "Choices must not be empty"}),
        ("choice", {"choices": "A\nB\nA"}, {"choices": "Choices must all differ, and “A” is there twice"}),
        ("choice", {"choices": "e\u0301\né"}, {
            "choices": "Choices must all differ, and “é” is there twice"}),
        ("choice", {"choices": "\n".join(map(str, range(501)))}, {
            "choices": "Choices must have 500 choices at most"}),
        ("choice", {"choices": "A\n" + "x" * 301}, {
            "choices": "Choices must have 300 characters at most on each line, and line 2 has 301"}),
        ("choice", {"choices": "A\x00B"}, {"choices": "Choices must not have control characters"}),
        ("choices", {"choices": "A\nB", "min_choices": "3"}, {
            "min_choices": "Fewest choices must not be greater than what can be chosen"}),
        ("files", {"max_size": "big"}, {
            "max_size": "Largest size of a file must be a size such as \"200 MB\""}),
        ("files", {"accept": "a/b"}, {
            "accept": "Types of files must hold endings such as \".pdf\", and holds '.a/b'"}),
    ],
)  # fmt: skip
def test_mistakes_are_told_of_the_inputs(
    kind: str, given: dict[str, str], expected: dict[str, str]
) -> None:
    assert problems(kind, given, form("Name")) == expected


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Your name", "your_name"),
        ("姓名", "question_1"),
        ("Page", "question_1"),
        ("Name", "name_2"),
    ],
)
def test_a_key_is_made_of_the_label(label: str, key: str) -> None:
    field = editing.read_typed(form("Name"), KINDS["email"], {"label": label})
    assert field.key == key


def test_keys_stay_different_however_often_a_question_is_asked() -> None:
    definition = form()
    for _ in range(3):
        for label in ("姓名", "x" * 300):
            field = editing.read_typed(definition, KINDS["email"], {"label": label})
            definition = editing.add(definition, field)
    keys = [field.key for field in definition.fields]
    assert len(set(keys)) == 6
    assert read_definition(definition.write()) == definition


def test_questions_move_and_stay_within_the_form() -> None:
    definition = form("A", "B", "C")
    a, c = id_of(definition, "a"), id_of(definition, "c")
    assert labels(editing.move(definition, a, 1)) == "B A C"
    assert labels(editing.move(definition, c, 0)) == "C A B"
    assert labels(editing.move(definition, a, 99)) == "B C A"
    assert labels(editing.move(definition, c, -5)) == "C A B"
    with pytest.raises(KeyError):
        editing.move(definition, "nobody", 1)


def test_a_duplicate_stands_behind_and_is_another_question() -> None:
    choice = {"kind": "choice", "key": "job", "label": "Job", "choices": ["Cook", "司机"]}
    definition = read_definition({"title": "T", "fields": [choice]}).with_ids(None)
    twice = editing.duplicate(definition, id_of(definition, "job"))
    first, second = (field.write() for field in twice.fields)
    assert second["key"] == "job_2"
    assert first["id"] != second["id"]
    ids = [option["id"] for field in (first, second) for option in field["choices"]]
    assert len(set(ids)) == 4
    assert [o["key"] for o in second["choices"]] == [o["key"] for o in first["choices"]]


def test_what_names_the_folders_goes_along() -> None:
    definition = form("A", "B", folder_label="a")
    field = editing.read_typed(
        definition, KINDS["short_text"], {"label": "A", "key": "z"}, definition.field("a")
    )
    renamed = editing.change(definition, field)
    assert (renamed.folder_label, renamed.fields[0].id) == ("z", id_of(definition, "a"))
    assert editing.remove(renamed, field.id).folder_label == ""
    assert editing.name_folders_by(renamed, "b").folder_label == "b"
    assert editing.name_folders_by(renamed, "").folder_label == ""
    with pytest.raises(Mistakes, match="Question that names the folders must be"):
        editing.name_folders_by(renamed, "nobody")


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (
            "Cook\nDriver",
            "Driver\nCook\nBaker",
            {"Cook": "Cook", "Driver": "Driver", "Baker": None},
        ),
        ("Cokk\nDriver", "Cook\nDriver", {"Cook": "Cokk"}),
        ("Cokk\nDriver", "Driver\nCook", {"Cook": None}),
        ("苹菓\n香蕉", "梨\n苹菓\n香蕉", {"苹菓": "苹菓", "香蕉": "香蕉", "梨": None}),
        ("A\nB", "C\nD", {"C": None, "D": None}),
    ],
)
def test_choices_keep_their_ids(before: str, after: str, kept: dict[str, str | None]) -> None:
    was = editing.read_typed(form(), KINDS["choice"], {"label": "Q", "choices": before})
    now = editing.read_typed(form(), KINDS["choice"], {"label": "Q", "choices": after}, was)
    old = {o["label"]: o["id"] for o in was.write()["choices"]}
    new = {o["label"]: o["id"] for o in now.write()["choices"]}
    for label, earlier in kept.items():
        assert (new[label] in old.values()) == (earlier is not None)
        if earlier:
            assert new[label] == old[earlier]


def test_a_choice_keeps_the_key_that_its_file_gave() -> None:
    table = {
        "kind": "choice",
        "key": "q",
        "label": "Q",
        "choices": [{"key": "en", "label": "English"}],
    }
    (was,) = read_definition({"title": "T", "fields": [table]}).with_ids(None).fields
    for lines in ("English\n中文", "English language"):
        now = editing.read_typed(form(), type(was), {"label": "Q", "choices": lines}, was)
        assert now.write()["choices"][0]["key"] == "en"


def test_a_copy_asks_the_same_with_other_ids() -> None:
    definition = read_definition(
        {"title": "T", "folder_label": "a", "fields": [
            {"kind": "short_text", "key": "a", "label": "A"},
            {"kind": "choice", "key": "b", "label": "id", "choices": ["x"]},
        ]}
    ).with_ids(None)  # fmt: skip
    copied = editing.copy(definition, "Copy")
    assert copied.title == "Copy"
    assert editing.without_ids(copied.write()["fields"]) == editing.without_ids(
        definition.write()["fields"]
    )
    assert not {f.id for f in copied.fields} & {f.id for f in definition.fields}


def test_changes_are_told_in_short() -> None:
    old = form("A", "B", "C")
    assert not changes(old, old)
    new = editing.move(editing.remove(old, id_of(old, "b")), id_of(old, "c"), 0)
    new = editing.add(new, editing.read_typed(new, KINDS["email"], {"label": "D"}))
    told = changes(old, new)
    assert (told.added, told.changed, told.removed, told.is_reordered) == (["D"], [], ["B"], True)
    renamed = editing.read_typed(old, KINDS["short_text"], {"label": "A!"}, old.fields[0])
    assert changes(old, editing.change(old, renamed)).changed == ["A!"]
    titled = editing.describe(old, {"title": "New", "description": "**x**"})
    assert changes(old, titled).is_described_anew


@dataclass(frozen=True, kw_only=True)
class Stars(Field):
    """A kind that the builder has never heard of."""

    kind: ClassVar[str] = "stars"
    most: int = rule(rulebook.whole(1, 10), 5, ask=asking.whole(lambda: "Most stars"))

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return "Stars", "From one to many."

    def parse(self, given: Given) -> str | None:
        return given.text or None


def test_a_new_kind_needs_nothing_more_than_its_class() -> None:
    asked = typed.inputs(Stars)
    assert [one.label for one in asked if one.name == "most"] == ["Most stars"]
    field = editing.read_typed(form(), Stars, {"label": "How good?", "most": "3"})
    assert (field.key, getattr(field, "most", 0)) == ("how_good", 3)
    with pytest.raises(Mistakes, match=r"^Most stars must be a whole number from 1 to 10$"):
        editing.read_typed(form(), Stars, {"label": "How good?", "most": "11"})
