"""What the roster's pages show, as their templates take it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from zoneinfo import ZoneInfo

from .. import clock
from ..exports.csv_file import BYTE_ORDER_MARK
from ..exports.formulas import defused
from ..forms.tables import Form
from ..i18n import gettext
from ..notices.outcomes import words
from .people import Listed, Order, Part, Show, State


def state_name(state: State) -> str:
    """How it stands with one person, in the reader's language."""
    return {
        State.HANDED_IN: gettext("Handed in"),
        State.HANDED_IN_LATE: gettext("Handed in late"),
        State.MISSING: gettext("Missing"),
        State.OVERDUE: gettext("Missing, deadline over"),
        State.CLOSED: gettext("Link closed"),
    }[state]


def show_name(show: Show) -> str:
    """A part of the list, in the reader's language."""
    return {
        Show.ALL: gettext("All"),
        Show.HANDED_IN: gettext("Handed in"),
        Show.MISSING: gettext("Missing"),
        Show.LATE: gettext("Late"),
        Show.CLOSED: gettext("Link closed"),
    }[show]


@dataclass(frozen=True)
class Row:
    """A person in the list."""

    listed: Listed
    zone: str

    @property
    def state(self) -> str:
        return state_name(self.listed.state)

    @property
    def has_handed_in(self) -> bool:
        return self.listed.reference is not None

    @property
    def received(self) -> str:
        at = self.listed.received_at
        return clock.format_short(at, self.zone) if at else ""

    @property
    def deadline(self) -> str:
        at = self.listed.person.closes_at
        return clock.format_short(at, self.zone) if at else ""

    @property
    def saved(self) -> str:
        """When they last saved what they have begun; empty where nothing waits to be handed in."""
        at = self.listed.saved_at
        return clock.format_short(at, self.zone) if at and not self.has_handed_in else ""

    @property
    def trouble(self) -> str:
        """Why the last mail was not delivered."""
        reason, _, said = self.listed.person.mail_error.partition(" ")
        return " ".join(part for part in (words(reason), said) if part)

    @property
    def mail(self) -> str:
        """What became of the last mail to the person; empty where there was none."""
        person = self.listed.person
        states = {
            "waiting": gettext("a mail is on its way"),
            "sent": gettext("mailed"),
            "failed": gettext("the mail could not be delivered"),
        }
        if person.mail_state not in states or person.mail_at is None:
            return ""
        moment = clock.format_short(person.mail_at, self.zone)
        return gettext("%(moment)s: %(what)s", moment=moment, what=states[person.mail_state])


@dataclass(frozen=True)
class ListPage:
    """A page of the list, with what its links repeat."""

    part: Part
    show: Show
    order: Order
    query: str
    counts: dict[Show, int]
    zone: str

    @property
    def rows(self) -> Sequence[Row]:
        return [Row(listed, self.zone) for listed in self.part.rows]

    @property
    def filters(self) -> Sequence[tuple[Show, str, int]]:
        return [(show, show_name(show), self.counts[show]) for show in Show]

    @property
    def zone_name(self) -> str:
        return clock.shown_zone(self.zone)

    def link(self, **other: object) -> dict[str, object]:
        """What a link to another page of the list carries."""
        asked = {"show": self.show, "order": self.order, "q": self.query or None, **other}
        plain = {Show.ALL, Order.NAME}
        return {name: value for name, value in asked.items() if value not in plain}


def _moment(one: Listed, form: Form) -> str:
    """When it came in, on the form's own clock."""
    if one.received_at is None:
        return ""
    there = one.received_at.astimezone(ZoneInfo(form.time_zone))
    return there.replace(tzinfo=None, microsecond=0).isoformat(" ")


def as_csv(form: Form, people: Sequence[Listed], link: Callable[[str], str]) -> bytes:
    """The list with all links as CSV (RFC 4180), which no spreadsheet takes for formulas."""
    text = StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    received = gettext("Handed in (%(zone)s)", zone=clock.shown_zone(form.time_zone))
    writer.writerow(
        [
            gettext("Name"),
            gettext("E-mail"),
            gettext("Group"),
            gettext("Personal link"),
            gettext("State"),
            received,
            gettext("Reference"),
        ]
    )
    for one in people:
        person = one.person
        cells = [person.name, person.email, person.team, link(person.token), state_name(one.state)]
        writer.writerow([*map(defused, cells), _moment(one, form), one.reference or ""])
    return text.getvalue().encode("utf-8", "replace")
