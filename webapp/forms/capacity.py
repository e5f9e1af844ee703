"""How much a request to a form may bring: what is asked before anything of its body is taken in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from . import slugs
from .tables import Form, FormVersion


@dataclass(frozen=True)
class Capacity:
    """The most that any version of a form allows for, with room for mistakes to be told."""

    body_bytes: int
    text_bytes: int
    file_bytes: int
    parts: int


_BY_SLUG = (
    select(Form.most_body_bytes, Form.most_text_bytes, Form.most_file_bytes, Form.most_parts)
    .join(FormVersion, (FormVersion.form_id == Form.id) & (FormVersion.number == Form.version))
    .where(Form.slug == bindparam("slug"))
)


def find_capacity(session: Session, slug: str) -> Capacity | None:
    """That of a published form, whether or not it is open now; None if there is none."""
    if not slugs.is_slug(slug):
        return None
    row = session.execute(_BY_SLUG, {"slug": slug}).first()
    return None if row is None else Capacity(*row)
