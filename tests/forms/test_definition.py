"""Definitions: every rule with the place where it is broken, and what stays when a form is changed."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.forms.definition import Definition, read_definition
from webapp.forms.frozen import frozen_definition
from webapp.forms.kinds import ELEMENTS, KINDS, read_field
from webapp.forms.rulebook import RESERVED_KEYS, DefinitionError

LONGEST_KEY = "k" * 40

# Each kind with all its rules set to something else than their defaults.
EVERY_RULE: dict[str, dict[str, Any]] = {
    "short_text": {"min_length": 2, "max_length": 3, "autocomplete": "name"},
    "long_text": {"min_length": 2, "max_length": 100_000, "autocomplete": "street-address"},
    "email": {},
    "phone": {},
    "number": {"min": -0.00001, "max": 10**20, "decimals": 5},
    "date": {"min": "0001-01-01", "max": "9999-12-31"},
    "time": {"min": "00:00", "max": "23:59"},
    "birthday": {},
    "choice": {
        "choices": ["A", {"key": "b", "label": "B", "id": "b-1"}],
        "other": True,
        "other_label": "Another",
    },
    "choices": {
        "choices": ["A", "B"],
        "other": True,
        "other_label": "Another",
        "none": True,
        "none_label": "Nothing",
        "min_choices": 1,
        "max_choices": 2,
    },
    "rating": {"most": 10, "low_label": "bad", "high_label": "good"},
    "matrix": {"rows": ["A", {"key": "b", "label": "B", "id": "b-1"}], "choices": ["C", "D"]},
    "consent": {},
    "signature": {},
    "files": {"accept": [".PDF", ".tar.gz"], "max_files": 1000, "max_size": "1.1 MB"},
}
COMMON = {"key": LONGEST_KEY, "label": "L", "help": "One\nTwo", "required": True, "id": "an-Id_1"}


def defined(*fields: dict[str, Any], **more: Any) -> Definition:
    return read_definition({"title": "T", "fields": list(fields), **more})


def text(key: str, **more: Any) -> dict[str, Any]:
    return {"kind": "short_text", "key": key, "label": key.title(), **more}


def test_the_table_above_has_every_kind() -> None:
    assert EVERY_RULE.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_is_written_as_what_reads_back_as_the_same_field(kind: str) -> None:
    lists = {name: ["A"] for name in ("rows", "choices") if name in EVERY_RULE[kind]}
    for rules in (EVERY_RULE[kind] | COMMON, lists):
        field = read_field({"kind": kind, "key": "k", "label": "L", **rules}, ()).with_ids(None)
        kept = json.loads(json.dumps(field.write()))
        assert read_field(kept, ()) == field
        assert read_field(kept, ()).write() == field.write()


@pytest.mark.parametrize(
    ("change", "place", "rule"),
    [
        ({"title": None}, ("title",), "is missing."),
        ({"title": 3}, ("title",), "must be a text in quotes."),
        ({"title": " \n"}, ("title",), "must have 1 to 200 characters, and has 0."),
        ({"title": "x" * 201}, ("title",), "must have 1 to 200 characters, and has 201."),
        ({"title": "a\nb"}, ("title",), "must be on one line."),
        ({"title": "a\u2028b"}, ("title",), "must be on one line."),
        ({"title": "a\x00b"}, ("title",), "must not have control characters."),
        ({"title": "a\x9bb"}, ("title",), "must not have control characters."),
        ({"title": "a\ud800b"}, ("title",), "must not have control characters."),
        ({"description": "a\rb"}, ("description",), "must not have control characters."),
        ({"description": "x" * 20_001}, ("description",), "must have 0 to 20000 characters, and has 20001."),
        ({"folder_label": "other"}, ("folder_label",), "must be the key of a field, and not of files."),
        ({"folder_label": "paper"}, ("folder_label",), "must be the key of a field, and not of files."),
        (
            {"colour": "red"},
            ("colour",),
            "is none of: title, description, folder_label, accent, closing, language, languages, "
            "translations, fields.",
        ),
        ({"fields": {}}, ("fields",), "must be written as [[fields]] tables."),
        ({"fields": ["name"]}, ("fields",), "must be written as [[fields]] tables."),
        ({"fields": [text("a")] * 501}, ("fields",), "must be 500 at most, and are 501."),
    ],
)  # fmt: skip
def test_a_wrong_form_is_told(
    change: dict[str, Any], place: tuple[str | int, ...], rule: str
) -> None:
    paper = {"kind": "files", "key": "paper", "label": "Paper"}
    table = {"title": "T", "fields": [paper], **change}
    with pytest.raises(DefinitionError) as wrong:
        read_definition({key: value for key, value in table.items() if value is not None})
    assert (wrong.value.place, wrong.value.rule) == (place, rule)


KEY_RULE = "must be a small letter, then up to 39 small letters, digits or _."
NUMBER_RULE = "must be a number of 30 digits at most."
DAY_RULE = "must be a day such as 2026-12-01."
SIZE_RULE = 'must be a size such as "200 MB".'
ENDINGS_RULE = 'must be a list of file endings such as [".pdf", ".docx"].'


@pytest.mark.parametrize(
    ("kind", "key", "value", "rule"),
    [
        ("short_text", "kind", None, "is missing."),
        ("short_text", "kind", "shorttext", f"must be one of: {', '.join(ELEMENTS)}."),
        ("short_text", "kind", ["short_text"], f"must be one of: {', '.join(ELEMENTS)}."),
        ("short_text", "key", None, "is missing."),
        ("short_text", "label", None, "is missing."),
        ("short_text", "colour", "red",
         "is none of: key, label, help, show_if, id, translations, required, min_length, max_length, "
         "autocomplete."),
        ("short_text", "max_size", "1 MB",
         "is none of: key, label, help, show_if, id, translations, required, min_length, max_length, "
         "autocomplete."),
        *[("short_text", "key", key, KEY_RULE)
          for key in ("", "Name", "1a", "_a", "a-b", "naïve", "k" * 41, "a\n", 3)],
        *[("short_text", "key", key, f"must not be {key!r}, which is reserved.")
          for key in sorted(RESERVED_KEYS)],
        ("short_text", "label", "", "must have 1 to 300 characters, and has 0."),
        ("short_text", "help", 3, "must be a text in quotes."),
        ("short_text", "required", "yes", "must be true or false."),
        ("short_text", "required", 1, "must be true or false."),
        ("short_text", "id", "", "must be 1 to 40 letters, digits, _ or -."),
        ("short_text", "id", "ä", "must be 1 to 40 letters, digits, _ or -."),
        ("short_text", "max_length", 0, "must be a whole number from 1 to 100000."),
        ("short_text", "max_length", 100_001, "must be a whole number from 1 to 100000."),
        ("short_text", "max_length", True, "must be a whole number from 1 to 100000."),
        ("short_text", "max_length", 10.0, "must be a whole number from 1 to 100000."),
        ("short_text", "min_length", 1001, "must not be greater than max_length."),
        *[("number", "min", value, NUMBER_RULE)
          for value in (float("nan"), float("inf"), -1e300, 10**30, "1e5", "NaN", "", "ten", True, [1])],
        ("number", "min", 8, "must not be greater than max."),
        ("number", "decimals", 11, "must be a whole number from 0 to 10."),
        ("number", "decimals", 1.0, "must be a whole number from 0 to 10."),
        *[("date", "max", value, DAY_RULE)
          for value in ("2026-02-30", "1.12.2026", "٢٠٢٦-١٢-٠١", "0000-01-01", 20261201, True)],
        ("date", "min", "2026-01-02", "must not be later than max."),
        ("choices", "min_choices", 3, "must not be greater than what can be chosen."),
        ("choices", "max_choices", 0, "must be a whole number from 1 to 500."),
        *[("files", "max_size", value, SIZE_RULE)
          for value in ("200", "0 MB", "-1 MB", "1,5 MB", "2000000 TB", "1 XB", 200, True, [], "1 MİB")],
        ("files", "max_files", 0, "must be a whole number from 1 to 1000."),
        ("files", "max_files", 1001, "must be a whole number from 1 to 1000."),
        *[("files", "accept", value, ENDINGS_RULE) for value in (".pdf", [], [".a"] * 101, {})],
        *[("files", "accept", [value], f'must hold endings such as ".pdf", and holds {value!r}.')
          for value in ("pdf", ".", "", ".p df", "./a", "*.pdf", ".a.b.c.d", 3)],
    ],
)  # fmt: skip
def test_a_wrong_field_is_told(kind: str, key: str, value: Any, rule: str) -> None:
    rules = {
        "number": {"max": 7},
        "date": {"max": "2026-01-01"},
        "choices": {"choices": ["A", "B"]},
    }
    field = {"kind": kind, "key": "second", "label": "L", **rules.get(kind, {}), key: value}
    present = {name: given for name, given in field.items() if given is not None}
    with pytest.raises(DefinitionError) as wrong:
        defined(text("first"), present)
    assert (wrong.value.place, wrong.value.rule) == (("fields", 1, key), rule)


@pytest.mark.parametrize(("name", "value"), [("key", "name"), ("id", "x")])
def test_keys_and_ids_are_used_once(name: str, value: str) -> None:
    fields = [text("a"), text("b"), text("c")]
    fields[0][name] = fields[2][name] = value
    with pytest.raises(DefinitionError) as wrong:
        defined(*fields)
    assert (wrong.value.place, wrong.value.rule) == (("fields", 2, name), f"{value!r} is taken.")


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\t\n"), max_size=300)
)
def test_any_text_is_written_as_it_was_read(description: str) -> None:
    definition = defined(text("name", help=description), description=description)
    kept = json.loads(json.dumps(definition.write(), ensure_ascii=False).encode())
    assert read_definition(kept) == definition
    assert read_definition(kept).content_hash == definition.content_hash


def test_a_field_of_the_same_key_and_kind_keeps_its_id() -> None:
    was = defined(text("a"), text("b"), text("c")).with_ids(None)
    now = defined(
        text("c", label="Other"),
        text("new"),
        {"kind": "email", "key": "b", "label": "B"},
        text("a"),
    ).with_ids(was)
    old = {field.key: field.id for field in was.fields}
    assert now.field("a").id == old["a"]  # type: ignore[union-attr]
    assert now.field("c").id == old["c"]  # type: ignore[union-attr]
    assert len({field.id for field in now.fields} - {old["a"], old["c"]}) == 2
    assert old["b"] not in {field.id for field in now.fields}


def test_a_given_id_goes_before_an_inherited_one() -> None:
    was = defined(text("a", id="one")).with_ids(None)
    now = defined(text("a"), text("b", id="one")).with_ids(was)
    assert now.field("b").id == "one"  # type: ignore[union-attr]
    assert now.field("a").id not in ("one", "")  # type: ignore[union-attr]


def test_the_same_content_has_the_same_hash_and_other_content_another() -> None:
    table = defined(text("a", id="1"), text("b", id="2"), description="D").write()
    shuffled = dict(random.Random(1).sample(list(table.items()), len(table)))
    hashes = {read_definition(table).content_hash, read_definition(shuffled).content_hash}
    assert len(hashes) == 1
    for change in ({"title": "U"}, {"description": "E"}, {"fields": table["fields"][::-1]}):
        assert read_definition({**table, **change}).content_hash not in hashes


def test_the_same_title_is_the_same_however_its_accents_and_line_ends_are_written() -> None:
    one = defined(title="Élan", description="a\nb")
    other = defined(title="E\u0301lan", description="a\r\nb\r\n")
    assert one.content_hash == other.content_hash


def test_what_a_frozen_version_asks_is_told_by_its_hash() -> None:
    table = defined(text("a", id="1")).write()
    first = frozen_definition("hash of the first", table)
    assert frozen_definition("hash of the first", {"title": "Never looked at"}) is first
    assert frozen_definition("hash of the second", {**table, "title": "U"}).title == "U"


def test_the_largest_form_has_limits_that_a_database_can_hold() -> None:
    largest = {"kind": "files", "label": "F", "max_size": "999999 TB", "max_files": 1000}
    definition = defined(*({**largest, "key": f"f{n}"} for n in range(500)))
    assert definition.most_parts() < 2**31
    for limit in (
        definition.most_text_bytes,
        definition.most_file_bytes,
        definition.most_body_bytes,
    ):
        assert 0 < limit() < 2**63
