"""What the public pages show, as their templates take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from markupsafe import Markup

from .. import clock
from ..forms import markdown
from ..forms.availability import Availability
from ..forms.definition import Definition
from ..forms.kinds import Field, Files
from ..forms.tables import Form
from ..i18n import gettext, in_a_row
from ..invited.admission import ANYONE, Admission
from ..storage import names
from ..submissions.receipts import Receipt, ReceiptAnswer
from ..submissions.tables import Submission
from ..uploads.rules import UploadedFile

Problem = tuple[str, str]  # the id of the control to go to, and what to say


@dataclass(frozen=True)
class KeptFile:
    """A file that came earlier, as the page lists it."""

    id: str
    filename: str
    size: int


@dataclass(frozen=True)
class Question:
    """A field with what was typed, and what is wrong with it."""

    field: Field
    values: Sequence[str] = ()
    error: str | None = None
    kept: Sequence[KeptFile] = ()

    @property
    def id(self) -> str:
        return f"f-{self.field.key}"

    @property
    def template(self) -> str:
        return self.field.template

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def hints(self) -> list[str]:
        return self.field.hints()

    @property
    def room(self) -> int:
        """How many more files may be chosen."""
        return max(self.field.max_files - len(self.kept), 0) if isinstance(self.field, Files) else 0


@dataclass(frozen=True)
class Again:
    """The submission that this page has become before."""

    reference: str
    url: str
    files: Sequence[str]  # names of those that came to this page, and went with that submission


@dataclass(frozen=True)
class FormPage:
    """A form to fill in."""

    form: Form
    definition: Definition
    action: str
    token: str
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uploads: Sequence[UploadedFile] = ()
    errors: Mapping[str, str] = field(default_factory=dict)  # by field key
    general: str | None = None  # what is wrong with no field
    again: Again | None = None
    removed: str | None = None
    admission: Admission = ANYONE

    @property
    def title(self) -> str:
        return self.definition.title

    @property
    def description(self) -> Markup:
        return markdown.to_html(self.definition.description)

    @property
    def closes(self) -> str | None:
        return self.admission.until(self.form)

    @property
    def person(self) -> str:
        """The name of the one whom the page is for; empty for anyone."""
        return self.admission.person.name if self.admission.person else ""

    @property
    def entry_key(self) -> str:
        """What the page carries where the passcode was given."""
        return "" if self.admission.person else self.admission.credential

    @property
    def asks_passcode(self) -> bool:
        return self.admission.state is Availability.NEEDS_PASSCODE

    @cached_property
    def questions(self) -> list[Question]:
        return [self._question(asked) for asked in self.definition.fields]

    def _question(self, asked: Field) -> Question:
        kept = [
            KeptFile(u.id, names.shown_name(u.filename), u.size)
            for u in self.uploads
            if u.field_id == asked.id
        ]
        return Question(asked, self.texts.get(asked.key, ()), self.errors.get(asked.key), kept)

    @property
    def problems(self) -> list[Problem]:
        general = [("main", self.general)] if self.general else []
        return general + [(q.id, q.error) for q in self.questions if q.error]


@dataclass(frozen=True)
class UnavailablePage:
    """A form that takes no submissions now."""

    title: str
    heading: str
    text: str


def unavailable(
    form: Form, definition: Definition, state: Availability, closes_at: datetime | None = None
) -> UnavailablePage:
    """What to tell instead of showing the form."""
    heading, text = refusal(form, state, closes_at)
    return UnavailablePage(definition.title, heading, text)


def refusal(form: Form, state: Availability, closes_at: datetime | None = None) -> tuple[str, str]:
    """Why the form takes no submissions: a heading, and a sentence with the time that matters. `closes_at` is
    the deadline of the one who asks, where it is not the form's."""
    closes_at = closes_at or form.closes_at
    ask = gettext("If you think that this is a mistake, ask the people who sent you here.")
    if state is Availability.NOT_YET:
        text = gettext("It opens on %(moment)s.", moment=_moment(form.opens_at, form))
        return gettext("This form is not open yet"), text
    if state is Availability.FULL:
        text = gettext("It has received as many submissions as it can take.")
        return gettext("This form is full"), in_a_row([text, ask])
    if state in _AT_THE_DOOR:
        return _AT_THE_DOOR[state]()
    if form.state == "open" and closes_at is not None:
        text = gettext("It closed on %(moment)s.", moment=_moment(closes_at, form))
        return gettext("This form is closed"), in_a_row([text, ask])
    return gettext("This form is closed"), ask


def not_handed_in(form: Form, admission: Admission, state: Availability | None = None) -> str:
    """What to tell whoever has sent answers that are not taken; `state` is what was found since."""
    heading, text = refusal(form, state or admission.state, admission.closes_at)
    why = gettext("%(heading)s. Your answers were not handed in.", heading=heading)
    return in_a_row([why, text])


def _needs_link() -> tuple[str, str]:
    return gettext("This form needs a personal link"), gettext(
        "Everybody who is to fill it in has a link of their own. Open yours, or ask the people who sent you "
        "here for it."
    )


def _needs_passcode() -> tuple[str, str]:
    return gettext("This form needs its passcode"), gettext(
        "Write it into the field at the end of this page, as it was given to you."
    )


def _link_closed() -> tuple[str, str]:
    return gettext("This personal link is closed"), gettext(
        "If you think that this is a mistake, ask the people who sent you here."
    )


_AT_THE_DOOR = {
    Availability.NEEDS_LINK: _needs_link,
    Availability.NEEDS_PASSCODE: _needs_passcode,
    Availability.LINK_CLOSED: _link_closed,
}


@dataclass(frozen=True)
class UsedPage:
    """A personal link by which something was handed in."""

    title: str
    person: str
    reference: str
    received: str
    receipt_key: str


def used_page(form: Form, definition: Definition, person: str, earlier: Submission) -> UsedPage:
    """What to tell whoever opens that link again."""
    received = _moment(earlier.received_at, form)
    return UsedPage(definition.title, person, earlier.reference, received, earlier.receipt_key)


def link_used(form: Form, earlier: Submission) -> str:
    """Why a second hand-in by a personal link is not taken."""
    return gettext(
        "By this personal link the form was handed in already, on %(moment)s with the reference "
        "%(reference)s. What is on this page now was not handed in.",
        moment=_moment(earlier.received_at, form),
        reference=earlier.reference,
    )


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt to read, to print and to come back to."""

    reference: str
    title: str
    received: str
    answers: Sequence[ReceiptAnswer]
    url: str | None


def receipt_page(receipt: Receipt, url: str | None) -> ReceiptPage:
    """The receipt in the reader's language; `url` is its own private link, where that is known."""
    received = clock.format_moment(receipt.received_at, receipt.time_zone)
    answers = [
        replace(a, files=[replace(f, filename=names.shown_name(f.filename)) for f in a.files])
        for a in receipt.answers
    ]
    return ReceiptPage(receipt.reference, receipt.title, received, answers, url)


def _moment(moment: datetime | None, form: Form) -> str:
    return clock.format_moment(moment, form.time_zone) if moment else ""
