"""What of an address does not belong in a log."""

from __future__ import annotations

import pytest

from webapp.log_paths import without_secrets


@pytest.mark.parametrize(
    "path",
    [
        "/p/secret",
        "/c/secret",
        "/uploads/secret",
        "//p//secret",
        "/%70/secret",
        "/p%2Fsecret",
        "http://example.org/p/secret",
        "/prefix/c/secret",
    ],
)
def test_what_makes_a_link_private_is_left_out(path: str) -> None:
    assert "secret" not in without_secrets(path)


@pytest.mark.parametrize("path", ["/", "/f/homework", "/r/K7Q4-MXD2", "/uploads", "/f/%E4%BD%9C"])
def test_other_paths_stay_as_they_were_sent(path: str) -> None:
    assert without_secrets(path) == path
