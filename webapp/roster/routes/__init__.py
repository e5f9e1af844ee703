"""The roster's pages: HTTP in, HTML out. Each module here has those of one purpose."""

from __future__ import annotations

from . import mail, people
from .blueprint import blueprint

__all__ = ["blueprint", "mail", "people"]
