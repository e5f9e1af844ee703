"""The bench runs and comes out with figures. How large they are is for people to judge."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ..conftest import skip_or_fail
from . import __main__ as bench
from . import phones
from .load import Sample, joined

MAY_BE_NONE = ("+-", "commits", "cpu", "KB each")  # in a look as short as this
TAKES_NO_STATEMENT = "open the form"  # nor where the form is looked up, as nobody has changed it


def test_it_comes_out_with_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.json"
    parts = [part for part in bench.PARTS if part != "phones"]
    code = bench.main(["--quick", "--json", str(file), "--folder", str(tmp_path), *parts])
    assert code == 0
    found = json.loads(file.read_text(encoding="utf-8"))
    assert set(found) == {
        "machine",
        "requests",
        "rules",
        "growth",
        "starts",
        "memory",
        "imports",
        "desk",
        "exports",
        "downloads",
        "uploads",
        "uploads-memory",
        "seeing",
        "serving",
        "serving-idle",
    }
    printed = capsys.readouterr().out
    for name in set(found) - {"machine"}:
        assert name.upper() in printed
        assert len(found[name]["rows"]) > 2, name
        for row in found[name]["rows"]:
            assert_figures(row)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.browser
def test_a_form_is_opened_on_a_slow_phone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if phones.chromium() is None:
        skip_or_fail("browser", "Chromium is missing: apt-get install chromium")
    assert bench.main(["--quick", "--folder", str(tmp_path), "phones"]) == 0
    printed = capsys.readouterr().out
    assert "60 questions" in printed
    assert "first question, ms" in printed


def assert_figures(row: dict[str, object]) -> None:
    may_be_none = MAY_BE_NONE
    if row.get("request") == TAKES_NO_STATEMENT:
        may_be_none += ("statements",)
    for column, cell in row.items():
        if cell is None:
            assert sys.platform != "linux", column
        elif not isinstance(cell, str) and not column.startswith(may_be_none):
            assert cell > 0, column  # type: ignore[operator]


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["speed"])
    assert "there is no part speed" in capsys.readouterr().err


def test_percentiles_are_of_all_requests() -> None:
    samples = [Sample([0.003, 0.001], 1.0), Sample([0.002], 0.5)]
    whole = joined(samples)
    assert (whole.percentile(50), whole.percentile(99)) == (0.002, 0.003)
    assert whole.per_second == 2
    assert samples[0].per_second == 2
