"""Slugs: the last part of a form's link."""

from __future__ import annotations

import re
import unicodedata
from itertools import count

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ..i18n import gettext
from .rulebook import RuleBroken
from .tables import Form

MOST = 80  # characters
MOST_MADE = 40  # of those that are made here: people type them from a poster
RESERVED = frozenset({"new"})  # a page of the desk that stands where a form's pages stand
_LOCK = 0x1E7A_51C6  # a number of our own among PostgreSQL's advisory locks


def is_slug(text: str) -> bool:
    return len(text) <= MOST and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) is not None


def slug(value: object) -> str:
    """The value, if it is a slug that a form may have. Raises RuleBroken."""
    if not isinstance(value, str) or not is_slug(value):
        raise RuleBroken(
            gettext(
                "must be small letters and digits, with single hyphens between, %(most)s at most.",
                most=MOST,
            )
        )
    if value in RESERVED:
        raise RuleBroken(gettext("must not be %(value)s, which is reserved.", value=repr(value)))
    return value


def unused_slug(session: Session, title: str) -> str:
    """A short slug from what can be read of the title in ASCII, else `form`; with a number where it is
    taken."""
    wait_for_turn(session)
    base = _slug_from(title)
    known = select(Form.slug).where(or_(Form.slug == base, Form.slug.like(f"{base}-%")))
    taken = {*session.scalars(known), *RESERVED}
    numbered = (f"{base}-{number}" for number in count(2))
    return base if base not in taken else next(s for s in numbered if s not in taken)


def is_taken(session: Session, slug: str) -> bool:
    """Whether a form has the slug, and will have it until this transaction ends."""
    wait_for_turn(session)
    return session.scalar(select(Form.id).where(Form.slug == slug)) is not None


def wait_for_turn(session: Session) -> None:
    """On PostgreSQL two who look for a slug at the same moment would both find it free; on SQLite only
    one writes at a time."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _slug_from(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    if len(words) > MOST_MADE:
        words = words[: MOST_MADE + 1].rpartition("-")[0] or words[:MOST_MADE]
    return words if re.search("[a-z]", words) else "form"
