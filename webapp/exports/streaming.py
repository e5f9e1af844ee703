"""Sending an export while it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol


class Piece(NamedTuple):
    """A part of an export."""

    content: bytes
    items: int  # how many lines, or files, end in it; the headings apart


class Pieces(Iterator[Piece], Protocol):
    """Pieces that need not be asked for to the last."""

    def close(self) -> None: ...


class Stream:
    """The bytes of pieces, for a server that takes one after the other and closes it: when the client has
    gone, or when one could not be made. That raises then, and the server breaks the answer off, so that
    nobody takes a part for the whole.

    `within` is where each piece is made, and the end as well; `at_end` is told how many lines, or files,
    went out. That is when the last piece has been taken, and not only when the server closes it: some
    servers first tell the client that this was all, and it may ask for another export at once.
    """

    def __init__(
        self,
        pieces: Pieces,
        within: Callable[[], AbstractContextManager[object]],
        at_end: Callable[[int], None],
    ) -> None:
        self._pieces = pieces
        self._within = within
        self._at_end = at_end
        self._count = 0
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._is_closed:
            raise StopIteration
        with self._within():
            piece = next(self._pieces, None)
        if piece is None:
            self.close()
            raise StopIteration
        self._count += piece.items
        return piece.content

    def close(self) -> None:
        """Tells how many lines, or files, went out; a second time does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        with self._within():
            self._pieces.close()
            self._at_end(self._count)
