"""A form as a TOML file: reading with the line of every mistake, and writing."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import tomli_w

from ..i18n import gettext
from . import rulebook
from .access import Access
from .definition import Definition, read_definition
from .rulebook import DefinitionError
from .rules import NO_CORRECTIONS, Terms
from .tables import Form
from .toml_lines import line_of

FORMAT = 1


class FormFileError(Exception):
    """A file is no form; the text names the line, the key and the rule."""


def read_form(text: str) -> tuple[Definition, Terms]:
    """The definition and the terms that a form's file holds. Raises FormFileError."""
    try:
        table = tomllib.loads(text)
    except ValueError as wrong:  # TOMLDecodeError is one; a number of 5,000 digits gives another
        raise FormFileError(gettext("This is no valid TOML: %(wrong)s.", wrong=wrong)) from None
    except RecursionError:
        raise FormFileError(gettext("This is no form: its values are nested too deeply.")) from None
    try:
        return _read(table)
    except DefinitionError as wrong:
        line = line_of(text, wrong.place)
        name, rule = _name(wrong.place), wrong.rule
        raise FormFileError(
            gettext("line %(line)s: %(name)s %(rule)s", line=line, name=name, rule=rule)
        ) from None


def _read(table: dict[str, Any]) -> tuple[Definition, Terms]:
    if "format" not in table:
        raise DefinitionError(("format",), gettext("is missing; write format = 1."))
    if table["format"] != FORMAT or isinstance(table["format"], bool):
        raise DefinitionError(
            ("format",),
            gettext("must be %(n)s, the only one that this Intray knows.", n=FORMAT),
        )
    rows = {row.name for row in fields(Terms)}
    known = (
        {"format"}
        | rows
        | {rulebook.name_of(row) for row in fields(Definition) if "read" in row.metadata}
    )
    for key in table:
        if key not in known:
            raise DefinitionError(
                (key,), gettext("is none of: %(names)s.", names=", ".join(sorted(known)))
            )
    terms = Terms(**rulebook.read_values(Terms, {k: v for k, v in table.items() if k in rows}, ()))
    asked = {k: v for k, v in table.items() if k not in rows and k != "format"}
    return read_definition(asked), terms


def _name(place: tuple[str | int, ...]) -> str:
    """A place as people count: `fields 3, max_size`."""
    if len(place) > 1 and isinstance(place[1], int):
        inner = ".".join(str(step) for step in place[2:])
        field = gettext("field %(n)s", n=place[1] + 1)
        return f"{field}, {inner}" if inner else field
    return ".".join(str(step) for step in place)


def write_form(form: Form) -> str:
    """The form's draft and terms as a file that `read_form` takes."""
    zone = ZoneInfo(form.time_zone)

    def there(moment: datetime | None) -> datetime | None:
        return moment and moment.astimezone(zone).replace(tzinfo=_fixed_offset(moment, zone))

    asked = read_definition(form.draft).write_by_keys()
    table = {
        "format": FORMAT,
        "title": asked.pop("title"),
        "slug": form.slug,
        "description": asked.pop("description", None),
        "state": form.state,
        "opens_at": there(form.opens_at),
        "closes_at": there(form.closes_at),
        "time_zone": form.time_zone,
        "max_submissions": form.max_submissions,
        "corrections": form.corrections if form.corrections != NO_CORRECTIONS else None,
        "save_later": form.save_later or None,
        "access": None if form.access == Access.LINK else form.access,
        "passcode": form.passcode or None,
        "late_days": form.late_days or None,
        **asked,
    }
    present = {key: value for key, value in table.items() if value is not None}
    return tomli_w.dumps(present, multiline_strings=True)


def _fixed_offset(moment: datetime, zone: ZoneInfo) -> Any:
    """TOML knows offsets and no zones."""
    from datetime import timezone

    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return timezone(offset)
