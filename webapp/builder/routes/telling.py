"""What is said when the list of questions was changed."""

from __future__ import annotations

from ...forms import editing
from ...forms.definition import Definition
from ...i18n import gettext


def place_told(draft: Definition, element_id: str) -> str:
    """Where an element stands now: a question is counted among questions. Empty for what is gone."""
    element = editing.find(draft, element_id)
    if element is None:
        return ""
    if not element.is_question():
        return _heading_told(draft, element_id)
    questions = [field.id for field in draft.fields]
    number = questions.index(element_id) + 1
    return gettext("It is question %(n)s of %(all)s now.", n=number, all=len(questions))


def _heading_told(draft: Definition, element_id: str) -> str:
    behind = draft.elements[editing.place_of(draft, element_id) + 1 :]
    if not behind:
        return gettext("It stands at the end now.")
    return gettext("It stands before “%(label)s” now.", label=behind[0].label)


def doubled(draft: Definition, element_id: str) -> str:
    """That an element is there twice."""
    element = editing.find(draft, element_id)
    if element is not None and not element.is_question():
        return gettext("The heading is there twice now.")
    return gettext("The question is there twice now.")
