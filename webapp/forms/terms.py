"""A form's terms as they are typed: its link, when it is open in its own zone, and how many it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from ..i18n import gettext
from ..texts import nfkc
from . import typed
from .access import Access, set_access
from .kinds.dates import read_day
from .rulebook import RuleBroken
from .rules import NO_CORRECTIONS, UNTIL_CLOSED, Terms, moment_in_range
from .tables import Form
from .typed import Mistakes

CORRECTIONS = (NO_CORRECTIONS, UNTIL_CLOSED)
PLAIN = ("time_zone", "max_submissions", "slug", "access", "passcode", "late_days")
_MOMENT = re.compile(r"(.*?)(?:[T\s]+(\d\d?):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?)?", re.ASCII)
_MOST_CHARACTERS = 100


@dataclass(frozen=True, kw_only=True)
class TypedTerms:
    """What the settings page asks for, read."""

    slug: str
    time_zone: str
    max_submissions: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    corrections: str
    save_later: bool = False
    access: str = Access.LINK.value
    passcode: str = ""
    late_days: int = 0

    def set(self, form: Form) -> None:
        """From now on, these are the form's."""
        form.slug = self.slug
        form.time_zone = self.time_zone
        form.max_submissions = self.max_submissions
        form.opens_at = self.opens_at
        form.closes_at = self.closes_at
        form.corrections = self.corrections
        form.save_later = self.save_later
        set_access(form, self.access, self.passcode, self.late_days)


def of(form: Form) -> TypedTerms:
    """The form's terms now."""
    return TypedTerms(
        slug=form.slug,
        time_zone=form.time_zone,
        max_submissions=form.max_submissions,
        opens_at=form.opens_at,
        closes_at=form.closes_at,
        corrections=form.corrections,
        save_later=form.save_later,
        access=form.access,
        passcode=form.passcode,
        late_days=form.late_days,
    )


def shown(form: Form) -> dict[str, str]:
    """The form's terms as they stand in the inputs."""
    return {
        "slug": form.slug,
        "time_zone": form.time_zone,
        "max_submissions": "" if form.max_submissions is None else str(form.max_submissions),
        "opens_at": show_moment(form.opens_at, form.time_zone),
        "closes_at": show_moment(form.closes_at, form.time_zone),
        "corrections": form.corrections,
        "save_later": "yes" if form.save_later else "no",
        "access": form.access,
        "passcode": form.passcode,
        "late_days": str(form.late_days) if form.late_days else "",
    }


def read(given: Mapping[str, str], form: Form) -> TypedTerms:
    """The terms that were typed. Raises Mistakes."""
    problems: dict[str, str] = {}
    values: dict[str, Any] = {"time_zone": form.time_zone, "max_submissions": None}
    wanted = given.get("corrections", "")
    values["corrections"] = wanted if wanted in CORRECTIONS else form.corrections
    values["save_later"] = given.get("save_later", shown(form)["save_later"]) == "yes"
    others: dict[str, str] = {}
    for name in PLAIN:
        try:
            values |= typed.read(Terms, given, only=(name,))
        except Mistakes as wrong:
            others |= wrong.problems
    for name, label, otherwise in (
        ("opens_at", gettext("Opens"), time(0, 0)),
        ("closes_at", gettext("Closes"), time(23, 59)),
    ):
        try:
            values[name] = _moment(name, given, form, values["time_zone"], otherwise)
        except RuleBroken as broken:
            problems[name] = typed.told(label, str(broken))
    problems |= others
    if values.get("access") == Access.PASSCODE and "passcode" not in problems:
        problems |= _needed_passcode(values)
    if not problems and values["opens_at"] and values["closes_at"]:
        problems |= _order(values["opens_at"], values["closes_at"])
    if problems:
        raise Mistakes(problems)
    return TypedTerms(**values)


def _needed_passcode(values: Mapping[str, Any]) -> dict[str, str]:
    if values.get("passcode"):
        return {}
    return {"passcode": typed.told(gettext("Passcode"), gettext("must not be empty."))}


def _moment(
    name: str, given: Mapping[str, str], form: Form, zone: str, otherwise: time
) -> datetime | None:
    """What was typed; where nothing was touched, the form's own to the microsecond."""
    text = given.get(name, "").strip()
    if zone == form.time_zone and text == shown(form)[name]:
        own: datetime | None = getattr(form, name)
        return own
    return read_moment(text, zone, otherwise) if text else None


def _order(opens_at: datetime, closes_at: datetime) -> dict[str, str]:
    if opens_at < closes_at:
        return {}
    rule = gettext("must be later than “%(label)s”", label=gettext("Opens"))
    return {"closes_at": typed.told(gettext("Closes"), rule)}


def show_moment(moment: datetime | None, zone: str) -> str:
    """A moment as HTML's `datetime-local` takes it, in the zone; empty for none."""
    if moment is None:
        return ""
    there = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)
    return there.isoformat(timespec="seconds" if there.second else "minutes")


def read_moment(text: str, zone: str, otherwise: time) -> datetime:
    """The moment that a person or a browser wrote, in the zone: `2026-12-01T23:59`, `1.12.2026 23:59`;
    a day alone is that day at the time `otherwise`. Where clocks are put back, the first of the two.
    Raises RuleBroken, also for a time that is skipped where clocks are put forward."""
    match = _MOMENT.fullmatch(nfkc(text[:_MOST_CHARACTERS]).strip())
    day = read_day(match[1]) if match else None
    if match is None or day is None:
        raise RuleBroken(_no_moment())
    try:
        at = time.fromisoformat(_clock(match)) if match[2] else otherwise
    except ValueError:
        raise RuleBroken(_no_moment()) from None
    local = moment_in_range(datetime.combine(day, at, ZoneInfo(zone)))
    there_and_back = datetime.fromtimestamp(local.timestamp(), ZoneInfo(zone))
    if there_and_back.replace(tzinfo=None) != local.replace(tzinfo=None):
        raise RuleBroken(
            gettext("must be a time that there is: the clocks in %(zone)s skip it.", zone=zone)
        )
    return local.astimezone(UTC)


def _clock(match: re.Match[str]) -> str:
    return f"{match[2]:0>2}:{match[3]}:{match[4] or '00'}"


def _no_moment() -> str:
    return gettext("must be a day and a time, such as %(example)s.", example="2026-12-01 23:59")
