"""A form's logo: what may be one, and keeping it.

It is kept as it came, and known by its first bytes alone. No SVG, which can hold scripts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..forms.tables import Form
from ..i18n import gettext
from ..sizes import format_size
from .tables import Logo

MOST_BYTES = 300_000
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF89a", "image/gif"),
    (b"GIF87a", "image/gif"),
)


class NoLogo(Exception):
    """What was given cannot be a logo; the text says why, in the reader's language."""


@dataclass(frozen=True)
class Picture:
    """A logo as it is served."""

    media_type: str
    content: bytes


def read(content: bytes) -> Picture:
    """The picture that the bytes are. Raises NoLogo."""
    if len(content) > MOST_BYTES:
        most = format_size(MOST_BYTES)
        raise NoLogo(gettext("The logo must be no larger than %(most)s", most=most))
    media_type = _media_type(content)
    if media_type is None:
        raise NoLogo(gettext("The logo must be a picture: PNG, JPEG, GIF or WebP"))
    return Picture(media_type, content)


def _media_type(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _KINDS if content.startswith(start)), None)


def put(session: Session, form: Form, picture: Picture) -> None:
    """Gives the form this logo."""
    form.logo = hashlib.sha256(picture.content).hexdigest()[:16]
    session.merge(Logo(form_id=form.id, media_type=picture.media_type, content=picture.content))


def remove(session: Session, form: Form) -> None:
    """Takes the form's logo away."""
    form.logo = ""
    session.execute(delete(Logo).where(Logo.form_id == form.id))


def find(session: Session, public_id: str) -> Picture | None:
    """The logo of the form of that public id."""
    query = select(Logo).join(Form).where(Form.public_id == public_id, Form.erased_at.is_(None))
    logo = session.scalar(query)
    return None if logo is None else Picture(logo.media_type, logo.content)
