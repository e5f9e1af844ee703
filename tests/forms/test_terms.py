"""A form's terms as people type them: moments in its own zone, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest

from webapp.forms import terms
from webapp.forms.rulebook import RuleBroken
from webapp.forms.tables import Form
from webapp.forms.typed import Mistakes

BERLIN, SHANGHAI, APIA = "Europe/Berlin", "Asia/Shanghai", "Pacific/Apia"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-12-01T23:59", SHANGHAI, "2026-12-01T15:59"),
        ("2026-12-01 23:59", SHANGHAI, "2026-12-01T15:59"),
        ("2026/12/1 9:05", SHANGHAI, "2026-12-01T01:05"),
        ("1.12.2026  23:59:30", BERLIN, "2026-12-01T22:59:30"),
        ("２０２６年１２月１日 ２３：５９", SHANGHAI, "2026-12-01T15:59"),
        ("2026年12月1日", SHANGHAI, "2026-11-30T16:00"),
        ("2026-12-01", BERLIN, "2026-11-30T23:00"),
        ("2026-10-25T02:30", BERLIN, "2026-10-25T00:30"),  # twice: the first
        ("2026-06-01T00:00", BERLIN, "2026-05-31T22:00"),
    ],
)
def test_a_moment_is_read_in_the_forms_zone(text: str, zone: str, expected: str) -> None:
    assert terms.read_moment(text, zone, time(0, 0)) == utc(expected)


@pytest.mark.parametrize(
    ("text", "zone", "rule"),
    [
        ("2026-03-29T02:30", BERLIN, "must be a time that there is: the clocks in Europe/Berlin skip"),
        ("2011-12-30T12:00", APIA, "must be a time that there is"),
        ("2026-02-30 12:00", BERLIN, "must be a day and a time, such as 2026-12-01 23:59."),
        ("2026-12-01 24:00", BERLIN, "must be a day and a time"),
        ("2026-12-01 9", BERLIN, "must be a day and a time"),
        ("tomorrow", BERLIN, "must be a day and a time"),
        ("12:00", BERLIN, "must be a day and a time"),
        ("1/2/2026 12:00", BERLIN, "must be a day and a time"),
        ("2026-12-01T23:59\x00", BERLIN, "must be a day and a time"),
        ("2" * 100_000, BERLIN, "must be a day and a time"),
        ("1999-12-31 12:00", BERLIN, "must be in a year from 2000 to 9998."),
        ("9999-12-31 12:00", BERLIN, "must be in a year from 2000 to 9998."),
    ],
)  # fmt: skip
def test_what_is_no_moment_is_told(text: str, zone: str, rule: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        terms.read_moment(text, zone, time(0, 0))
    assert str(broken.value).startswith(rule)


def stored(**values: Any) -> Form:
    none = {"opens_at": None, "closes_at": None, "max_submissions": None}
    anyone = {"access": "link", "passcode": "", "late_days": 0}
    return Form(slug="f", time_zone=BERLIN, **{**none, **anyone, **values})


def test_what_is_shown_is_read_back_to_the_microsecond() -> None:
    second_of_two = utc("2026-10-25T01:30")  # 02:30 for the second time
    form = stored(
        opens_at=second_of_two, closes_at=utc("2026-12-01T10:00:59.000007"), max_submissions=3
    )
    shown = terms.shown(form)
    assert shown["opens_at"] == "2026-10-25T02:30"
    assert shown["closes_at"] == "2026-12-01T11:00:59"
    read = terms.read(shown, form)
    assert (read.opens_at, read.closes_at) == (form.opens_at, form.closes_at)
    assert (read.slug, read.time_zone, read.max_submissions) == ("f", BERLIN, 3)


def test_another_zone_keeps_what_the_clock_says() -> None:
    form = stored(closes_at=utc("2026-12-01T10:00"))
    read = terms.read(terms.shown(form) | {"time_zone": SHANGHAI}, form)
    assert read.closes_at == utc("2026-12-01T03:00")


def test_a_day_alone_lasts_from_its_begin_to_its_end() -> None:
    given = {"slug": "f", "opens_at": "2026-12-01", "closes_at": "2026-12-01"}
    read = terms.read(given, stored())
    assert (read.opens_at, read.closes_at) == (utc("2026-11-30T23:00"), utc("2026-12-01T22:59"))


def test_all_that_is_wrong_is_told_at_once() -> None:
    given = {
        "slug": "A b", "time_zone": "Mars/Olympus", "max_submissions": "0",
        "opens_at": "now", "closes_at": "later", "late_days": "many", "passcode": "short",
        "access": "nobody",
    }  # fmt: skip
    with pytest.raises(Mistakes) as wrong:
        terms.read(given, stored())
    assert set(wrong.value.problems) == set(given)
    assert wrong.value.problems["slug"].startswith("Last part of the link must be small letters")


@pytest.mark.parametrize("closes", ["2026-12-01 12:00", "2026-12-01 11:59"])
def test_a_form_closes_after_it_opens(closes: str) -> None:
    given = {"slug": "f", "opens_at": "2026-12-01 12:00", "closes_at": closes}
    with pytest.raises(Mistakes) as wrong:
        terms.read(given, stored())
    assert wrong.value.problems == {"closes_at": "Closes must be later than “Opens”"}
