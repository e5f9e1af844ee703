"""What can stop the launcher."""

from __future__ import annotations


class CannotServe(Exception):
    """Something that stops serving from starting; its text is one sentence for the person at hand."""
