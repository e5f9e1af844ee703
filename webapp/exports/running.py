"""How many exports run at once: each holds a thread, and takes the processor from whoever fills in."""

from __future__ import annotations

from threading import Lock

from werkzeug.exceptions import TooManyRequests

RETRY_AFTER_SECONDS = 10


class TooManyExports(TooManyRequests):
    """The user's last export still runs, or as many of others' as may."""

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_AFTER_SECONDS)


class Places:
    """The places for exports in this process: one for a user, and so many for all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._users: set[int] = set()

    def take(self, user_id: int) -> Place:
        """A place for an export of that user. Raises TooManyExports."""
        with self._lock:
            if user_id in self._users or len(self._users) >= self._most:
                raise TooManyExports
            self._users.add(user_id)
        return Place(self, user_id)

    def give_back(self, user_id: int) -> None:
        """Lets another export run."""
        with self._lock:
            self._users.discard(user_id)


class Place:
    """One user's place, until it is closed."""

    def __init__(self, places: Places, user_id: int) -> None:
        self._places: Places | None = places
        self._user_id = user_id

    def close(self) -> None:
        """Gives it back; a second time does nothing."""
        places, self._places = self._places, None
        if places is not None:
            places.give_back(self._user_id)

    __del__ = close  # of an answer that was never sent
