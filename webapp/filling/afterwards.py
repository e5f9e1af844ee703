"""What is still done once a person's work is done, and must not make it look undone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("intray.filling")


@contextmanager
def nothing_raised(otherwise: str) -> Iterator[None]:
    """Inside the block whatever is raised is logged: the person's work is done and must not look
    undone."""
    try:
        yield
    except Exception:
        log.exception("%s.", otherwise)
