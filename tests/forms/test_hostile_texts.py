"""Texts that take the square of their length to read, unless that is seen to. Each would stop the
process for minutes; here it is the timeout of the test that would tell."""

from __future__ import annotations

import pytest

from webapp.forms.kinds import AnswerError, Given, read_field
from webapp.storage import names

MARKS = "\u0323\u0307" * 200_000
DIGITS = "1" * 400_000 + "x"
HOSTILE_TO = [
    "short_text", "long_text", "email", "phone", "number", "date", "time", "birthday", "signature",
]  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE_TO)
@pytest.mark.parametrize("text", [MARKS, DIGITS, "a" + MARKS, " " * 400_000 + "x", "1 " * 200_000])
@pytest.mark.timeout(60)
def test_a_long_text_is_refused_at_once(kind: str, text: str) -> None:
    field = read_field({"key": "a", "kind": kind, "label": "A"}, ())
    with pytest.raises(AnswerError):
        field.answer(Given([text]))


@pytest.mark.timeout(60)
def test_a_long_name_is_cut_at_once() -> None:
    assert names.file_name(names.original_name(MARKS + ".pdf")).endswith(".pdf")


@pytest.mark.timeout(60)
def test_a_thousand_files_of_one_name_differ() -> None:
    different = names.all_different(["x" * 76 + ".pdf"] * 1000)
    assert len({names.folded(name) for name in different}) == 1000
    assert all(names.utf16_units(name) <= names.FILE_UNITS for name in different)
