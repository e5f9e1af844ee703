"""Counting over all processes, in windows of time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from webapp.database import now, snapshot, unit_of_work
from webapp.limits import rules

HOUR = timedelta(hours=1)


def test_a_window_begins_with_the_first_and_anew_after_its_end(app: Flask) -> None:
    start = now()
    with app.app_context(), unit_of_work() as session:
        assert [rules.count(session, "a", start, HOUR) for _ in range(3)] == [1, 2, 3]
        assert rules.count(session, "b", start, HOUR) == 1
        late = start + timedelta(minutes=59)
        assert rules.counted(session, "a", late, HOUR) == 3
        assert rules.count(session, "a", late, HOUR) == 4
        over = start + HOUR
        assert rules.counted(session, "a", over, HOUR) == 0
        assert rules.count(session, "a", over, HOUR) == 1
        rules.forget(session, "a")
        assert rules.counted(session, "a", over, HOUR) == 0


def test_nobody_is_missed_when_many_count_at_once(app: Flask) -> None:
    moment = now()

    def count_one(_: int) -> int:
        with app.app_context(), unit_of_work() as session:
            return rules.count(session, "many", moment, HOUR)

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(count_one, range(40))) == list(range(1, 41))


def test_old_counters_are_swept(app: Flask) -> None:
    start = now()
    with app.app_context():
        with unit_of_work() as session:
            rules.count(session, "old", start - timedelta(days=2), HOUR)
            rules.count(session, "new", start, HOUR)
            rules.sweep(session, start)
        with snapshot() as session:
            longest = timedelta(days=3)
            assert rules.counted(session, "old", start, longest) == 0
            assert rules.counted(session, "new", start, longest) == 1


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_one_person_has_one_neighbourhood(address: str, place: str) -> None:
    assert rules.neighbourhood(address) == place


def test_who_is_on_this_computer() -> None:
    assert all(
        rules.is_this_computer(a) for a in ("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "")
    )
    assert not any(rules.is_this_computer(a) for a in ("192.0.2.7", "2001:db8::1", "x"))


def test_a_counters_name_tells_nobody_and_is_short() -> None:
    name = rules.counter_name("sign-in", "ann@example.org" * 1000, "192.0.2.7")
    assert "ann" not in name
    assert len(name) < 60
    assert rules.counter_name("x", "ab", "c") != rules.counter_name("x", "a", "bc")
