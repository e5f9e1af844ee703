"""Who hands in, as far as a limit counts: one network address, over all forms."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests

from ..limits import rules as limits
from ..limits.rules import counter_name, neighbourhood
from ..uploads import rules as uploads
from ..uploads.problems import TooMuchWaits

WINDOW = timedelta(hours=1)


class Sender:
    """One address in one request. What comes from this computer itself is not limited: behind a proxy
    on it, that is everybody."""

    def __init__(self, address: str, most: int, most_waiting: int) -> None:
        """`most` is how often one address may hand in within WINDOW, `most_waiting` how many bytes it may
        have sent and not handed in."""
        self.address = address
        self.uploads_name = uploads.sender_name(address)
        self._most = most
        self._most_waiting = most_waiting
        self._name = counter_name("hand-in", neighbourhood(address))
        self._is_limited = not limits.is_this_computer(address)

    def check(self, session: Session, now: datetime) -> None:
        """Raises TooManyRequests where the address has handed in too often."""
        if self._is_limited and limits.counted(session, self._name, now, WINDOW) >= self._most:
            raise TooManyRequests(retry_after=int(WINDOW.total_seconds()))

    def check_waiting(self, session: Session) -> None:
        """Raises TooMuchWaits where what it has sent is more than may wait."""
        name = self.uploads_name
        if name is not None and uploads.waiting_bytes(session, name) > self._most_waiting:
            raise TooMuchWaits(self._most_waiting)

    def count(self, session: Session, now: datetime) -> None:
        """Counts what this request keeps: once, whether files or a submission or both."""
        if self._is_limited:
            limits.count(session, self._name, now, WINDOW)
            self._is_limited = False
