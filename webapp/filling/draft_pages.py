"""The pages of a draft: which are shown for what was answered so far, and what each of them asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from werkzeug.datastructures import MultiDict

from .. import clock
from ..database import now as clock_now
from ..forms.conditions import Condition
from ..forms.definition import Definition, Page
from ..forms.kinds import Element, Field, Files
from ..forms.showing import Test
from ..look.wearing import Look, look_of
from ..storage import names
from ..submissions.answers import shown, validate
from ..uploads.rules import UploadedFile
from .drafts import Opened
from .pages import FormPage
from .posted import CARRIED, read_posted
from .questions import KeptFile


def inputs_of(
    texts: Mapping[str, Sequence[str]], uploads: Mapping[str, Sequence[str]]
) -> MultiDict[str, str]:
    """What was saved, as one page with all questions would post it."""
    pairs = [(name, text) for name, given in texts.items() for text in given]
    carried = [(key, CARRIED + id) for key, given in uploads.items() for id in given]
    return MultiDict(pairs + carried)


class Progress:
    """How far somebody has come: the pages that are shown for the answers so far, and what is wrong."""

    def __init__(
        self, definition: Definition, inputs: MultiDict[str, str], uploads: Sequence[UploadedFile]
    ) -> None:
        self.definition = definition
        self.uploads = uploads
        self.posted = read_posted(definition, inputs, MultiDict())
        given = self.posted.given(definition, uploads)
        self.answers, self.errors = validate(definition, given)
        self.asked = shown(definition, self.answers, {u.field_id for u in uploads})

    @cached_property
    def numbers(self) -> list[int]:
        """The pages that are shown, from 0."""
        return [n for n, page in enumerate(self.definition.pages) if self._is_shown(n, page)]

    def _is_shown(self, number: int, page: Page) -> bool:
        if page.start and not all(map(self._holds, page.start.show_if)):
            return False
        return bool(self.alone(number).elements)

    def alone(self, number: int) -> Definition:
        """One page as a form of its own. What is asked on earlier pages is settled: whatever is hidden
        for that is left out, and the rules that remain are about the page's own questions."""
        page = self.definition.pages[number]
        own = {field.key for field in page.fields}
        elements: list[Element] = []
        is_hidden = False  # the section
        for element in page.elements:
            outer = [c for c in element.show_if if self.definition.asked_by(c).key not in own]
            hides = not all(map(self._holds, outer))
            if not isinstance(element, Field):
                is_hidden = hides
            if not (hides or is_hidden):
                inner = tuple(c for c in element.show_if if c not in outer)
                elements.append(replace(element, show_if=inner))
        return replace(self.definition, elements=tuple(elements))

    def _holds(self, condition: Condition) -> bool:
        asked = self.definition.asked_by(condition)
        if asked.id not in self.asked:
            answer = None
        elif asked.takes_files:
            answer = any(upload.field_id == asked.id for upload in self.uploads) or None
        else:
            answer = self.answers.get(asked.id)
        return Test.of(condition, asked).holds(answer)

    def at_most(self, number: int) -> int:
        """The page of this number, or else the last shown one before it."""
        return max((n for n in self.numbers if n <= number), default=self.first)

    @property
    def first(self) -> int:
        return self.numbers[0] if self.numbers else 0

    def after(self, number: int) -> int | None:
        return next((n for n in self.numbers if n > number), None)

    def before(self, number: int) -> int | None:
        return max((n for n in self.numbers if n < number), default=None)

    def wrong(self) -> int | None:
        """The first page that has a mistake."""
        return next((n for n in self.numbers if self._has_mistake(n)), None)

    def _has_mistake(self, number: int) -> bool:
        return any(field.key in self.errors for field in self.definition.pages[number].fields)


@dataclass(frozen=True)
class Place:
    """Where in the form a page stands."""

    progress: Progress
    number: int
    is_checking: bool  # the person comes from the check page, and goes back there

    @property
    def page(self) -> Page:
        return self.progress.definition.pages[self.number]

    @property
    def position(self) -> int:
        return self.progress.numbers.index(self.number) + 1 if self.progress.numbers else 1

    @property
    def count(self) -> int:
        return max(len(self.progress.numbers), 1)

    @property
    def back(self) -> int | None:
        return self.progress.before(self.number)


@dataclass(frozen=True)
class Row:
    """A question with its answer, to be checked."""

    field: Field
    texts: Sequence[str]
    drawing: str
    files: Sequence[KeptFile]
    error: str | None

    @property
    def label(self) -> str:
        return self.field.label

    @property
    def anchor(self) -> str:
        return f"f-{self.field.key}"


@dataclass(frozen=True)
class CheckPage:
    """All answers, page by page."""

    opened: Opened
    progress: Progress
    csrf_token: str
    errors: Mapping[str, str]  # by field key
    general: str | None = None

    @property
    def title(self) -> str:
        return self.progress.definition.title

    @property
    def person(self) -> str:
        """The name of the one whose draft it is; empty for anyone."""
        return self.opened.person.name if self.opened.person else ""

    @property
    def late(self) -> str:
        """What is told where the deadline is over and the form still takes what is late."""
        admission = self.opened.admission(clock_now())
        return (admission.until(self.opened.form) or "") if admission.is_late else ""

    @property
    def look(self) -> Look:
        return look_of(self.opened.form, self.progress.definition)

    @cached_property
    def parts(self) -> list[tuple[int, Page, list[Row]]]:
        pages = self.progress.definition.pages
        return [(n, pages[n], self._rows(pages[n])) for n in self.progress.numbers]

    @property
    def problems(self) -> list[tuple[int, Row]]:
        return [(n, row) for n, _, rows in self.parts for row in rows if row.error]

    def _rows(self, page: Page) -> list[Row]:
        seen = self.progress.asked | {f.id for f in page.fields if f.key in self.errors}
        return [self._row(field) for field in page.fields if field.id in seen]

    def _row(self, field: Field) -> Row:
        value = self.progress.answers.get(field.id)
        typed = [text for text in self.progress.posted.texts.get(field.key, ()) if text]
        texts = typed if value is None else field.texts(value)
        drawing = "" if value is None else field.drawing(value)
        own = [u for u in self.progress.uploads if u.field_id == field.id]
        files = [KeptFile(u.id, names.shown_name(u.filename), u.size) for u in own]
        return Row(field, texts, drawing, files, self.errors.get(field.key))


@dataclass(frozen=True)
class StartPage:
    """What is needed for a form of several pages, before anything is asked."""

    page: FormPage
    action: str  # where it is begun
    whole_url: str  # all questions on one page
    has_begun: bool = False

    @property
    def count(self) -> int:
        return len(self.page.definition.pages)

    @property
    def files(self) -> list[Files]:
        return [field for field in self.page.definition.fields if isinstance(field, Files)]


def kept_until(opened: Opened) -> str:
    """Until when the link is good, unless something is changed."""
    moment: datetime = opened.draft.expires_at
    return clock.format_moment(moment, opened.form.time_zone)
