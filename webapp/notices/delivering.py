"""Bringing a delivery where it belongs: one try, and what becomes of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ..config import Settings
from ..database import now, snapshot, unit_of_work
from ..failpoints import reach
from ..forms.tables import Form
from ..jobs import queue
from ..links import base_url
from .deliveries import settle, target_of
from .outcomes import Outcome, Reason, Result, shortened, trouble_of
from .rules import switch
from .tables import Delivery, Notice, RestingTarget

log = logging.getLogger("intray.notices")

GIVE_UP_AFTER = timedelta(days=3)  # for what a dead server keeps from ever being tried
LONGEST_REST = timedelta(minutes=30)
APART = timedelta(seconds=1)


@dataclass(frozen=True)
class Attempt:
    """One try at a delivery, read when it begins."""

    delivery: Delivery
    notice: Notice
    base: str  # where links of ours begin
    target: str  # which server it goes to, as RestingTarget names it


Sender = Callable[[Session, Attempt, datetime], Callable[[], Outcome]]


class DeliverJob:
    """Does the jobs of one kind of delivery. `prepare` reads what it needs and gives what then sends it,
    outside of any transaction."""

    def __init__(self, settings: Callable[[], Settings], prepare: Sender) -> None:
        self._settings = settings
        self._prepare = prepare

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        delivery_id = payload["delivery_id"]
        base = base_url(self._settings())
        with unit_of_work() as session:
            attempt = begin(session, delivery_id, base, now())
        if not isinstance(attempt, Attempt):
            return attempt
        reach("deliver: begun")
        outcome = self._try(attempt)
        reach("deliver: sent")
        with unit_of_work() as session:
            return conclude(session, attempt, outcome, now())

    def _try(self, attempt: Attempt) -> Outcome:
        try:
            with snapshot() as session:
                send = self._prepare(session, attempt, now())
            return send()
        except Exception as error:
            trouble = trouble_of(error)
            is_ours = trouble.reason is Reason.PROGRAM  # then nothing is known of the server
            if is_ours:
                log.exception("Delivery %s met an error.", attempt.delivery.public_id)
            return Outcome(
                Result.TRY_AGAIN,
                trouble.reason,
                trouble.error,
                trouble.status,
                is_target_down=not is_ours,
            )


def begin(
    session: Session, delivery_id: int, base: str, moment: datetime
) -> Attempt | datetime | None:
    """The attempt that is to be made now; the moment until which there is none, since its server rests;
    or None where nothing is to be done any more."""
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or delivery.state != "waiting":
        return None
    if session.get_one(Form, delivery.form_id).erased_at is not None:
        session.delete(delivery)  # as the sweep does with all that the form had
        return None
    notice = session.get_one(Notice, delivery.notice_id)
    if not notice.is_on and delivery.submission_id is not None:
        settle(delivery, "failed", moment, Reason.OFF)
        return None
    if delivery.waiting_since < moment - GIVE_UP_AFTER:
        settle(delivery, "failed", moment, Reason.TOO_LONG)
        return None
    target = target_of(notice)
    rest = session.get(RestingTarget, target)
    if rest is not None and rest.until > moment:
        delivery.next_try_at = _turn(delivery, rest.until)
        return delivery.next_try_at
    delivery.attempts += 1
    delivery.tried_at, delivery.next_try_at = moment, None
    return Attempt(delivery, notice, base, target)


def conclude(
    session: Session, attempt: Attempt, outcome: Outcome, moment: datetime
) -> datetime | None:
    """Notes what came of an attempt. Gives when the next one is due; None for no other."""
    rests_until = note_target(session, attempt.target, outcome, moment)
    delivery = session.get(Delivery, attempt.delivery.id)
    if delivery is None:
        return None
    if outcome.reason is Reason.GONE:
        notice = session.get_one(Notice, delivery.notice_id)
        switch(session, notice, moment, on=False, reason=Reason.GONE.value)
    delivery.error = shortened(outcome.error)
    delivery.status, delivery.answer = outcome.status, shortened(outcome.answer)
    delivery.recipients = {**delivery.recipients, **outcome.recipients}
    if outcome.result is Result.DELIVERED:
        settle(delivery, "delivered", moment)
        return None
    log.warning(  # without the error, which may name people
        "Delivery %s is not made, attempt %d: %s %s",
        delivery.public_id,
        delivery.attempts,
        outcome.reason,
        outcome.status or "",
    )
    if outcome.result is Result.GIVE_UP or delivery.attempts >= queue.ATTEMPTS:
        settle(delivery, "failed", moment, outcome.reason)
        return None
    delivery.reason = outcome.reason.value
    next_try_at = moment + queue.wait_after(delivery.attempts)
    if rests_until is not None:
        next_try_at = max(next_try_at, _turn(delivery, rests_until))
    delivery.next_try_at = next_try_at
    return next_try_at


def _turn(delivery: Delivery, rests_until: datetime) -> datetime:
    """When it is tried after a rest: behind those that were tried less often, since it may be this very
    mail that makes the server break off."""
    return rests_until + APART * delivery.attempts


def note_target(session: Session, name: str, outcome: Outcome, moment: datetime) -> datetime | None:
    """Lets a server rest that cannot be talked to, longer each time, and gives until when. Whatever else
    waits for it waits as well, without a try."""
    rest = session.get(RestingTarget, name)
    if not outcome.is_target_down:
        if rest is not None and outcome.reason is not Reason.PROGRAM:
            session.delete(rest)
        return None
    if rest is None:
        rest = RestingTarget(name=name, failures=0, until=moment)
        session.add(rest)
    rest.failures += 1
    rest.until = moment + min(queue.wait_after(rest.failures), LONGEST_REST)
    return rest.until
