"""Texts that a spreadsheet might take for formulas."""

from __future__ import annotations

import pytest

from webapp.exports.formulas import defused

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
UNSEEN = [
    " ",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\u00ad",
    "\ufe0f",
    "\U000e0020",
]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_at_the_start_is_defused(sign: str) -> None:
    text = f"{sign}cmd|' /C calc'!A0"
    assert defused(text) == "'" + text


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_sign_behind_what_is_not_seen_is_defused(unseen: str) -> None:
    text = f"{unseen}{unseen} {unseen}=1+1"
    assert defused(text) == "'" + text


@pytest.mark.parametrize("start", ["\t", "\r", "\n", " \t", "\u200b\n"])
def test_a_cell_does_not_start_with_a_tab_or_a_line_end(start: str) -> None:
    assert defused(f"{start}1").startswith("'")


@pytest.mark.parametrize("parting", ["\n", "\r\n", "\t", ";", ";;", "\n \n"])
def test_a_sign_behind_what_may_part_cells_is_defused(parting: str) -> None:
    """Where the semicolon parts cells, our quotation marks are within one, and mean nothing."""
    assert defused(f"a{parting} =1+1") == f"a{parting}' =1+1"


@pytest.mark.parametrize(
    "text",
    ["", "a", "Ann Lee", "x=1", "a - b", "a,=1", "ann@example.org", "2026-12-01", "A; b", "A\n\nb", "–"],
)  # fmt: skip
def test_all_else_stays(text: str) -> None:
    assert defused(text) == text


@pytest.mark.parametrize("run", ["\n", " ", "; ", ";", "\n=", "\u200b", " \u200b"])
def test_long_runs_take_no_longer_than_their_length(run: str) -> None:
    """In the square of it, this would take longer than a test may."""
    text = "a" + run * (500_000 // len(run)) + "b"
    assert len(defused(text)) >= len(text)
