"""The builder's pages: HTTP in, HTML out. Each module here has those of one purpose."""

from __future__ import annotations

from . import (
    editing,
    look,
    making,
    previewing,
    publishing,
    questions,
    settings,
    sharing,
    translating,
)
from .blueprint import blueprint

__all__ = [
    "blueprint",
    "editing",
    "look",
    "making",
    "previewing",
    "publishing",
    "questions",
    "settings",
    "sharing",
    "translating",
]
