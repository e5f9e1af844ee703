"""What the C library does with the memory that threads have given back."""

from __future__ import annotations

import ctypes
import os
import sys

M_ARENA_MAX = -8  # of malloc.h


def share_one_arena() -> None:
    """Threads that begin from now on take their memory from one place, where glibc would give each its own.

    Whatever a thread has given back is then of use to the others. With places of their own, of eight threads
    and 33,000 clients, 124 MB were taken and still more with each minute; with one, 95 MB from first to last.
    Python's own lock lets one thread at a time ask for memory, but for what C code does without it. Who
    has set `MALLOC_ARENA_MAX`, or `glibc.malloc.arena_max` in `GLIBC_TUNABLES`, has decided already. Other
    C libraries know nothing of it. (mallopt(3))
    """
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    is_said = "MALLOC_ARENA_MAX" in os.environ or "glibc.malloc.arena_max" in tunables
    if is_said or not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)
