"""Deliveries: made for each submission, listed, asked for again, removed when they are old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..ids import PUBLIC_ID, public_id
from ..jobs import queue
from ..jobs.tables import Job
from ..limits import rules as limits
from ..submissions.tables import Submission
from .configs import Kind, read_receipt
from .content import Content, read_content
from .outcomes import Reason
from .tables import Delivery, Notice, RestingTarget

MAIL_JOB = "notice.mail"
WEBHOOK_JOB = "notice.webhook"
MAIL_TARGET = "mail"  # all mail goes by one server
RECEIPTS_A_DAY = 5  # to one address
FORM_RECEIPTS_A_DAY = 5000  # of one form, to whatever addresses
KEPT_FOR = timedelta(days=90)
PAGE = 50
_DAY = timedelta(days=1)
_AGAIN_AT_ONCE = 1000  # deliveries in one transaction
_LOST_AFTER = timedelta(hours=1)  # due that long, and no job: its process ended each time


@dataclass(frozen=True)
class Logged:
    """A delivery as the log shows it."""

    delivery: Delivery
    notice: Notice
    reference: str | None  # of its submission; None for a test


def announce(session: Session, submission_id: int, now: datetime, revision: int = 1) -> int:
    """Makes what is to be delivered of a revision of a submission, as far as there is none yet, and tells
    how many."""
    content = read_content(session, submission_id, revision)
    if content is None:
        return 0
    made = 0
    for form_id, notice in _silent(session, submission_id, revision):
        delivery = _new(notice, form_id, submission_id, now, revision)
        if notice.kind == Kind.RECEIPT and not _may_have(session, notice, delivery, content, now):
            continue
        session.add(delivery)
        made += 1
        if delivery.state == "waiting":
            _add_job(session, notice, delivery, now)
    return made


def _silent(session: Session, submission_id: int, revision: int) -> Sequence[tuple[int, Notice]]:
    """The notices that have not told of a submission's revision yet."""
    told = select(Delivery.notice_id).where(
        Delivery.submission_id == submission_id, Delivery.revision == revision
    )
    query = (
        select(Submission.form_id, Notice)
        .join(Notice, Notice.form_id == Submission.form_id)
        .where(Submission.id == submission_id, Notice.is_on.is_(True), Notice.id.not_in(told))
        .order_by(Notice.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _new(
    notice: Notice,
    form_id: int,
    submission_id: int | None,
    now: datetime,
    revision: int = 1,
) -> Delivery:
    return Delivery(
        public_id=public_id(),
        notice_id=notice.id,
        form_id=form_id,
        submission_id=submission_id,
        revision=revision,
        state="waiting",
        attempts=0,
        created_at=now,
        waiting_since=now,
        next_try_at=now,
        recipients={},
    )


def _may_have(
    session: Session, notice: Notice, delivery: Delivery, content: Content, now: datetime
) -> bool:
    """Whether there is anybody to have it. One who has had many gets no more: else a stranger could have
    us write to whom they like as often as they like."""
    config = read_receipt(notice.config)
    address = content.address(config.field_id)
    if address and not count_receipt(session, address, delivery.form_id, now):
        settle(delivery, "failed", now, Reason.LIMIT)
    return bool(address)


def count_receipt(session: Session, address: str, form_id: int, now: datetime) -> bool:
    """Counts one more mail to a sender, and tells whether they may have it."""
    name, of_form = _counters(address, form_id)
    return (
        limits.count(session, name, now, _DAY) <= RECEIPTS_A_DAY
        and limits.count(session, of_form, now, _DAY) <= FORM_RECEIPTS_A_DAY
    )


def has_had_many(session: Session, address: str, form_id: int, now: datetime) -> bool:
    """Whether a sender has had as many mails as they may have in a day."""
    name, of_form = _counters(address, form_id)
    return (
        limits.counted(session, name, now, _DAY) >= RECEIPTS_A_DAY
        or limits.counted(session, of_form, now, _DAY) >= FORM_RECEIPTS_A_DAY
    )


def _counters(address: str, form_id: int) -> tuple[str, str]:
    of_form = limits.counter_name("receipts", str(form_id))
    return limits.counter_name("receipt", _mailbox(address)), of_form


def _mailbox(address: str) -> str:
    """Whose address it is: most servers bring what goes to `ann+anything@` to Ann (RFC 5233)."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def settle(delivery: Delivery, state: str, now: datetime, reason: Reason = Reason.NONE) -> None:
    """It is over for this delivery, until somebody asks for it again."""
    delivery.state, delivery.reason = state, reason.value
    delivery.settled_at, delivery.next_try_at = now, None


def _add_job(session: Session, notice: Notice, delivery: Delivery, now: datetime) -> None:
    session.flush()
    payload = {"delivery_id": delivery.id}
    queue.add(session, _job_kind(notice), now, payload, name=_job_name(delivery))


def _job_kind(notice: Notice) -> str:
    return WEBHOOK_JOB if notice.kind == Kind.WEBHOOK else MAIL_JOB


def _job_name(delivery: Delivery) -> str:
    """There is one job for a delivery, each time that it is asked for. The one from before may still be
    about to end."""
    return f"notice:{delivery.id}:{delivery.waiting_since.timestamp():.6f}"


def add_test(session: Session, notice: Notice, now: datetime) -> Delivery:
    """A delivery that tells of no submission."""
    delivery = _new(notice, notice.form_id, None, now)
    session.add(delivery)
    _add_job(session, notice, delivery, now)
    return delivery


def log(session: Session, form_id: int, before: int | None = None) -> Sequence[Logged]:
    """A page of a form's deliveries and one more, newest first: those that are older than the one
    with the id `before`."""
    query = (
        select(Delivery, Notice, Submission.reference)
        .join(Notice, Notice.id == Delivery.notice_id)
        .outerjoin(Submission, Submission.id == Delivery.submission_id)
        .where(Delivery.form_id == form_id)
        .order_by(Delivery.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(Delivery.id < before)
    return [Logged(*row) for row in session.execute(query)]


def find_delivery(session: Session, form_id: int, delivery_id: str) -> Delivery | None:
    """The form's delivery of that public id."""
    if not PUBLIC_ID.fullmatch(delivery_id):
        return None
    query = select(Delivery).where(Delivery.form_id == form_id, Delivery.public_id == delivery_id)
    return session.scalar(query)


def again(session: Session, delivery: Delivery, now: datetime) -> None:
    """Delivers it once more, under the same id; one that waits is tried now."""
    notice = session.get_one(Notice, delivery.notice_id)
    delivery.next_try_at = now
    if delivery.state == "waiting":
        rest = session.get(RestingTarget, target_of(notice))
        if rest is not None:
            session.delete(rest)
        queue.hurry(session, now, kind=_job_kind(notice), name=_job_name(delivery))
        return
    # to everybody once more; after a failure to those who do not have it
    had = delivery.recipients if delivery.state == "failed" else {}
    delivery.recipients = {address: why for address, why in had.items() if not why}
    delivery.state, delivery.settled_at = "waiting", None
    delivery.attempts, delivery.waiting_since = 0, now
    delivery.reason, delivery.error, delivery.status, delivery.answer = "", "", None, ""
    _add_job(session, notice, delivery, now)


def target_of(notice: Notice) -> str:
    """The server that a notice goes to, as RestingTarget names it."""
    return notice.public_id if notice.kind == Kind.WEBHOOK else MAIL_TARGET


def mail_again(session: Session, now: datetime) -> None:
    """Tries all mail that waits: the mail server is another now, or has another password."""
    rest = session.get(RestingTarget, MAIL_TARGET)
    if rest is not None:
        session.delete(rest)
    queue.hurry(session, now, kind=MAIL_JOB)


def webhook_again(session: Session, notice: Notice, now: datetime) -> None:
    """Tries all that waits for a webhook: it may call another address now."""
    session.execute(delete(RestingTarget).where(RestingTarget.name == target_of(notice)))
    waiting = select(Delivery).where(Delivery.notice_id == notice.id, Delivery.state == "waiting")
    for delivery in session.scalars(waiting.order_by(Delivery.id).limit(_AGAIN_AT_ONCE)):
        delivery.next_try_at = now
        queue.hurry(session, now, kind=WEBHOOK_JOB, name=_job_name(delivery))


def all_failed_again(
    session: Session, form_id: int, now: datetime, kinds: Sequence[Kind] = tuple(Kind)
) -> int:
    """Delivers once more what notices of these kinds gave up of a form, the oldest thousand, and tells how
    many."""
    query = (
        select(Delivery)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(
            Delivery.form_id == form_id, Delivery.state == "failed", Notice.is_on.is_(True),
            Delivery.reason != Reason.LIMIT.value, Notice.kind.in_([kind.value for kind in kinds]),
        )
        .order_by(Delivery.id)
        .limit(_AGAIN_AT_ONCE)
    )  # fmt: skip
    failed = session.scalars(query).all()
    for delivery in failed:
        again(session, delivery, now)
    return len(failed)


def has_failed(session: Session, form_id: int, kinds: Sequence[Kind]) -> bool:
    """Whether notices of these kinds gave anything of the form up."""
    query = select(Delivery.id).join(Notice, Notice.id == Delivery.notice_id)
    query = query.where(
        Delivery.form_id == form_id,
        Delivery.state == "failed",
        Notice.kind.in_([kind.value for kind in kinds]),
    )
    return session.scalar(query.limit(1)) is not None


def sweep(session: Session, now: datetime) -> None:
    """Removes what was settled long ago, and says of what lost its job that it failed."""
    session.execute(delete(Delivery).where(Delivery.settled_at < now - KEPT_FOR))
    jobs = select(Job.payload["delivery_id"].as_integer()).where(
        Job.kind.in_([MAIL_JOB, WEBHOOK_JOB]), Job.failed_at.is_(None)
    )
    lost = (
        Delivery.state == "waiting",
        Delivery.waiting_since < now - _LOST_AFTER,
        Delivery.id.not_in(jobs),
    )
    values = {
        "state": "failed",
        "settled_at": now,
        "next_try_at": None,
        "reason": Reason.PROGRAM.value,
    }
    session.execute(update(Delivery).where(*lost).values(values))
