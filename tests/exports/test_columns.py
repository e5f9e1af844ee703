"""Which columns the versions of a form have together, in which order and under which headings."""

from __future__ import annotations

from typing import Any

import pytest

from webapp import i18n
from webapp.exports.columns import headings, questions_of
from webapp.forms.definition import Definition, read_definition


def version(*fields: tuple[str, str] | tuple[str, str, str]) -> Definition:
    """A definition of texts, each by id, label and perhaps key."""
    tables: list[dict[str, Any]] = [
        {"kind": "short_text", "id": id, "label": label, "key": key[0] if key else id}
        for id, label, *key in fields
    ]
    return read_definition({"title": "Form", "fields": tables})


def columns(*newest_first: Definition) -> list[str]:
    numbered = [(len(newest_first) - at, one) for at, one in enumerate(newest_first)]
    return headings(questions_of(numbered), ["Reference", "Folder"])


A, B, C, D = (("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"))


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], []),
        ([version(A, B)], ["A", "B"]),
        ([version(B, A), version(A, B)], ["B", "A"]),
        ([version(A, C), version(A, B, C)], ["A", "B", "C"]),
        ([version(A), version(B, C, A, D)], ["B", "C", "A", "D"]),
        ([version(C), version(B), version(A)], ["A", "B", "C"]),
        ([version(A), version(A, C), version(A, B, C)], ["A", "B", "C"]),
        ([version(("a", "Name")), version(("a", "Your name"))], ["Name"]),
    ],
)
def test_the_newest_order_with_gone_fields_where_they_stood(
    versions: list[Definition], expected: list[str]
) -> None:
    assert columns(*versions) == expected


def test_equal_labels_are_told_apart_by_their_keys() -> None:
    assert columns(version(("a", "Name", "mother"), ("b", "Name", "father"), C)) == [
        "Name (mother)",
        "Name (father)",
        "C",
    ]


def test_a_label_that_is_one_of_the_other_columns_is_told_apart() -> None:
    assert columns(version(("a", "Folder"), B)) == ["Folder (a)", "B"]


def test_a_field_that_another_of_its_key_has_replaced_is_told_apart_by_its_version() -> None:
    old, new = version(("a1", "Years", "years")), version(("a2", "Years", "years"))
    assert columns(new, old) == ["Years (years, version 1)", "Years (years, version 2)"]
    with i18n.speaking("zh"):
        assert len(set(columns(new, old))) == 2


def test_five_hundred_fields_changed_twenty_times() -> None:
    versions = [version(*((f"v{v}_{n}", f"Label {v} {n}") for n in range(500))) for v in range(20)]
    found = columns(*versions)
    assert len(found) == len(set(found)) == 10_000
