"""What a server process and its children use, as the system tells it. Linux does; where a system does not,
there is None."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

PROC = Path("/proc")
T = TypeVar("T")


@dataclass(frozen=True)
class Memory:
    """Bytes in memory: `resident` counts what is shared in each process that has it, `proportional`
    gives each its share, `unique` is what would be free again if the process ended."""

    resident: int
    proportional: int
    unique: int


def memory(process_id: int) -> Memory | None:
    """The memory of a process with its children, together."""
    parts = _of_family(process_id, _memory)
    return Memory(*(sum(sizes) for sizes in zip(*parts, strict=True))) if parts else None


def highest_memory(process_id: int) -> int | None:
    """The bytes in memory at their highest so far, of a process with its children, together."""
    parts = _of_family(process_id, _highest_memory)
    return sum(parts) if parts else None


def forget_highest_memory(process_id: int) -> None:
    """Has `highest_memory` begin anew, where the system can (proc(5), "clear_refs")."""
    for one in _of_family(process_id, lambda process: process / "clear_refs"):
        one.write_text("5")


def processor_seconds(process_id: int) -> float | None:
    """The processor time that a process and its living children have used so far, in all their threads.
    The system counts it in hundredths of a second."""
    parts = _of_family(process_id, _processor_seconds)
    return sum(parts) if parts else None


def descriptors(process_id: int) -> int | None:
    """The files, sockets and the like that a process and its children have open."""
    parts = _of_family(process_id, lambda process: len(list((process / "fd").iterdir())))
    return sum(parts) if parts else None


def sockets(process_id: int) -> int | None:
    """How many of those are sockets."""
    parts = _of_family(process_id, _sockets)
    return sum(parts) if parts else None


def threads(process_id: int) -> int | None:
    """The threads of a process and its children."""
    parts = _of_family(process_id, lambda process: len(list((process / "task").iterdir())))
    return sum(parts) if parts else None


def _of_family(process_id: int, read: Callable[[Path], T]) -> list[T]:
    try:
        return [read(PROC / str(one)) for one in family(process_id)]
    except (OSError, ValueError, KeyError):
        return []


def family(process_id: int) -> list[int]:
    """The ids of a process and its children."""
    members = [process_id]
    for children in (PROC / str(process_id) / "task").glob("*/children"):
        for child in children.read_text().split():
            members += family(int(child))
    return members


def _memory(process: Path) -> tuple[int, int, int]:
    lines = (process / "smaps_rollup").read_text().splitlines()[1:]
    pairs = (line.partition(":") for line in lines)
    sizes = {name: int(rest.split()[0]) * 1024 for name, _, rest in pairs}
    return sizes["Rss"], sizes["Pss"], sizes["Private_Clean"] + sizes["Private_Dirty"]


def _highest_memory(process: Path) -> int:
    lines = (process / "status").read_text().splitlines()
    sizes = dict(line.split(":", 1) for line in lines)
    return int(sizes["VmHWM"].split()[0]) * 1024


def _sockets(process: Path) -> int:
    count = 0
    for one in (process / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            count += one.readlink().name.startswith("socket:")
    return count


def _processor_seconds(process: Path) -> float:
    # proc(5): the fields after the name, which may hold spaces; utime and stime are the 14th and 15th
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
