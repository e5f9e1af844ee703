"""Numbered places at which a test may kill the process, to see what survives.

The environment variable FAILPOINT names one; the process then ends there as if its power was cut:
nothing is flushed, closed or rolled back. Without the variable a place costs one comparison.
"""

from __future__ import annotations

import os

EXIT_CODE = 137
_armed = os.environ.get("FAILPOINT")


def reach(name: str) -> None:
    """Ends the process here if `name` is the failpoint that was asked for."""
    if _armed is not None and _armed == name:
        os._exit(EXIT_CODE)
