"""The rules of the job table: add, claim, finish, try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session

from ..database import insert_into
from ..ids import public_id
from .tables import Job

LEASE = timedelta(minutes=10)
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=6)
ATTEMPTS = 20  # with the waits between them, about two days
MOST_ERROR_CHARACTERS = 2000


@dataclass(frozen=True)
class Claim:
    """A job in the hands of one worker, until its lease runs out."""

    id: int
    public_id: str
    kind: str
    payload: dict[str, Any]
    attempts: int
    lease: str


@dataclass(frozen=True)
class Lane:
    """The kinds of jobs that one thread does: some kinds, or all but some."""

    kinds: frozenset[str] = frozenset()
    is_all_but: bool = True

    def has(self) -> ColumnElement[bool]:
        """The condition that a job is in this lane."""
        is_one = Job.kind.in_(sorted(self.kinds))
        return not_(is_one) if self.is_all_but else is_one


EVERYTHING = Lane()


@dataclass(frozen=True)
class JobCounts:
    """How many jobs there are; those that are `failing` wait as well."""

    waiting: int
    failing: int
    given_up: int


def add(
    session: Session,
    kind: str,
    due_at: datetime,
    payload: dict[str, Any] | None = None,
    *,
    name: str | None = None,
) -> None:
    """Adds a job to the transaction that asks for it; one with a `name` only if none has it yet, or
    if the one that has it was given up, which must not keep its name from being done for ever."""
    if name is not None:
        session.execute(delete(Job).where(Job.name == name, Job.failed_at.is_not(None)))
    row = {"public_id": public_id(), "kind": kind, "payload": payload or {}, "due_at": due_at}
    insert = insert_into(session, Job).values(name=name, **row)
    # One statement: on PostgreSQL another transaction may add the name between two.
    session.execute(insert.on_conflict_do_nothing(index_elements=["name"]))


def next_due(session: Session, lane: Lane = EVERYTHING) -> datetime | None:
    """When the next job of the lane can be claimed; None if there is no job."""
    ready_at = func.coalesce(Job.leased_until, Job.due_at)
    waiting = select(Job.due_at, Job.leased_until).where(Job.failed_at.is_(None), lane.has())
    row = session.execute(waiting.order_by(ready_at).limit(1)).first()
    return None if row is None else row.leased_until or row.due_at


def count_jobs(session: Session) -> JobCounts:
    """All that are in the table, by one statement."""
    is_waiting = Job.failed_at.is_(None)
    failing = func.count().filter(is_waiting, Job.error.is_not(None))
    given_up = func.count().filter(Job.failed_at.is_not(None))
    row = session.execute(select(func.count().filter(is_waiting), failing, given_up)).one()
    return JobCounts(*row)


def claim(session: Session, now: datetime, lane: Lane = EVERYTHING) -> Claim | None:
    """Takes the job of the lane that has been due longest; None if none is due. To be committed before
    the job is done, so that others see the lease."""
    free = or_(Job.leased_until.is_(None), Job.leased_until < now)
    job = session.scalar(
        select(Job)
        .where(Job.failed_at.is_(None), Job.due_at <= now, free, lane.has())
        .order_by(Job.due_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job is None:
        return None
    if job.attempts >= ATTEMPTS:  # the last one did not even come to fail
        job.failed_at, job.error = now, "It ended the process that did it."
        return claim(session, now, lane)
    job.lease, job.leased_until, job.attempts = public_id(), now + LEASE, job.attempts + 1
    return Claim(job.id, job.public_id, job.kind, job.payload, job.attempts, job.lease)


def finish(session: Session, claim: Claim) -> None:
    """The job is done. Nothing happens if the lease ran out and another worker has the job."""
    session.execute(delete(Job).where(Job.id == claim.id, Job.lease == claim.lease))


def is_at_hand(session: Session, name: str, now: datetime) -> bool:
    """Whether a job of this name is due, or is being done."""
    at_hand = or_(Job.due_at <= now, Job.lease.is_not(None))
    known = select(Job.id).where(Job.name == name, Job.failed_at.is_(None), at_hand)
    return session.scalar(known) is not None


def drop(session: Session, name: str) -> None:
    """The job of this name need not be done any more."""
    session.execute(delete(Job).where(Job.name == name))


def hurry(session: Session, now: datetime, *, kind: str, name: str | None = None) -> None:
    """Makes waiting jobs of a kind due now, all of them or the one of a name: something has changed, and
    they may succeed. One that somebody is doing, or that was given up, stays as it is."""
    waiting = [Job.kind == kind, Job.lease.is_(None), Job.failed_at.is_(None), Job.due_at > now]
    if name is not None:
        waiting.append(Job.name == name)
    session.execute(update(Job).where(*waiting).values(due_at=now))


def postpone(session: Session, claim: Claim, due_at: datetime) -> None:
    """The job is done for now, and due again."""
    _give_back(session, claim, due_at=due_at, attempts=0, error=None)


def fail(session: Session, claim: Claim, now: datetime, error: str) -> None:
    """The job failed: it is tried again after a growing wait, and given up after ATTEMPTS."""
    error = _keepable(error)
    if claim.attempts >= ATTEMPTS:
        _give_back(session, claim, failed_at=now, error=error)
    else:
        _give_back(session, claim, due_at=now + wait_after(claim.attempts), error=error)


def _keepable(error: str) -> str:
    """An error's text as every database takes it; it may quote what somebody has sent."""
    text = error[:MOST_ERROR_CHARACTERS].encode("utf-8", "backslashreplace").decode()
    return text.replace("\0", "\\0")


def wait_after(attempts: int) -> timedelta:
    """The wait after so many attempts: it doubles from FIRST_WAIT to LONGEST_WAIT."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 20)), LONGEST_WAIT)


def _give_back(session: Session, claim: Claim, **values: Any) -> None:
    session.execute(
        update(Job)
        .where(Job.id == claim.id, Job.lease == claim.lease)
        .values(lease=None, leased_until=None, **values)
    )
