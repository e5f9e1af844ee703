"""What forms may be sent, for the server's loop, which must not wait for a database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

from ..forms.capacity import Capacity
from ..log_paths import without_secrets

log = logging.getLogger("intray.uploads")

KNOWN_SECONDS = 2.0  # a form that was published anew meanwhile may take more than is known
WAIT_SECONDS = 0.5
MOST_KNOWN = 1000


class NotKnown(Exception):
    """The database has not answered in time."""


class Capacities:
    """Asks the database, and remembers the answer for a moment."""

    def __init__(self, find: Callable[[str], Capacity | None]) -> None:
        self._find = find
        self._known: dict[str, tuple[float, Capacity]] = {}
        self._not_before = 0.0

    def __call__(self, slug: str) -> Capacity | None:
        """That of a form, or None if there is no such form. Raises NotKnown."""
        known = self._known.get(slug)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        found = self._ask(slug)
        if found is not None:  # who is told of none may be told of one at once
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[slug] = time.monotonic() + KNOWN_SECONDS, found
        return found

    def _ask(self, slug: str) -> Capacity | None:
        if time.monotonic() < self._not_before:
            raise NotKnown
        answer: Future[Capacity | None] = Future()
        # A thread of its own, as a database that is out of reach may keep it for minutes.
        Thread(target=self._answer, args=(answer, slug), daemon=True).start()
        try:
            return answer.result(WAIT_SECONDS)
        except Exception as wrong:
            self._not_before = time.monotonic() + KNOWN_SECONDS
            log.warning(
                "It is not known what the form %s may be sent: %r",
                without_secrets(f"/{slug}"),
                wrong,
            )
            raise NotKnown from wrong

    def _answer(self, answer: Future[Capacity | None], slug: str) -> None:
        try:
            answer.set_result(self._find(slug))
        except Exception as wrong:
            answer.set_exception(wrong)
