"""Times as people read them: zones, and dates in the reader's language."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzlocal
from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.dates import get_date_format

from . import i18n


@cache
def local_zone() -> str:
    """The IANA name of this computer's zone, such as `Europe/Berlin`."""
    try:
        name = tzlocal.get_localzone_name()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"  # what this computer says of its zone contradicts itself
    return name if name and is_zone(name) else "UTC"


def is_zone(name: str) -> bool:
    """Whether the name is an IANA zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the database
        return False
    return True


@cache
def zones() -> tuple[str, ...]:
    """The names of all zones that people choose from."""
    names = zoneinfo.available_timezones()
    places = (name for name in names if "/" in name and not name.startswith("Etc/"))
    return (*sorted(places), "UTC")


def format_moment(moment: datetime, zone: str) -> str:
    """A moment in a zone: `1 December 2026, 23:59 (Asia/Shanghai)` in the reader's language."""
    there = moment.astimezone(ZoneInfo(zone))
    time = babel_time(there, "HH:mm", locale=i18n.language())
    return i18n.gettext(
        "%(date)s, %(time)s (%(zone)s)",
        date=format_day(there.date()),
        time=time,
        zone=shown_zone(zone),
    )


def shown_zone(zone: str) -> str:
    """A zone's name for people: `UTC` for `Etc/UTC`."""
    return zone.removeprefix("Etc/")


def format_short(moment: datetime, zone: str) -> str:
    """A moment for a list that tells its zone once: `1 Dec 2026, 23:59` in the reader's language."""
    there = moment.astimezone(ZoneInfo(zone))
    day = babel_date(there.date(), "medium", locale=_locale())
    return i18n.gettext("%(date)s, %(time)s", date=day, time=f"{there:%H:%M}")


def format_day(day: date) -> str:
    """A day in the reader's language, such as `1 December 2026`."""
    return babel_date(day, "long", locale=_locale())


def day_order() -> Sequence[str]:
    """`day`, `month` and `year` in the order in which the reader's language writes them."""
    pattern = get_date_format("short", locale=_locale()).pattern
    return sorted(("day", "month", "year"), key=lambda part: pattern.lower().index(part[0]))


def _locale() -> str:
    return "en_GB" if i18n.language() == "en" else i18n.language()
