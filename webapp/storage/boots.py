"""Telling whether the machine was started anew since something was written down."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

BYTES = 16
_KERNEL_ID = Path("/proc/sys/kernel/random/boot_id")
# Clocks are put right while a machine runs, and drift; none starts twice in that time.
_TOLERANCE_SECONDS, _DRIFT = 20.0, 1e-4
_MOMENT = struct.Struct("<8xd")


@cache
def this_boot() -> bytes:
    """A mark of BYTES bytes, kept until the machine starts anew."""
    try:
        return bytes.fromhex(_KERNEL_ID.read_text("ascii").strip().replace("-", ""))[:BYTES]
    except (OSError, ValueError):
        return _MOMENT.pack(_boot_time())


def is_this_boot(mark: bytes) -> bool:
    """Whether the mark is of this boot. In doubt it is not, which costs what a fresh start costs."""
    ours = this_boot()
    if mark == ours:
        return True
    if mark[:8] != ours[:8] or any(mark[:8]):
        return False
    theirs, started = _MOMENT.unpack(mark)[0], _MOMENT.unpack(ours)[0]
    tolerance = _TOLERANCE_SECONDS + _DRIFT * max(time.time() - started, 0)
    return bool(abs(theirs - started) < tolerance)


def _boot_time() -> float:
    """When the machine was started, in seconds since 1970."""
    if sys.platform != "win32":
        try:
            return _told_by_kernel()
        except (OSError, ValueError, IndexError, subprocess.SubprocessError):
            return 0.0 + time.time()  # unknown: each process takes itself for the first
    return time.time() - time.monotonic()  # which counts from there on Windows, sleep included


def _told_by_kernel() -> float:
    """macOS and the BSDs: `{ sec = 1763851234, usec = 0 } …`, or the number alone."""
    said = subprocess.run(
        ["/usr/sbin/sysctl", "-n", "kern.boottime"],
        capture_output=True,
        text=True,
        timeout=5,
        check=True,
    ).stdout
    return float(said.partition("sec =")[2].split(",")[0] or said)
