"""Slugs: the last part of a form's link."""

from __future__ import annotations

import re
import unicodedata
from itertools import count

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..i18n import gettext
from .rulebook import RuleBroken
from .tables import Form

MOST = 80  # characters
MOST_MADE = 40  # of those that are made here: people type them from a poster
# Pages of the desk that stand where a form's pages stand.
RESERVED = frozenset({"new"})


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
    base = _slug_from(title)
    known = select(Form.slug).where(or_(Form.slug == base, Form.slug.like(f"{base}-%")))
    taken = {*session.scalars(known), *RESERVED}
    numbered = (f"{base}-{number}" for number in count(2))
    return base if base not in taken else next(s for s in numbered if s not in taken)


def _slug_from(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    if len(words) > MOST_MADE:
        words = words[: MOST_MADE + 1].rpartition("-")[0] or words[:MOST_MADE]
    return words if re.search("[a-z]", words) else "form"
