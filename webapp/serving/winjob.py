"""Windows only: child processes that do not outlive this one.

POSIX has no need of it: there the launcher replaces itself by what it starts.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from ctypes import wintypes

assert sys.platform == "win32"  # told to mypy, which then knows ctypes.WinDLL

EXTENDED_LIMIT_INFORMATION = 9
KILL_ON_JOB_CLOSE = 0x2000
# A browser that the child opens is not to be closed with it; `.venv`'s python.exe holds the real
# Python in a job of its own, so that one is not let go by this.
SILENT_BREAKAWAY = 0x1000

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel.CreateJobObjectW.restype = wintypes.HANDLE


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("PerProcessUserTimeLimit", wintypes.LARGE_INTEGER),
        ("PerJobUserTimeLimit", wintypes.LARGE_INTEGER),
        ("LimitFlags", wintypes.DWORD),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", wintypes.DWORD),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", wintypes.DWORD),
        ("SchedulingClass", wintypes.DWORD),
    )


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("BasicLimitInformation", _BasicLimits),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


def tie(process: subprocess.Popen[bytes]) -> None:
    """Has Windows end the child when this process ends, however that happens."""
    # Never closed by us: Windows closes it when this process is gone, and ends what is in the job.
    job = wintypes.HANDLE(_kernel.CreateJobObjectW(None, None))
    limits = _ExtendedLimits()
    limits.BasicLimitInformation.LimitFlags = KILL_ON_JOB_CLOSE | SILENT_BREAKAWAY
    size = ctypes.sizeof(limits)
    child = wintypes.HANDLE(int(process._handle))  # type: ignore[attr-defined]
    _kernel.SetInformationJobObject(
        job, EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), wintypes.DWORD(size)
    )
    _kernel.AssignProcessToJobObject(job, child)
