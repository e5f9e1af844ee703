"""A form's pages and sections as the public page shows them: parts that hold others, and questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ..forms.definition import Definition
from ..forms.kinds import Element, Field, Heading
from .questions import Question

Item: TypeAlias = "Part | Question"


@dataclass(frozen=True)
class Part:
    """A page or a section with what belongs to it; the first page may have no heading."""

    heading: Heading | None = None
    rule: str = ""  # when it is shown, in words
    live: str = ""  # the same for the browser
    level: int = 2  # of the heading, in HTML
    items: list[Item] = field(default_factory=list)


def parts(definition: Definition, question: Callable[[Field], Question]) -> Sequence[Part]:
    """The pages, with sections and questions in them as `question` makes them."""
    made = []
    for page in definition.pages:
        whole = _part(definition, page.start, 2)
        section = whole
        for element in page.elements:
            if isinstance(element, Field):
                section.items.append(question(element))
            elif isinstance(element, Heading):
                section = _part(definition, element, 3 if page.start else 2)
                whole.items.append(section)
        made.append(whole)
    return made


def _part(definition: Definition, heading: Heading | None, level: int) -> Part:
    if heading is None:
        return Part()
    return Part(heading, rule_of(definition, heading), definition.carried(heading), level)


def rule_of(definition: Definition, element: Element) -> str:
    """When the element is shown, in words; nothing for always."""
    return definition.rule_in_words(element) if element.show_if else ""
