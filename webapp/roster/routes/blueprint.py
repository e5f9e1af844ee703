"""What all pages of the roster need: the form of the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort

from .. import people as roster
from ..people import FormHead

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("roster", "webapp.roster", template_folder="templates")

TOP = "/desk/forms/<slug>/people"


def head_of(session: Session, slug: str) -> FormHead:
    """The form of that slug. NotFound."""
    return roster.find_head(session, slug) or abort(404)
