"""What the desk shows of corrections to one submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from .. import clock
from ..forms import typed
from ..forms.kinds.base import clean
from ..forms.rulebook import RuleBroken
from ..forms.tables import Form
from ..forms.terms import read_moment
from ..forms.typed import Mistakes
from ..i18n import gettext
from ..submissions.details import Details
from ..submissions.permits import MOST_TEXT, is_asked, is_waiting


@dataclass(frozen=True)
class CorrectionPanel:
    """How it stands with corrections to a submission."""

    corrected: str  # when; empty for not yet
    is_asked: bool
    is_waiting: bool
    since: str
    until: str
    text: str
    link: str  # to hand on to the sender


def correction_panel(found: Details, base: str, now: datetime) -> CorrectionPanel:
    """The panel for a submission; `base` is where links begin that leave this computer."""
    one, zone = found.submission, found.form.time_zone

    def at(moment: datetime | None) -> str:
        return clock.format_moment(moment, zone) if moment else ""

    return CorrectionPanel(
        at(one.corrected_at),
        is_asked(one, now),
        is_waiting(one, now),
        at(one.asked_at),
        at(one.asked_until),
        one.asked_text,
        f"{base}/r/{one.reference}?key={one.receipt_key}",
    )


def read_request(
    given: Mapping[str, str], form: Form, now: datetime
) -> tuple[str, datetime | None]:
    """What is asked of the sender, and until when: a day alone is all of that day. Raises Mistakes."""
    problems: dict[str, str] = {}
    text, label = clean(given.get("text", ""), lines=True), gettext("What is to be corrected")
    if not text:
        problems["text"] = typed.told(label, gettext("must not be empty."))
    if len(text) > MOST_TEXT:
        rule = gettext("must have %(n)s characters or fewer.", n=MOST_TEXT)
        problems["text"] = typed.told(label, rule)
    until = None
    try:
        until = _until(given.get("until", "").strip(), form, now)
    except RuleBroken as broken:
        problems["until"] = typed.told(gettext("Until"), str(broken))
    if problems:
        raise Mistakes(problems)
    return text, until


def _until(day: str, form: Form, now: datetime) -> datetime | None:
    if not day:
        return None
    until = read_moment(day, form.time_zone, time(23, 59, 59))
    if until <= now:
        raise RuleBroken(gettext("must be later than now."))
    return until
