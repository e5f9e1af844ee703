"""Whether a form takes submissions now, and if not, why."""

from __future__ import annotations

from datetime import datetime
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


def availability(form: Form, now: datetime) -> Availability:
    """The state of the form at a moment. `closes_at` is the first moment at which it is closed."""
    if form.state == "draft" or not form.version:
        return Availability.UNPUBLISHED
    if form.state == "closed" or (form.closes_at is not None and now >= form.closes_at):
        return Availability.CLOSED
    if form.opens_at is not None and now < form.opens_at:
        return Availability.NOT_YET
    if form.max_submissions is not None and form.submission_count >= form.max_submissions:
        return Availability.FULL
    return Availability.OPEN


def closing_text(form: Form) -> str | None:
    """Until when the form is open; None if for good."""
    if form.closes_at is None:
        return None
    return gettext(
        "Open until %(moment)s", moment=clock.format_moment(form.closes_at, form.time_zone)
    )
