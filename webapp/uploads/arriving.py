"""What Intray takes in while it arrives: the server asks here when a request's headers are in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..forms.capacity import Capacity
from ..serving.receiving import Body
from ..storage.base import Storage
from .arrival import CONTENT_TYPE, VERSION
from .chunks import ArrivingChunk
from .following import Follower
from .hand_ins import HandIns
from .whole import ArrivingFile

_PIECE_OF = re.compile(r"/uploads/([0-9a-f]{32})")


# What a POST may bring of a file of which nobody has seen yet whether its form wants it.
MOST_FIRST_BYTES = 16 * 1024**2


def _is_short(headers: Mapping[str, str]) -> bool:
    """Whether the body of a request that begins an upload is taken."""
    length = headers.get("CONTENT_LENGTH", "")
    return length.isdigit() and int(length) <= MOST_FIRST_BYTES


def beginning(
    storage: Storage, follower: Follower, headers: Mapping[str, str]
) -> ArrivingChunk | ArrivingFile:
    """What takes in the body of a request that begins an upload: all of the file, or its first bytes."""
    if headers.get("CONTENT_LENGTH", "") == headers.get("UPLOAD_LENGTH"):
        return ArrivingFile(storage, headers).begin()
    return ArrivingChunk(storage, follower, headers).begin()


class Arrivals:
    """The receiver of one application."""

    def __init__(
        self,
        storage: Storage,
        follower: Follower,
        find_capacity: Callable[[str], Capacity | None],
    ) -> None:
        """`find_capacity` is what HandIns calls `find`."""
        self._storage = storage
        self._follower = follower
        self._hand_ins = HandIns(storage, find_capacity)

    def __call__(self, method: str, path: str, headers: Mapping[str, str]) -> Body | None:
        """Where a body goes; None leaves it to the server, and to the route."""
        if path.startswith("/uploads"):
            method = headers.get("X_HTTP_METHOD_OVERRIDE", method).upper()
            return self._chunk(method, path, headers)
        return self._hand_ins(method, path, headers)

    def _chunk(self, method: str, path: str, headers: Mapping[str, str]) -> Body | None:
        if headers.get("CONTENT_TYPE") != CONTENT_TYPE or headers.get("TUS_RESUMABLE") != VERSION:
            return None  # the route will say what is wrong
        piece_of = _PIECE_OF.fullmatch(path)
        if method == "PATCH" and piece_of:
            return ArrivingChunk(self._storage, self._follower, headers).go_on(piece_of[1])
        if method == "POST" and path == "/uploads" and _is_short(headers):
            return beginning(self._storage, self._follower, headers)
        return None
