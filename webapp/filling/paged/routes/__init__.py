"""The addresses of drafts: HTTP in, HTML out. Each module here has those of one purpose."""

from __future__ import annotations

from . import beginning, linking, saving
from .blueprint import blueprint

__all__ = ["beginning", "blueprint", "linking", "saving"]
