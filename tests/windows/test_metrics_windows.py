"""`/metrics` on the Windows Python, and the memory in which processes count together."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..running import WINDOWS_PYTHON, Server, run
from ..serving.test_metrics import assert_counted_together, figures

pytestmark = pytest.mark.windows


def test_processes_count_together() -> None:
    assert_counted_together(run("-m", "tests.serving.sharing", python=WINDOWS_PYTHON))


def test_a_server_tells_what_it_did(tmp_path: Path) -> None:
    with Server(python=WINDOWS_PYTHON, data=tmp_path / "data") as server:
        found = figures(server)
        assert found["serving_requests_total GET 2xx"] >= 1
        assert found["serving_processes"] == found["intray_database_up"] == 1
