"""Whether a form takes submissions now, and if not, why."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from .. import clock
from ..i18n import gettext
from .tables import Form


class Availability(Enum):
    """What a person who opens the form's link is told."""

    OPEN = "open"
    UNPUBLISHED = "unpublished"
    NOT_YET = "not yet open"
    CLOSED = "closed"
    FULL = "full"
    LATE = "late"  # closed, and still taking what is then marked as late
    NEEDS_LINK = "for those with a personal link"
    NEEDS_PASSCODE = "for those who know the passcode"
    LINK_CLOSED = "this personal link is closed"

    @property
    def takes(self) -> bool:
        """Whether a submission is taken now."""
        return self in (Availability.OPEN, Availability.LATE)


def availability(form: Form, now: datetime, closes_at: datetime | None = None) -> Availability:
    """The state of the form at a moment, for whoever may fill it in; `closes_at` is the first moment at which
    it is closed, where that is not the form's own."""
    until = closes_at or form.closes_at
    if form.state == "draft" or not form.version:
        return Availability.UNPUBLISHED
    is_over = until is not None and now >= until
    if form.state == "closed" or (is_over and now >= late_until(form, until)):
        return Availability.CLOSED
    if form.opens_at is not None and now < form.opens_at:
        return Availability.NOT_YET
    if form.max_submissions is not None and form.submission_count >= form.max_submissions:
        return Availability.FULL
    return Availability.LATE if is_over else Availability.OPEN


def late_until(form: Form, closes_at: datetime | None) -> datetime:
    """The first moment at which nothing is taken any more, not even as late."""
    assert closes_at is not None
    return closes_at + timedelta(days=form.late_days or 0)


def closing_text(form: Form, closes_at: datetime | None = None) -> str | None:
    """Until when the form is open, or is so for one person; None if for good."""
    until = closes_at or form.closes_at
    if until is None:
        return None
    return gettext("Open until %(moment)s", moment=clock.format_moment(until, form.time_zone))


def late_text(form: Form, closes_at: datetime | None = None) -> str:
    """What is told where the deadline is over and the form still takes what is late."""
    until = closes_at or form.closes_at
    assert until is not None
    zone = form.time_zone
    return gettext(
        "The deadline was %(deadline)s. You can still hand in until %(until)s; it will be marked as late.",
        deadline=clock.format_moment(until, zone),
        until=clock.format_moment(late_until(form, until), zone),
    )
