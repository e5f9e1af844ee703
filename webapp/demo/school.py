"""The school's forms: made once in a data folder, and found there again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..forms import rules, slugs
from ..forms.definition import Definition
from ..forms.tables import Form, FormVersion
from ..forms.toml_file import read_form
from ..settings import rules as settings
from .answers import Answers

FOLDER = Path(__file__).parent / "school"
YEAR = timedelta(days=365)
_SETTING = "demo.forms"  # which forms are the demo's: public ids by the names of the files
# How many of a hundred submissions each form has; a draft has none.
SHARES: Mapping[str, int] = {
    "absence": 60,
    "canteen": 10,
    "homework": 9,
    "trip": 8,
    "evening": 7,
    "application": 6,
    "summer": 0,
}
_PUBLISHED_AGAIN = ("homework", YEAR / 2)  # how long ago
_CLOSED = ("evening", timedelta(days=60))


@dataclass(frozen=True)
class Asked:
    """One version of a form."""

    version_id: int
    published_at: datetime
    definition: Definition
    ids: Mapping[str, Mapping[str, str]] = field(repr=False)  # of choices, by field id, then name

    def stored(self, answers: Answers) -> dict[str, Any]:
        """The answers as they are stored; those to what this version does not ask are left out."""
        given = ((asked, answers.get(asked.key)) for asked in self.definition.fields)
        return {
            asked.id: _with_ids(value, self.ids[asked.id])
            for asked, value in given
            if value is not None and value != []
        }


def _with_ids(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        chosen = {ids[name] for name in value if name in ids}
        others = [one for one in value if ":" in one]  # “Other” and “None of these”
        return [*(id for id in dict.fromkeys(ids.values()) if id in chosen), *others]
    if isinstance(value, dict):
        return {ids.get(name, name): ids.get(one, one) for name, one in value.items()}
    return ids.get(value, value) if isinstance(value, str) else value


@dataclass(frozen=True)
class SchoolForm:
    """One of the school's forms, as it is in the database."""

    name: str
    form_id: int
    folder: str
    zone: ZoneInfo
    closes_at: datetime | None
    versions: Sequence[Asked]  # oldest first

    def takes(self, moment: datetime) -> bool:
        return self.closes_at is None or moment < self.closes_at

    def asked_at(self, moment: datetime) -> Asked:
        """The version that was the newest then."""
        published = [one for one in self.versions if one.published_at <= moment]
        return published[-1] if published else self.versions[0]


def make_forms(session: Session, now: datetime) -> int:
    """Makes the forms that are not there, a year old, and tells how many."""
    known: dict[str, str] = dict(settings.get(session, _SETTING, {}))
    there = set(session.scalars(select(Form.public_id).where(Form.erased_at.is_(None))))
    missing = [name for name in SHARES if known.get(name) not in there]
    for name in missing:
        known[name] = _make_form(session, name, now).public_id
    settings.put(session, _SETTING, known)
    return len(missing)


def _make_form(session: Session, name: str, now: datetime) -> Form:
    definition, terms = _read(name)
    terms = replace(terms, slug=slugs.unused_slug(session, terms.slug))
    if name == _CLOSED[0]:
        terms = replace(terms, closes_at=now - _CLOSED[1])
    form = rules.save(session, definition, terms, now - YEAR - timedelta(days=1))
    if name == _PUBLISHED_AGAIN[0]:
        definition, _ = _read(f"{name}.2")
        rules.save(session, definition, terms, now - _PUBLISHED_AGAIN[1])
    return form


def _read(name: str) -> tuple[Definition, rules.Terms]:
    return read_form((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def has_other_forms(session: Session) -> bool:
    """Whether there are forms that the demo has not made."""
    own = list(settings.get(session, _SETTING, {}).values())
    query = select(Form.id).where(Form.public_id.not_in(own), Form.erased_at.is_(None))
    return session.scalar(query.limit(1)) is not None


def published_forms(session: Session) -> list[SchoolForm]:
    """Those of the school's forms that take submissions, or did."""
    names = {id: name for name, id in settings.get(session, _SETTING, {}).items()}
    query = select(Form).where(Form.public_id.in_(names), Form.state != "draft", Form.version > 0)
    forms = session.scalars(query.order_by(Form.id)).all()
    return [_school_form(session, names[form.public_id], form) for form in forms]


def _school_form(session: Session, name: str, form: Form) -> SchoolForm:
    query = select(FormVersion).where(FormVersion.form_id == form.id).order_by(FormVersion.number)
    versions = [_asked(version) for version in session.scalars(query)]
    closes_at = form.closes_at or (form.changed_at if form.state == "closed" else None)
    zone = ZoneInfo(form.time_zone)
    return SchoolForm(name, form.id, form.folder, zone, closes_at, versions)


def _asked(version: FormVersion) -> Asked:
    definition = rules.definition_of(version)
    ids = {asked.id: _choice_ids(asked) for asked in definition.fields}
    return Asked(version.id, version.published_at, definition, ids)


def _choice_ids(asked: Any) -> Mapping[str, str]:
    options = (*getattr(asked, "choices", ()), *getattr(asked, "rows", ()))
    return {name: option.id for option in options for name in (option.key, option.label)}
