"""What stands in a form: questions, and what parts them into pages and sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from ...i18n import gettext
from ...ids import stable_id
from .. import asking, conditions, rulebook
from ..conditions import Condition
from ..rulebook import DefinitionError, rule
from ..translations import Translations, translated

PAGE, SECTION, QUESTION = range(3)  # how deep a part of a form stands


def _ask_key() -> asking.Ask:
    return asking.Ask(
        lambda: gettext("Short name"),
        lambda: gettext(
            "Names the column in exports: small letters, digits and _. It is made from the question "
            "unless given."
        ),
        is_further=True,
    )


@dataclass(frozen=True, kw_only=True)
class Element:
    """A part of a form."""

    kind: ClassVar[str]
    level: ClassVar[int]  # PAGE, SECTION or QUESTION: one holds what comes until the next as deep

    key: str = rule(rulebook.key, ask=_ask_key())
    label: str = rule(
        rulebook.text(300, least=1), said=True, ask=asking.line(lambda: gettext("Question"))
    )
    help: str = rule(
        rulebook.text(2000, lines=True),
        "",
        said=True,
        ask=asking.area(
            lambda: gettext("Help"), lambda: gettext("Stands beneath the question, if given.")
        ),
    )
    show_if: tuple[Condition, ...] = rule(conditions.read, (), conditions.write)
    id: str = rule(rulebook.stable_id, "")
    translations: Translations = translated()

    @classmethod
    def is_question(cls) -> bool:
        return cls.level == QUESTION

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        """What the kind is called, and what it is good for, in the reader's language."""
        raise NotImplementedError

    @classmethod
    def read(cls, table: Mapping[str, Any], place: tuple[str | int, ...]) -> Self:
        """The element that a definition's table describes. Raises DefinitionError."""
        values = rulebook.read_values(cls, table, place)
        try:
            return cls(**values)
        except DefinitionError as wrong:  # a rule that two values break together
            raise DefinitionError((*place, *wrong.place), wrong.rule, wrong.other) from None

    def write(self) -> dict[str, Any]:
        """The table that `read_element` reads back as this element."""
        return {"kind": self.kind, **rulebook.write_values(self)}

    def with_ids(self, earlier: Any) -> Self:
        """The same with stable ids where it has none: those of an earlier form of it, or new."""
        return replace(self, id=self.id or (earlier.id if earlier else stable_id()))


@dataclass(frozen=True, kw_only=True)
class Heading(Element):
    """What begins a page or a section: it asks nothing."""

    # No answer goes by it, so it need not be given: it is made.
    key: str = rule(rulebook.key, "")
    label: str = rule(
        rulebook.text(300, least=1), said=True, ask=asking.line(lambda: gettext("Title"))
    )
    help: str = rule(
        rulebook.text(2000, lines=True),
        "",
        said=True,
        ask=asking.area(
            lambda: gettext("Text"), lambda: gettext("Stands beneath the title, if given.")
        ),
    )


@dataclass(frozen=True, kw_only=True)
class PageStart(Heading):
    """A new page begins here; before all others, it gives the first page its title."""

    kind: ClassVar[str] = "page"
    level: ClassVar[int] = PAGE

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Page"), gettext("What comes behind it stands on a page of its own.")


@dataclass(frozen=True, kw_only=True)
class Section(Heading):
    """A heading within a page."""

    kind: ClassVar[str] = "section"
    level: ClassVar[int] = SECTION

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Section"), gettext("A heading for the questions that come behind it.")
