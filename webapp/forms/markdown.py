"""Descriptions in Markdown, as HTML that is safe to show."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from markupsafe import Markup


@cache
def _renderer() -> Any:
    from markdown_it import MarkdownIt  # slow to import, and not every process shows a form

    # CommonMark without raw HTML and images; markdown-it lets no javascript: link through itself.
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


@lru_cache(maxsize=500)
def to_html(text: str) -> Markup:
    """The Markdown text as HTML, in which all that its writer typed is escaped."""
    return Markup(_renderer().render(text))  # noqa: S704  (markdown-it has escaped it)
