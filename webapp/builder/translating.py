"""What the pages about a form's languages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..forms import languages, translating
from ..forms.definition import Definition
from ..forms.drafts import OpenedForm
from ..forms.kinds import HEADINGS
from ..forms.translating import Group, Text
from ..i18n import gettext, language, ngettext, own_name
from .pages import MOST_SHOWN

MOST_TEXTS = 300  # on a page, but for a question that has more


@dataclass(frozen=True)
class Given:
    """A language that the form is given in beside the first one."""

    code: str
    name: str  # the reader's
    own_name: str
    still_missing: str  # a sentence


def still_missing(draft: Definition, code: str) -> str:
    """How many of the draft's texts are not translated into that language."""
    missing, count = translating.missing(draft, code), translating.count(draft)
    if not missing:
        return gettext("All is translated.")
    return ngettext(
        "%(n)s of %(count)s texts is not translated.",
        "%(n)s of %(count)s texts are not translated.",
        missing,
        count=count,
    )


def given_in(draft: Definition) -> Sequence[Given]:
    """The further languages of the form."""
    return [
        Given(code, languages.name_of(code), own_name(code), still_missing(draft, code))
        for code in draft.languages
    ]


def choices(*more: str) -> Sequence[tuple[str, str]]:
    """Languages to choose from, with those that are chosen already, where they are rare ones."""
    offered = languages.choices()
    known = {code for code, _ in offered}
    return [*offered, *((c, languages.name_of(c)) for c in more if c and c not in known)]


def first_language(draft: Definition) -> str:
    """That of the texts as they are; what it is likely where nobody has said."""
    return draft.language or language()


@dataclass(frozen=True)
class Row:
    """A text beside the input for its translation."""

    text: Text
    value: str
    theirs: str  # what another window has written meanwhile


@dataclass(frozen=True)
class Sheet:
    """The texts of one question."""

    title: str
    about: str
    rows: Sequence[Row]


def sheets(
    shown: OpenedForm, code: str, given: Mapping[str, str] | None = None, *, is_stale: bool = False
) -> Sequence[Sheet]:
    """All texts of the draft, with what was typed, else with what is stored."""
    found = translating.groups(shown.draft, code, shown.published)
    return [_sheet(group, given or {}, is_stale) for group in found if group.texts]


def portions(sheets: Sequence[Sheet]) -> Sequence[Sequence[Sheet]]:
    """The same as pages that a browser shows, and sends, with ease."""
    made: list[list[Sheet]] = []
    room = 0
    for sheet in sheets:
        if not made or len(sheet.rows) > room:
            made.append([])
            room = MOST_TEXTS
        made[-1].append(sheet)
        room -= len(sheet.rows)
    return made


def _sheet(group: Group, given: Mapping[str, str], is_stale: bool) -> Sheet:
    rows = [_row(text, given.get(text.name, text.translation), is_stale) for text in group.texts]
    if group.element is None:
        return Sheet(gettext("The form itself"), "", rows)
    kind = type(group.element)
    about = kind.in_words()[0] if kind.kind in HEADINGS else ""
    return Sheet(group.element.label, about, rows)


def _row(text: Text, value: str, is_stale: bool) -> Row:
    same = value.replace("\r\n", "\n").strip() == text.translation
    theirs = text.translation[:MOST_SHOWN] or gettext("(nothing)")
    return Row(text, value, theirs if is_stale and not same else "")
