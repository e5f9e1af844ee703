"""What an attempt to hand in comes to."""

from __future__ import annotations

from dataclasses import dataclass

from ..submissions.accepting import Accepted
from .pages import FormPage


@dataclass(frozen=True)
class Outcome:
    """Either the submission, or the page to show instead."""

    accepted: Accepted | None = None
    page: FormPage | None = None
    is_editing: bool = False  # nothing is wrong: the person has removed a file
