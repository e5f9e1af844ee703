"""How much the bench does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The default takes some two and a half minutes on two cores."""

    rounds: int = 5  # of each of two sides, in turn
    seconds: float = 1.0  # of a round
    few: int = 10  # submissions
    many: int = 100_000
    starts: int = 7


QUICK = Plan(rounds=1, seconds=0.1, many=1_000, starts=1)
