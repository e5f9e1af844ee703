"""Definitions of published versions, which never change and so are read once in a process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from .definition import Definition, read_definition


class _Frozen:
    """A version's JSON under the hash of its content, so that it is read once in a process."""

    def __init__(self, content_hash: str, table: Mapping[str, Any]) -> None:
        self.content_hash = content_hash
        self.table = table

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and other.content_hash == self.content_hash


@lru_cache(maxsize=500)
def _read_frozen(frozen: _Frozen) -> Definition:
    return read_definition(frozen.table)


def frozen_definition(content_hash: str, table: Mapping[str, Any]) -> Definition:
    """The definition of a published version, which never changes."""
    return _read_frozen(_Frozen(content_hash, table))
