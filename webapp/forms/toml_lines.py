"""At which line of a TOML text a value stands; `tomllib` gives values without their lines."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]


def line_of(text: str, place: Place) -> int:
    """The line, from 1, of the value at the place; of what holds it where it stands nowhere."""
    lines = dict(_places(text))
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """Each table's and each key's place with its line; later ones win, as they do in TOML."""
    table: Place = ()
    counts: dict[Place, int] = {}
    for line, statement in _statements(text):
        keys = _path(statement)
        if not keys:
            continue
        if statement.lstrip()[:2] == "[[":
            at = (*_with_numbers(keys[:-1], counts), keys[-1])
            counts[at] = counts.get(at, -1) + 1
            table = (*at, counts[at])
            yield table, line
        elif statement.lstrip()[:1] == "[":
            table = _with_numbers(keys, counts)
            yield table, line
        else:
            for end in range(1, len(keys) + 1):
                yield (*table, *keys[:end]), line


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements with the line that each begins at: the shortest runs of lines that parse."""
    begun: list[str] = []
    first = 1
    for line, content in enumerate(text.splitlines(keepends=True), start=1):
        begun.append(content)
        statement = "".join(begun)
        try:
            tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # a value over several lines goes on
        yield first, statement
        begun, first = [], line + 1


def _path(statement: str) -> Place:
    """The keys that one statement sets: `("a", "b")` for `a.b = 1` and for `[a.b]`."""
    keys: list[str | int] = []
    value: Any = tomllib.loads(statement)
    depth = _depth(statement)
    while len(keys) < depth and isinstance(value, dict | list) and value:
        if isinstance(value, list):
            value = value[0]
            continue
        keys.append(next(iter(value)))
        value = value[keys[-1]]
    return tuple(keys)


def _depth(statement: str) -> int:
    """How many keys stand before the value, which may be an inline table itself."""
    head = statement.lstrip()
    if head.startswith("["):
        return 99
    for end in range(1, len(head)):
        # the key ends at the first `=` before which a key alone stands
        if head[end] == "=":
            try:
                value: Any = tomllib.loads(head[:end] + "= 0")
            except tomllib.TOMLDecodeError:
                continue
            depth = 0
            while isinstance(value, dict):
                value, depth = next(iter(value.values())), depth + 1
            return depth
    return 0


def _with_numbers(keys: Place, counts: dict[Place, int]) -> Place:
    """The place of a path through arrays of tables, each at its newest table."""
    place: Place = ()
    for key in keys:
        place = (*place, key)
        if place in counts:
            place = (*place, counts[place])
    return place
