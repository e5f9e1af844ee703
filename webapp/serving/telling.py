"""Warnings that are said once a minute, and not as often as what they are about happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

log = logging.getLogger("intray.serving")

MINUTE = 60.0


@dataclass(slots=True)
class _Told:
    at: float  # when something of the kind was said
    more: int = 0  # times that it has happened since
    last: str = ""  # and what would have been said of the last


class Telling:
    """Says the first of a kind at once. Of those that follow within a minute it says the last, and how many
    there were, when the minute is over. Safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        self._told: dict[str, _Told] = {}
        self._lock = Lock()

    def warn(self, kind: str, text: str) -> None:
        """`kind` is one of a few names; `text` is a whole sentence."""
        with self._lock:
            told = self._told.get(kind)
            if told is not None:
                told.more += 1
                told.last = text
                return
            self._told[kind] = _Told(self._clock())
        log.warning("%s", text)

    def catch_up(self) -> None:
        """Says what has waited for a minute; to be called every second or so."""
        if self._told:
            self._say(self._clock() - MINUTE)

    def close(self) -> None:
        """Says all that has waited."""
        self._say(float("inf"))

    def _say(self, before: float) -> None:
        with self._lock:
            due = [(kind, told) for kind, told in self._told.items() if told.at <= before]
            for kind, told in due:
                del self._told[kind]
                if told.more:
                    self._told[kind] = _Told(self._clock())
        for _, told in due:
            if told.more == 1:
                log.warning("%s", told.last)
            elif told.more:
                log.warning("%s (%d times within a minute)", told.last, told.more)
