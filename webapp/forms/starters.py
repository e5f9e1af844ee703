"""Forms to start from: files as `form import` takes them, in each language, short and thought through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from .. import i18n
from ..i18n import gettext
from . import rules
from .definition import Definition, read_definition
from .slugs import unused_slug
from .tables import Form
from .toml_file import read_form

FOLDER = Path(__file__).parent / "starters"
BLANK = "blank"
# What a form has that is made in the browser, until somebody decides otherwise.
_FRIENDLY: dict[str, Any] = {"corrections": rules.UNTIL_CLOSED, "save_later": True}

# Each name is that of a file, and the slug of the form that is made from it.
_ABOUT: dict[str, Callable[[], str]] = {
    "homework": lambda: gettext("Pupils hand in their work as files, with name and class."),
    "absence": lambda: gettext("Who is absent, from when to when, and why."),
    "event": lambda: gettext("Who is coming, how many, and what they need."),
    "application": lambda: gettext("Applicants send their CV and certificates."),
    "documents": lambda: gettext("People send the papers that an office has asked for."),
    "feedback": lambda: gettext("A few questions, which can be answered without a name."),
    "incident": lambda: gettext("An accident or damage: when, where, what happened, with photos."),
}


@dataclass(frozen=True)
class Starter:
    """A form to start from, in the reader's words."""

    name: str
    title: str
    description: str


def starters() -> Sequence[Starter]:
    """All of them, the most wanted first and the blank one last."""
    made = [
        Starter(name, _definition(name, i18n.language()).title, _ABOUT[name]()) for name in _ABOUT
    ]
    return [*made, Starter(BLANK, gettext("New form"), gettext("No questions yet: add your own."))]


def make(
    session: Session, name: str, zone: str, now: datetime, *, user_id: int | None = None
) -> Form:
    """Makes the form of a starter in the reader's language, and opens it; the blank one stays a draft,
    for it asks nothing yet. KeyError for a name that is none of `starters()`."""
    if name == BLANK:
        return make_blank(session, gettext("New form"), zone, now, user_id=user_id)
    if name not in _ABOUT:
        raise KeyError(name)
    slug = unused_slug(session, name)
    terms = rules.Terms(slug=slug, state="open", time_zone=zone, **_FRIENDLY)
    definition = _definition(name, i18n.language())
    return rules.save(session, definition, terms, now, user_id=user_id)


def make_blank(
    session: Session, title: str, zone: str, now: datetime, *, user_id: int | None = None
) -> Form:
    """Makes a draft that asks nothing yet. Raises DefinitionError for a title that is none."""
    definition = read_definition({"title": title})
    slug = unused_slug(session, definition.title)
    terms = rules.Terms(slug=slug, time_zone=zone, **_FRIENDLY)
    return rules.save(session, definition, terms, now, user_id=user_id)


@cache
def _definition(name: str, language: str) -> Definition:
    ending = "toml" if language == i18n.SOURCE else f"{language}.toml"
    text = (FOLDER / f"{name}.{ending}").read_text(encoding="utf-8")
    definition, _ = read_form(text)
    return definition
