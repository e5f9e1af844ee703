"""The job table's rules, on both databases: one worker a job, and none forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from webapp.database import snapshot, unit_of_work
from webapp.jobs import queue
from webapp.jobs.queue import ATTEMPTS, FIRST_WAIT, LEASE, LONGEST_WAIT, Claim
from webapp.jobs.tables import Job

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def empty_table(app: Flask) -> Iterator[None]:
    """No job but the test's own."""
    with app.app_context():
        with unit_of_work() as session:
            session.execute(delete(Job))
        yield


def add(kind: str = "mail", due_at: datetime = NOON, **more: Any) -> None:
    with unit_of_work() as session:
        queue.add(session, kind, due_at, **more)


def claim(now: datetime = NOON) -> Claim | None:
    with unit_of_work() as session:
        return queue.claim(session, now)


def claimed(now: datetime = NOON) -> Claim:
    found = claim(now)
    assert found is not None
    return found


def fail(job: Claim, now: datetime = NOON, error: str = "no") -> None:
    with unit_of_work() as session:
        queue.fail(session, job, now, error)


def jobs() -> list[Job]:
    with snapshot() as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def next_due() -> datetime | None:
    with snapshot() as session:
        return queue.next_due(session)


def test_a_job_is_claimed_when_it_is_due(app: Flask) -> None:
    add(payload={"to": "李"})
    assert claim(NOON - SECOND) is None
    job = claimed(NOON)
    assert (job.kind, job.payload, job.attempts) == ("mail", {"to": "李"}, 1)
    assert claim(NOON) is None


def test_a_job_of_a_transaction_that_fails_is_never_there(app: Flask) -> None:
    def add_and_fail() -> None:
        with unit_of_work() as session:
            queue.add(session, "mail", NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        add_and_fail()
    assert jobs() == []


def test_the_job_that_has_been_due_longest_comes_first(app: Flask) -> None:
    for minutes in (3, 1, 2, 1):
        add(due_at=NOON - timedelta(minutes=minutes), payload={"minutes": minutes})
    order = [claimed().payload["minutes"] for _ in range(4)]
    assert order == [3, 2, 1, 1]


def test_each_job_is_claimed_once_however_many_ask(app: Flask) -> None:
    for number in range(24):
        add(payload={"number": number})
    found: list[int] = []
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait(30)
        with app.app_context():
            while (job := claim()) is not None:
                found.append(job.payload["number"])

    threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # on PostgreSQL a row that another has locked is passed over, so some may be left
    while (job := claim()) is not None:
        found.append(job.payload["number"])
    assert sorted(found) == list(range(24))


def test_a_lease_that_ran_out_is_claimed_anew_and_the_first_worker_has_no_say(app: Flask) -> None:
    add()
    first = claimed(NOON)
    assert claim(NOON + LEASE) is None
    second = claimed(NOON + LEASE + SECOND)
    assert (second.id, second.public_id) == (first.id, first.public_id)
    assert second.attempts == 2
    fail(first)
    with unit_of_work() as session:
        queue.finish(session, first)
        queue.postpone(session, first, NOON)
    assert claim(NOON + LEASE + SECOND) is None
    with unit_of_work() as session:
        queue.finish(session, second)
    assert jobs() == []


def test_a_failed_job_is_tried_again_after_waits_that_grow_and_is_given_up(app: Flask) -> None:
    add()
    now, waits = NOON, []
    for attempt in range(1, ATTEMPTS + 1):
        job = claimed(now)
        assert job.attempts == attempt
        fail(job, now, f"attempt {attempt}")
        (row,) = jobs()
        assert row.error == f"attempt {attempt}"
        if row.failed_at is None:
            assert claim(row.due_at - SECOND) is None
            waits.append(row.due_at - now)
            now = row.due_at
    assert len(waits) == ATTEMPTS - 1
    assert waits == sorted(waits)
    assert (waits[0], waits[1], waits[-1]) == (FIRST_WAIT, 2 * FIRST_WAIT, LONGEST_WAIT)
    assert jobs()[0].failed_at == now
    assert claim(now + timedelta(days=365)) is None
    assert next_due() is None


@pytest.mark.parametrize("attempts", [1, 2, 12, 13, 1000])
def test_no_wait_is_longer_than_the_longest(attempts: int) -> None:
    assert FIRST_WAIT <= queue.wait_after(attempts) <= LONGEST_WAIT


def test_a_postponed_job_starts_over(app: Flask) -> None:
    add()
    fail(claimed())
    later = NOON + timedelta(hours=1)
    job = claimed(later)
    assert job.attempts == 2
    with unit_of_work() as session:
        queue.postpone(session, job, later + LEASE)
    (row,) = jobs()
    assert (row.due_at, row.attempts, row.error, row.lease) == (later + LEASE, 0, None, None)
    assert claimed(later + LEASE).attempts == 1


def test_a_name_is_in_the_table_once(app: Flask) -> None:
    add(name="sweep", payload={"first": True})
    add(name="sweep", due_at=NOON - SECOND)
    add(name="other")
    add()
    add()
    assert [job.name for job in jobs()] == ["sweep", "other", None, None]
    assert jobs()[0].payload == {"first": True}
    held = claimed()
    add(name="sweep")
    assert len(jobs()) == 4
    with unit_of_work() as session:
        queue.finish(session, held)
    add(name="sweep")
    assert [job.name for job in jobs()].count("sweep") == 1


def test_a_name_that_was_given_up_can_be_added_again(app: Flask) -> None:
    add(name="sweep")
    with unit_of_work() as session:
        session.scalars(select(Job)).one().attempts = ATTEMPTS - 1
    fail(claimed())
    assert claim() is None
    add(name="sweep")
    assert claimed().attempts == 1
    assert len(jobs()) == 1


def test_a_dropped_job_need_not_be_done(app: Flask) -> None:
    add(name="place:1")
    add(name="place:2")
    held = claimed()
    with unit_of_work() as session:
        queue.drop(session, "place:1")
        queue.drop(session, "place:3")
    assert [job.name for job in jobs()] == ["place:2"]
    fail(held)  # its row is gone, which is no error
    assert [job.name for job in jobs()] == ["place:2"]


def test_the_next_moment_to_look_is_told(app: Flask) -> None:
    assert next_due() is None
    add(due_at=NOON + LEASE * 5)
    add(due_at=NOON)
    assert next_due() == NOON
    claimed(NOON)
    assert next_due() == NOON + LEASE
    with unit_of_work() as session:
        session.execute(delete(Job).where(Job.lease.is_not(None)))
    assert next_due() == NOON + LEASE * 5


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        ("a\x00b", "a\\0b"),
        ("\ud800", "\\ud800"),
        ("李\n", "李\n"),
        ("x" * 100_000, "x" * 2000),
    ],
    ids=["NUL", "surrogate", "Chinese", "long"],
)
def test_an_error_that_quotes_what_was_sent_can_be_kept(app: Flask, error: str, kept: str) -> None:
    add()
    fail(claimed(), error=error)
    assert jobs()[0].error == kept


