"""`python -m tests.serving.sharing`: counts in two processes, and prints what the first one finds."""

from __future__ import annotations

import multiprocessing

from webapp.serving.board import Board
from webapp.serving.figures import SENT, UPLOADS, Figures, Watched


def count(board: Board, slot: int) -> None:
    """What the other process does."""
    other = Figures(board, slot)
    other.add(SENT, 5)
    other.add(UPLOADS, 1)


def main() -> None:
    watched = Watched()
    own, slot = Figures(watched.board, watched.take_slot()), watched.take_slot()
    own.add(SENT, 7)
    for _ in range(2):
        process = multiprocessing.get_context("spawn").Process(
            target=count, args=(watched.board, slot)
        )
        process.start()
        process.join()
        print(own.text())
        watched.free_slot(slot)
    print(own.text())


if __name__ == "__main__":
    main()
