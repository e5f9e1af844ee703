"""Descriptions in Markdown, as HTML that is safe to show."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from markupsafe import Markup


@cache
def _renderer() -> Any:
    from markdown_it import MarkdownIt  # slow to import, and not every process shows a form

    # CommonMark without raw HTML and images; markdown-it lets no javascript: link through itself.
    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")
    renderer.add_render_rule("link_open", _open_in_a_new_tab)
    return renderer


def _open_in_a_new_tab(
    renderer: Any, tokens: Sequence[Any], index: int, options: Any, env: Any
) -> str:
    """A link must not take the page away, with all that was typed into it."""
    tokens[index].attrSet("target", "_blank")
    tokens[index].attrSet("rel", "noopener")
    text: str = renderer.renderToken(tokens, index, options, env)
    return text


@lru_cache(maxsize=500)
def to_html(text: str) -> Markup:
    """The Markdown text as HTML, in which all that its writer typed is escaped."""
    return Markup(_renderer().render(text))  # noqa: S704  (markdown-it has escaped it)
