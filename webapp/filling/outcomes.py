"""What an attempt to hand in comes to."""

from __future__ import annotations

from dataclasses import dataclass

from ..submissions.accepting import Accepted
from .pages import FormPage


@dataclass(frozen=True)
class Outcome:
    """The submission, or the token of the draft that was saved, or the page to show instead."""

    accepted: Accepted | None = None
    page: FormPage | None = None
    saved: str = ""
    # (both where not all files could be saved)
    is_editing: bool = False  # nothing is wrong: the person has removed a file
