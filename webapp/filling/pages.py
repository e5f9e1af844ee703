"""What the public pages show, as their templates take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from markupsafe import Markup

from .. import clock
from ..forms import markdown
from ..forms.availability import Availability
from ..forms.definition import Definition
from ..forms.kinds import Field
from ..forms.tables import Form
from ..i18n import gettext
from ..invited.admission import ANYONE, Admission
from ..look.wearing import Look, look_of
from ..storage import names
from ..submissions.permits import Permit
from ..submissions.receipts import Receipt, ReceiptAnswer
from ..uploads.rules import UploadedFile
from .parts import Part, parts, rule_of
from .questions import KeptFile, Question

Problem = tuple[str, str]  # the id of the control to go to, and what to say


@dataclass(frozen=True)
class Again:
    """The submission that this page has become before."""

    reference: str
    url: str
    files: Sequence[str]  # names of those that came to this page, and went with that submission


@dataclass(frozen=True)
class Correcting:
    """The submission that a page corrects."""

    reference: str
    receipt_url: str
    until: str  # a sentence; empty where no end is known
    asked_text: str  # what the desk wrote when it asked
    is_asked: bool
    credential: str = ""  # what lets files in that are sent ahead


def until_text(permit: Permit, time_zone: str) -> str:
    """Until when a submission can be corrected; empty where no end is known."""
    if permit.until is None:
        return ""
    moment = clock.format_moment(permit.until, time_zone)
    if permit.is_late:
        return gettext(
            "The deadline is over. You can correct your answers until %(moment)s; they will be marked "
            "as late then.",
            moment=moment,
        )
    return gettext("You can correct your answers until %(moment)s.", moment=moment)


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
    correcting: Correcting | None = None
    admission: Admission = ANYONE
    draft: str = ""  # the token of the draft that it shows
    revision: int = 0  # of the page, in the draft

    @property
    def can_be_saved(self) -> bool:
        """Whether it can be put aside as it is. Of several pages each is saved by itself."""
        may = bool(self.form.save_later or self.draft) and len(self.definition.pages) == 1
        return may and not (self.correcting or self.again or self.admission.is_refused)

    @property
    def title(self) -> str:
        return self.definition.title

    @property
    def description(self) -> Markup:
        return markdown.to_html(self.definition.description)

    @property
    def look(self) -> Look:
        return look_of(self.form, self.definition)

    @property
    def closes(self) -> str | None:
        return self.correcting.until if self.correcting else self.admission.until(self.form)

    @property
    def person(self) -> str:
        """The name of the one whom the page is for; empty for anyone."""
        return self.admission.person.name if self.admission.person else ""

    @property
    def entry_key(self) -> str:
        """What the page carries where the passcode was given."""
        return "" if self.admission.person else self.admission.credential

    @property
    def credential(self) -> str:
        """What lets files in that are sent ahead; empty where everybody may send them."""
        return self.correcting.credential if self.correcting else self.admission.credential

    @property
    def asks_passcode(self) -> bool:
        return self.admission.state is Availability.NEEDS_PASSCODE

    @cached_property
    def questions(self) -> list[Question]:
        return [self._question(asked) for asked in self.definition.fields]

    @cached_property
    def parts(self) -> Sequence[Part]:
        """The same in pages and sections."""
        questions = {question.field.id: question for question in self.questions}
        return parts(self.definition, lambda asked: questions[asked.id])

    @property
    def has_rules(self) -> bool:
        return any(element.show_if for element in self.definition.elements)

    def _question(self, asked: Field) -> Question:
        own = (u for u in self.uploads if u.field_id == asked.id)
        kept = [KeptFile(u.id, names.shown_name(u.filename), u.size) for u in own]
        values, error = self.texts.get(asked.key, ()), self.errors.get(asked.key)
        further = {part: self.texts.get(f"{asked.key}.{part}", ()) for part in asked.parts()}
        rule, live = rule_of(self.definition, asked), self.definition.carried(asked)
        return Question(asked, values, error, kept, rule, live, further)

    @property
    def scripts(self) -> list[str]:
        """The modules that the questions' inputs use, each once."""
        return list(dict.fromkeys(name for f in self.definition.fields for name in f.scripts()))

    @property
    def problems(self) -> list[Problem]:
        general = [("main", self.general)] if self.general else []
        return general + [(q.anchor, q.error) for q in self.questions if q.error]


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt to read, to print and to come back to."""

    reference: str
    title: str
    received: str
    answers: Sequence[ReceiptAnswer]
    url: str | None
    closing: Markup  # what happens next, in the words of whoever made the form
    closing_said: str  # the same as it was written
    look: Look
    corrected: str = ""  # when
    can_correct: bool = False
    until: str = ""  # a sentence
    asked_text: str = ""
    is_asked: bool = False


def receipt_page(receipt: Receipt, url: str | None) -> ReceiptPage:
    """The receipt in the reader's language; `url` is its own private link, where that is known."""
    received = clock.format_moment(receipt.received_at, receipt.time_zone)
    answers = [
        replace(a, files=[replace(f, filename=names.shown_name(f.filename)) for f in a.files])
        for a in receipt.answers
    ]
    said, look = receipt.definition.closing, receipt.look
    known = receipt.reference, receipt.title, received, answers, url
    page = ReceiptPage(*known, markdown.to_html(said), said, look)
    if receipt.corrected_at is not None:
        corrected = clock.format_moment(receipt.corrected_at, receipt.time_zone)
        page = replace(page, corrected=corrected)
    leave = receipt.permit
    if leave is None:
        return page
    until = until_text(leave, receipt.time_zone)
    page = replace(page, can_correct=True, until=until)
    return replace(page, asked_text=leave.asked_text, is_asked=leave.is_asked)
