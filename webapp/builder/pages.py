"""What the builder's pages show, as their templates take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .. import clock
from ..forms import terms, typed
from ..forms.access import Access
from ..forms.availability import Availability, availability
from ..forms.definition import Definition
from ..forms.drafts import OpenedForm
from ..forms.kinds import HEADINGS, KINDS, Element, Field
from ..forms.rules import NO_CORRECTIONS, UNTIL_CLOSED, Terms
from ..forms.tables import Form
from ..forms.typed import Input
from ..i18n import gettext, in_a_row

MOST_SHOWN = 300  # characters of what another window has written


@dataclass(frozen=True)
class Status:
    """Whether a form takes submissions, and what of its draft is published."""

    opened: OpenedForm
    now: datetime

    @property
    def _availability(self) -> Availability:
        return availability(self.opened.form, self.now)

    @property
    def is_open(self) -> bool:
        return self._availability.takes

    @property
    def badge(self) -> str:
        words = {
            Availability.OPEN: gettext("Open"),
            Availability.UNPUBLISHED: gettext("Draft"),
            Availability.NOT_YET: gettext("Not open yet"),
            Availability.CLOSED: gettext("Closed"),
            Availability.FULL: gettext("Full"),
            Availability.LATE: gettext("Open for late hand-ins"),
        }
        return words[self._availability]

    @property
    def text(self) -> str:
        form = self.opened.form
        words = {
            Availability.OPEN: gettext("It takes submissions."),
            Availability.UNPUBLISHED: gettext("Nobody else can see it yet."),
            Availability.NOT_YET: gettext(
                "It opens on %(moment)s.", moment=_at(form.opens_at, form)
            ),
            Availability.CLOSED: gettext("It takes no submissions."),
            Availability.FULL: gettext("It has received as many submissions as it can take."),
            Availability.LATE: gettext("What comes in now is marked as late."),
        }
        sentences = [words[self._availability]]
        if self._availability is Availability.OPEN and form.closes_at:
            sentences.append(gettext("It closes on %(moment)s.", moment=_at(form.closes_at, form)))
        return in_a_row(sentences)

    @property
    def can_publish(self) -> bool:
        return bool(self.opened.published is None or self.opened.changes)

    @property
    def can_open(self) -> bool:
        """Without publishing anything."""
        return self.opened.form.state != "open" and self.opened.published is not None

    @property
    def can_close(self) -> bool:
        return self.opened.form.state == "open"


def _at(moment: datetime | None, form: Form) -> str:
    return clock.format_moment(moment, form.time_zone) if moment else ""


@dataclass(frozen=True)
class Row:
    """A question in the list, or what begins a page or a section."""

    field: Element
    number: int  # from 1
    is_last: bool
    rule: str  # when it is shown, in words; nothing for always

    @property
    def is_question(self) -> bool:
        return self.field.is_question()

    @property
    def kind(self) -> str:
        return type(self.field).in_words()[0]

    @property
    def limits(self) -> Sequence[str]:
        """What the answer must be, in the kind's own words."""
        return self.field.limits() if isinstance(self.field, Field) else ()


def rows(definition: Definition) -> Sequence[Row]:
    last = len(definition.elements)
    return [
        Row(one, n, n == last, definition.rule_in_words(one) if one.show_if else "")
        for n, one in enumerate(definition.elements, start=1)
    ]


@dataclass(frozen=True)
class Kind:
    """A kind of question to choose."""

    name: str
    title: str
    about: str


def kinds() -> Sequence[Kind]:
    return [Kind(name, *cls.in_words()) for name, cls in KINDS.items()]


def headings() -> Sequence[Kind]:
    """What parts a form."""
    return [Kind(name, *cls.in_words()) for name, cls in HEADINGS.items()]


@dataclass(frozen=True)
class Asked:
    """An input of the builder, with what another window has written into it meanwhile."""

    input: Input
    theirs: str = ""


def asked(inputs: Sequence[Input], theirs: Sequence[Input] | None = None) -> Sequence[Asked]:
    """The inputs; `theirs` are the same ones as they are stored now, where that is to be told."""
    stored = {one.name: one.value for one in theirs or ()}
    result = []
    for one in inputs:
        other = stored.get(one.name, one.value)
        same = _plain(other) == _plain(one.value)
        result.append(Asked(one, "" if same else _told(one, other)))
    return result


def _told(one: Input, value: str) -> str:
    """The value in words, however long it is."""
    if one.input == "tick":
        return gettext("ticked") if value else gettext("not ticked")
    return value[:MOST_SHOWN] or gettext("(nothing)")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def question_inputs(
    kind: type[Element],
    field: Element | None,
    given: Mapping[str, str] | None = None,
    *,
    is_stale: bool = False,
) -> Sequence[Asked]:
    """The inputs for a question."""
    shown = typed.inputs(kind, field, given)
    return asked(shown, typed.inputs(kind, field) if is_stale and field else None)


def head_inputs(
    draft: Definition, given: Mapping[str, str] | None = None, *, is_stale: bool = False
) -> Sequence[Asked]:
    """The inputs for title and introduction."""
    only = ("title", "description")
    shown = typed.inputs(Definition, draft, given, only)
    return asked(shown, typed.inputs(Definition, draft, None, only) if is_stale else None)


def plain_terms(values: Mapping[str, str]) -> Mapping[str, Input]:
    """The inputs for the terms that are neither moments nor choices, by name."""
    names = ("slug", "max_submissions", "access", "passcode", "late_days")
    shown = typed.inputs(Terms, None, values, names)
    return {one.name: replace(one, value=values.get(one.name, "")) for one in shown}


def stored_settings(opened: OpenedForm) -> dict[str, str]:
    """The settings as they stand in the inputs."""
    return {**terms.shown(opened.form), "folder_label": opened.draft.folder_label}


def access_choices() -> Sequence[tuple[str, str, str]]:
    """Who may fill in: values, texts and hints."""
    return [
        (Access.LINK.value, gettext("Anyone with the link"), ""),
        (Access.PASSCODE.value, gettext("Whoever knows the passcode"), ""),
        (
            Access.PERSONAL.value,
            gettext("Only those with a personal link"),
            gettext("You give a list of names under “People”; each gets a link of their own."),
        ),
    ]


def folder_choices(draft: Definition) -> Sequence[tuple[str, str]]:
    """The questions that can name a submission's folder."""
    fields = [field for field in draft.fields if not field.takes_files]
    return [("", gettext("None: date and reference alone")), *((f.key, f.label) for f in fields)]


def correction_choices() -> Sequence[tuple[str, str]]:
    """Until when people may correct what they have handed in."""
    return [
        (NO_CORRECTIONS, gettext("Only when you ask them to")),
        (UNTIL_CLOSED, gettext("While the form is open")),
    ]


def saving_choices() -> Sequence[tuple[str, str]]:
    """Whether people may go on later with a form of one page."""
    return [
        ("yes", gettext("People can save what they have, and go on by a private link")),
        ("no", gettext("It is filled in at once")),
    ]


def zone_choices(zone: str) -> Sequence[tuple[str, str]]:
    """The zones, with the form's own where it is a rare one."""
    names = clock.zones()
    return [(name, name) for name in (names if zone in names or not zone else (zone, *names))]