def test_a_job_that_ends_its_process_each_time_is_given_up(app: Flask) -> None:
    add()
    moment = NOON
    for _ in range(queue.ATTEMPTS):
        claimed(moment)  # and nobody says how it went
        moment += queue.LEASE + SECOND
    assert claim(moment) is None
    (job,) = jobs()
    assert job.failed_at == moment
    assert job.error == "It ended the process that did it."


def test_a_lane_has_its_kinds_and_the_main_one_all_others(app: Flask) -> None:
    add("mail", NOON)
    add("sweep", NOON + SECOND)
    mail = queue.Lane(frozenset({"mail"}), is_all_but=False)
    main = queue.Lane(frozenset({"mail"}))
    later = NOON + SECOND * 5
    with snapshot() as session:
        assert queue.next_due(session, mail) == NOON
        assert queue.next_due(session, main) == NOON + SECOND
    for lane, kind in ((main, "sweep"), (mail, "mail")):
        with unit_of_work() as session:
            job = queue.claim(session, later, lane)
            assert job is not None
            assert job.kind == kind
            assert queue.claim(session, later, lane) is None


def test_waiting_jobs_can_be_hurried_and_those_that_are_being_done_stay(app: Flask) -> None:
    later = NOON + LEASE * 5
    add("mail", NOON)
    claimed()
    add("mail", later, name="one")
    add("mail", later, name="two")
    add("sweep", later)
    with unit_of_work() as session:
        queue.hurry(session, NOON, kind="mail", name="one")
    assert [(job.name, job.due_at) for job in jobs()[1:]] == [
        ("one", NOON), ("two", later), (None, later)
    ]  # fmt: skip
    assert claimed().kind == "mail"
    with unit_of_work() as session:
        queue.hurry(session, NOON, kind="mail")
    assert claimed().kind == "mail"
    assert claim() is None


def test_a_name_that_two_add_at_once_is_in_the_table_once(app: Flask) -> None:
    has_added, failures = threading.Event(), list[Exception]()

    def add_too() -> None:
        has_added.wait(30)
        try:
            with app.app_context():
                add(name="sweep")
        except Exception as wrong:
            failures.append(wrong)

    other = threading.Thread(target=add_too, daemon=True)
    other.start()
    with unit_of_work() as session:
        queue.add(session, "mail", NOON, name="sweep")
        session.flush()
        has_added.set()
        other.join(0.5)  # it waits for this transaction, on either database
    other.join(60)
    assert failures == []
    assert [job.name for job in jobs()] == ["sweep"]
