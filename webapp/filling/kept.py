"""The page of a form that nobody has begun to fill in: rendered once, and kept.

When hundreds come to a form at once, what they get differs in the page's token alone. To render it takes
ten times as long as to find the form.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from .. import i18n
from .pages import FormPage

MOST_PAGES = 100  # of some 20 KB each


class KeptPages:
    """Pages by all that is in them but their token; those that were asked for last. Safe for threads."""

    def __init__(self, most: int = MOST_PAGES) -> None:
        self._most = most
        self._pages: OrderedDict[Hashable, list[bytes]] = OrderedDict()
        self._lock = Lock()

    def page(self, key: Hashable, token: str, render: Callable[[], str]) -> bytes:
        """The kept page with this token, in UTF-8; where there is none, the one that is rendered, with the
        token in it."""
        with self._lock:
            around = self._pages.get(key)
            if around is not None:
                self._pages.move_to_end(key)
        if around is None:
            around = render().encode().split(token.encode())
            self._keep(key, around)
        return token.encode().join(around)

    def _keep(self, key: Hashable, around: list[bytes]) -> None:
        with self._lock:
            self._pages[key] = around
            if len(self._pages) > self._most:
                self._pages.popitem(last=False)


def is_for_all(page: FormPage) -> bool:
    """Whether everybody who comes to the form gets this page."""
    admission = page.admission
    return not (admission.credential or admission.person or page.texts or page.errors)


def key_of(page: FormPage, shown: tuple[Any, ...], prefix: str) -> Hashable:
    """All that is in such a page but its token, where the application is at that prefix; `shown` is what it
    may show of its form."""
    return shown, page.admission.state, i18n.language(), page.definition.spoken, prefix
