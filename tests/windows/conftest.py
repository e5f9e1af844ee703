"""The Windows Python, where there is one."""

from __future__ import annotations

import pytest

from ..conftest import skip_or_fail
from ..running import WINDOWS_PYTHON


@pytest.fixture(autouse=True)
def windows_python() -> str:
    """The interpreter; a test without it is skipped, and says how to get it."""
    if not WINDOWS_PYTHON:
        skip_or_fail(
            "windows",
            "no Windows Python: run ../shared/windows/prepare with the packages of setup.cfg, then "
            "set WINDOWS_PYTHON=$PWD/../shared/windows/python",
        )
    return WINDOWS_PYTHON
