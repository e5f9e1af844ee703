"""A form's definition: title, description and fields, as a draft holds and a version freezes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from ..i18n import gettext
from . import asking, rulebook
from .kinds import Field, read_field
from .rulebook import DefinitionError, RuleBroken, rule

MOST_FIELDS = 500
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


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a form asks. Read it with `read_definition`, which turns the fields' tables into fields."""

    title: str = rule(rulebook.text(200, least=1), ask=asking.line(lambda: gettext("Title")))
    description: str = rule(
        rulebook.text(20_000, lines=True),
        "",
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
    fields: tuple[Field, ...] = rule(_read_fields, (), lambda fields: [f.write() for f in fields])

    def write(self) -> dict[str, Any]:
        """The JSON that `read_definition` reads back."""
        return rulebook.write_values(self)

    @cached_property
    def content_hash(self) -> str:
        """A SHA-256 that is the same for the same content."""
        return hashlib.sha256(canonical_json(self.write())).hexdigest()

    def field(self, key: str) -> Field | None:
        return next((field for field in self.fields if field.key == key), None)

    def folder_name(self, answers: Mapping[str, Any]) -> str:
        """What a submission's folder is named by, of its answers by field id; empty for nothing."""
        named_by = self.field(self.folder_label)
        value = answers.get(named_by.id) if named_by else None
        return " ".join(named_by.texts(value)) if named_by and value is not None else ""

    def with_ids(self, earlier: Definition | None) -> Definition:
        """The same definition with stable ids on all fields and choices: a field that has none takes
        those of the earlier definition's field of its key and kind."""
        old = {(f.key, f.kind): f for f in earlier.fields} if earlier else {}
        taken = {field.id for field in self.fields}
        found = (old.get((f.key, f.kind)) for f in self.fields)
        usable = [was if was and was.id not in taken else None for was in found]
        fields = (f.with_ids(was) for f, was in zip(self.fields, usable, strict=True))
        return replace(self, fields=tuple(fields))

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
    tables = values.get("fields", ())
    fields = [read_field(t, (*place, "fields", i)) for i, t in enumerate(tables)]
    _check_that_all_differ(fields, place)
    definition = Definition(**{**values, "fields": tuple(fields)})
    label = definition.folder_label
    if label and (definition.field(label) is None or definition.field(label).takes_files):  # type: ignore[union-attr]
        raise DefinitionError(
            (*place, "folder_label"), gettext("must be the key of a field, and not of files.")
        )
    return definition


def _check_that_all_differ(fields: Sequence[Field], place: tuple[str | int, ...]) -> None:
    for name in ("key", "id"):
        seen: set[str] = set()
        for number, field in enumerate(fields):
            value = getattr(field, name)
            if value and value in seen:
                raise DefinitionError(
                    (*place, "fields", number, name),
                    gettext("%(value)s is taken.", value=repr(value)),
                )
            seen.add(value)


def canonical_json(value: Any) -> bytes:
    """The same bytes for the same value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


class _Frozen:
    """A version's JSON under the hash of its content, so that it is read once in a process."""

    def __init__(self, content_hash: str, table: Mapping[str, Any]) -> None:
        self.content_hash = content_hash
        self.table = table

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and other.content_hash == self.content_hash


@lru_cache(maxsize=500)
def _read_frozen(frozen: _Frozen) -> Definition:
    return read_definition(frozen.table)


def frozen_definition(content_hash: str, table: Mapping[str, Any]) -> Definition:
    """The definition of a published version, which never changes."""
    return _read_frozen(_Frozen(content_hash, table))
