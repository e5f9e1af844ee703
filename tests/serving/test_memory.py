"""The memory that the server's threads take lies in one place."""

from __future__ import annotations

import platform
import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from ..bench import load, processes
from ..running import Server

SIZE = 64 * 1024 * 1024  # that glibc sets aside for one: HEAP_MAX_SIZE in its arena.c
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ 0 *$", re.MULTILINE)


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or sys.maxsize < 2**32, reason="no glibc on 64 bits"
)
@pytest.mark.parametrize("count", ["1", "2"])
@pytest.mark.parametrize(
    ("environ", "is_shared"),
    [
        ({}, True),
        ({"MALLOC_ARENA_MAX": "4"}, False),
        ({"GLIBC_TUNABLES": "glibc.malloc.arena_max=4"}, False),
    ],
)
def test_threads_have_no_arenas_of_their_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    is_shared: bool,
    count: str,
) -> None:
    """Unless somebody has said so."""
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    with Server("--processes", count, data=tmp_path, environ=environ) as server:
        load.collect(server.port, load.request("GET", "/index"), 200)
        found = [_arenas(process) for process in processes.family(server.process.pid)]
    assert any(found) != is_shared, found


def _arenas(process_id: int) -> list[int]:
    """Where those begin: at a multiple of their size, of which the first part is in use (arena.c)."""
    maps = Path(f"/proc/{process_id}/maps").read_text()
    mappings = [(int(a, 16), int(b, 16), mode) for a, b, mode in MAPPING.findall(maps)]
    return [
        start
        for (start, end, mode), (after, stop, rest) in pairwise(mappings)
        if start % SIZE == 0 and mode == "rw-p" and end == after and rest == "---p"
        if stop - start == SIZE
    ]
