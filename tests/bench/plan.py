"""How much the bench does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The default takes some two and a half minutes on two cores; the desk, with a million submissions to
    be made up first, a quarter of an hour, as may the servers."""

    rounds: int = 5  # of each of two sides, in turn
    seconds: float = 1.0  # of a round
    few: int = 10  # submissions
    many: int = 100_000
    starts: int = 7
    schools: tuple[int, ...] = (10_000, 100_000, 1_000_000)  # submissions
    large_bytes: int = 128 * 2**20  # of each of a few large files to be downloaded
    small_files: int = 2_000
    upload_bytes: int = 512 * 2**20  # of one file
    upload_files: int = 2_000  # of 1 KiB
    processes: tuple[int, ...] = (1, 2)
    connections: tuple[int, ...] = (1, 8, 64, 512, 2_000, 4_000)  # with a request under way on each
    idle: tuple[int, ...] = (1_000, 10_000)  # connections
    cell_seconds: float = 10.0  # after which the servers have no further round at the same
    memory_bytes: tuple[int, ...] = (100 * 10**6, 4 * 10**9)  # of files


QUICK = Plan(
    rounds=1,
    seconds=0.1,
    many=1_000,
    starts=1,
    schools=(100, 1_000),
    large_bytes=2**20,
    small_files=40,
    upload_bytes=4 * 2**20,
    upload_files=20,
    processes=(2,),
    connections=(1, 64),
    idle=(50,),
    cell_seconds=1.0,
    memory_bytes=(2**20, 2**23),
)
