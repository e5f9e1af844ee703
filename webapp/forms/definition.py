"""A form's definition: title, description and fields, as a draft holds and a version freezes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ..i18n import all_of, gettext
from . import asking, keys, rulebook, settling
from .conditions import Condition
from .kinds import Element, Field, PageStart, read_element
from .languages import read_code, read_codes
from .rulebook import DefinitionError, RuleBroken, rule
from .showing import Test, Walk
from .translations import Translations, spoken, translated

MOST_FIELDS = 500  # with pages and sections
LEAST_TEXT_BYTES = 500_000  # Werkzeug's parser counts the pieces of files that it holds at a time
MOST_BODY_BYTES = 2**62  # what a database can hold
FORM_PART_BYTES = 1000  # headers of a multipart part and the hidden inputs, generously


def _read_fields(value: Any) -> Sequence[Any]:
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise RuleBroken(gettext("must be written as [[fields]] tables."))
    if len(value) > MOST_FIELDS:
        raise RuleBroken(
            gettext(
                "must be %(most)s at most, and are %(count)s.", most=MOST_FIELDS, count=len(value)
            )
        )
    return value


@dataclass(frozen=True)
class Page:
    """A page of a form: what stands between two page starts."""

    start: PageStart | None  # none where nothing begins the first page
    elements: tuple[Element, ...]  # questions and sections

    @property
    def title(self) -> str:
        return self.start.label if self.start else ""

    @property
    def text(self) -> str:
        """What stands beneath the title."""
        return self.start.help if self.start else ""

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(element for element in self.elements if isinstance(element, Field))


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a form asks. Read it with `read_definition`, which turns the tables of its elements into
    elements; in a table they are called `fields`."""

    title: str = rule(
        rulebook.text(200, least=1), said=True, ask=asking.line(lambda: gettext("Title"))
    )
    description: str = rule(
        rulebook.text(20_000, lines=True),
        "",
        said=True,
        ask=asking.area(
            lambda: gettext("Introduction"),
            lambda: gettext(
                "What people should know first. **bold**, lists and links in Markdown."
            ),
        ),
    )
    folder_label: str = rule(
        rulebook.key,
        "",
        ask=asking.line(lambda: gettext("Question that names the folders")),
    )
    accent: str = rule(rulebook.colour, "", ask=asking.line(lambda: gettext("Colour")))
    closing: str = rule(
        rulebook.text(20_000, lines=True),
        "",
        said=True,
        ask=asking.area(
            lambda: gettext("What happens next"),
            lambda: gettext(
                "People read this when they have handed in. **bold**, lists and links in Markdown."
            ),
        ),
    )
    # Of its texts as they are, if that is known, and of their translations.
    language: str = rule(read_code, "")
    languages: tuple[str, ...] = rule(read_codes, (), list)
    translations: Translations = translated()
    elements: tuple[Element, ...] = rule(
        _read_fields, (), lambda elements: [one.write() for one in elements], called="fields"
    )
    spoken: str = field(default="", compare=False)  # that of its texts, where it was put into one

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The questions."""
        return tuple(element for element in self.elements if isinstance(element, Field))

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """One page or more; where nothing begins the first, it has no title."""
        pages: list[tuple[PageStart | None, list[Element]]] = []
        for element in self.elements:
            if isinstance(element, PageStart):
                pages.append((element, []))
            elif pages:
                pages[-1][1].append(element)
            else:
                pages.append((None, [element]))
        return tuple(Page(start, tuple(elements)) for start, elements in pages or [(None, [])])

    @property
    def codes(self) -> tuple[str, ...]:
        """The languages that it is given in, the first one first."""
        return (self.language, *self.languages)

    def in_language(self, code: str) -> Definition:
        """The same with its texts in that language as far as they are translated: it has the same ids, and
        takes the same answers. Each text knows its own language."""
        if code not in self._in_languages:
            elements = tuple(spoken(one, code, self.language) for one in self.elements)
            made = replace(self, elements=elements, spoken=code)
            self._in_languages[code] = spoken(made, code, self.language)
        return self._in_languages[code]

    @cached_property
    def _in_languages(self) -> dict[str, Definition]:
        return {}

    def write(self) -> dict[str, Any]:
        """The JSON that `read_definition` reads back."""
        return rulebook.write_values(self)

    @cached_property
    def content_hash(self) -> str:
        """A SHA-256 that is the same for the same content."""
        return hashlib.sha256(canonical_json(self.write())).hexdigest()

    def write_by_keys(self) -> dict[str, Any]:
        """The same for people: rules name questions and choices by their keys."""
        elements = tuple(
            replace(one, show_if=tuple(map(self.by_keys, one.show_if))) if one.show_if else one
            for one in self.elements
        )
        return replace(self, elements=elements).write()

    def field(self, key: str) -> Field | None:
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[str, Field]:
        return {field.key: field for field in self.fields}

    @cached_property
    def _by_id(self) -> dict[str, Field]:
        return {field.id: field for field in self.fields}

    def asked_by(self, condition: Condition) -> Field:
        """The question that a rule refers to."""
        return (self._by_id if condition.is_stored else self._by_key)[condition.field]

    def by_keys(self, condition: Condition) -> Condition:
        """The condition as a file and a page's inputs have it."""
        return settling.by_keys(condition, self.asked_by(condition))

    @cached_property
    def _tests(self) -> dict[str, tuple[Test, ...]]:
        """What must hold for the elements that have rules, by their keys."""
        return {
            element.key: tuple(Test.of(one, self.asked_by(one)) for one in element.show_if)
            for element in self.elements
            if element.show_if
        }

    def carried(self, element: Element) -> str:
        """The element's rule as its page brings it to the browser, in JSON; nothing where it has none."""
        return self._carried.get(element.key, "")

    @cached_property
    def _carried(self) -> dict[str, str]:
        return {
            element.key: json.dumps([self._for_browser(one) for one in element.show_if])
            for element in self.elements
            if element.show_if
        }

    def _for_browser(self, condition: Condition) -> dict[str, Any]:
        asked = self.asked_by(condition)
        keyed = settling.by_keys(condition, asked)
        return {
            "field": keyed.field,
            "reads": asked.compared.reads,
            "test": keyed.test,
            "values": keyed.values,
        }

    def rule_in_words(self, element: Element) -> str:
        """When the element is shown, in the reader's language: what the page says, and the builder."""
        asked = ((self.asked_by(condition), condition) for condition in element.show_if)
        conditions = [one.compared.in_words(one, condition) for one, condition in asked]
        return gettext("Only if %(conditions)s", conditions=all_of(conditions))

    def walk(self) -> Walk:
        """A way through the form, to tell which elements are shown while answers are told."""
        return Walk(self._tests)

    def shown(self, answers: Mapping[str, Any]) -> frozenset[str]:
        """The ids of the questions that are shown for these answers, by the questions' ids. For a question
        that has been given files, which are no answers, let there be True."""
        walk = self.walk()
        shown = set()
        for element in self.elements:
            if walk.shows(element) and isinstance(element, Field):
                shown.add(element.id)
                walk.answer(element, answers.get(element.id))
        return frozenset(shown)

    def folder_name(self, answers: Mapping[str, Any]) -> str:
        """What a submission's folder is named by, of its answers by field id; empty for nothing."""
        named_by = self.field(self.folder_label)
        value = answers.get(named_by.id) if named_by else None
        return " ".join(named_by.texts(value)) if named_by and value is not None else ""

    def with_ids(self, earlier: Definition | None) -> Definition:
        """The same definition with stable ids on all elements and choices: an element that has none takes
        those of the earlier definition's element of its key and kind."""
        old = {(e.key, e.kind): e for e in earlier.elements} if earlier else {}
        taken = {element.id for element in self.elements}
        found = (old.get((e.key, e.kind)) for e in self.elements)
        usable = [was if was and was.id not in taken else None for was in found]
        pairs = zip(self.elements, usable, strict=True)
        elements = [element.with_ids(was) for element, was in pairs]
        return replace(self, elements=settling.with_ids(elements, self.elements))

    def most_parts(self) -> int:
        """How many parts a well-meant multipart body has, kept files and doubts included."""
        return 20 + 2 * sum(field.most_parts() for field in self.fields)

    def most_body_bytes(self) -> int:
        """How large a well-meant body is. A body up to half again as large is still taken in, so that
        a file that is too large is answered beside its field, with all else kept."""
        files = sum(field.most_file_bytes() * field.most_parts() for field in self.fields)
        body = files + max(files // 2, 32 * 1024**2) + self.most_text_bytes()
        return min(body, MOST_BODY_BYTES)

    def most_file_bytes(self) -> int:
        """How large a single file can be that some field allows."""
        return max((field.most_file_bytes() for field in self.fields), default=0)

    def most_text_bytes(self) -> int:
        """How much text a body may hold: thrice what the rules allow, for the same reason."""
        texts = sum(field.most_text_bytes() for field in self.fields)
        return LEAST_TEXT_BYTES + 3 * texts + FORM_PART_BYTES * self.most_parts()


def read_definition(table: Mapping[str, Any], place: tuple[str | int, ...] = ()) -> Definition:
    """The definition that a table describes. Raises DefinitionError with the place and the rule."""
    values = rulebook.read_values(Definition, table, place)
    tables = values.get("elements", ())
    elements = keys.with_keys(
        [read_element(t, (*place, "fields", i)) for i, t in enumerate(tables)]
    )
    keys.check_that_all_differ(elements, place)
    settled = settling.settled(elements, (*place, "fields"))
    definition = Definition(**{**values, "elements": settled})
    _check_languages(definition, place)
    label = definition.folder_label
    if label and (definition.field(label) is None or definition.field(label).takes_files):  # type: ignore[union-attr]
        raise DefinitionError(
            (*place, "folder_label"), gettext("must be the key of a field, and not of files.")
        )
    return definition


def _check_languages(definition: Definition, place: tuple[str | int, ...]) -> None:
    if definition.languages and not definition.language:
        raise DefinitionError((*place, "language"), gettext("is missing."))
    if definition.language in definition.languages:
        raise DefinitionError(
            (*place, "language"), gettext("must not be among the other languages.")
        )


def canonical_json(value: Any) -> bytes:
    """The same bytes for the same value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()
