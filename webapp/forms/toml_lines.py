"""At which line of a TOML text a value stands; `tomllib` gives values without their lines.

The text is known to be valid TOML (toml.io, v1.0.0), so it need only be taken apart.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]

# What a statement may go on behind: strings, comments, brackets; all else passes unseen.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|"
    r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'|#[^\n]*|[\[{]|[\]}]|\n",
    re.DOTALL,
)
_KEY = r"""(?:[0-9A-Za-z_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_KEYS = re.compile(rf"[ \t]*({_KEY}(?:[ \t]*\.[ \t]*{_KEY})*)[ \t]*=")


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
            if counts[at] == 0:
                yield at, line
            yield table, line
        elif statement.lstrip()[:1] == "[":
            table = _with_numbers(keys, counts)
            yield table, line
        else:
            for end in range(1, len(keys) + 1):
                yield (*table, *keys[:end]), line


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements, comments and empty lines, each with the line that it begins at."""
    line, begun, depth = 1, 0, 0
    for token in _TOKEN.finditer(text + "\n"):
        if token[0] in ("[", "{"):
            depth += 1
        elif token[0] in ("]", "}"):
            depth -= 1
        elif token[0] == "\n" and depth == 0:
            statement = text[begun : token.end()]
            yield line, statement
            begun = token.end()
            line += statement.count("\n")


def _path(statement: str) -> Place:
    """The keys that a statement sets: `("a", "b")` for `a.b = 1` and for `[a.b]`; none for a comment."""
    keys = _KEYS.match(statement)
    value: Any = tomllib.loads(f"{keys[1]} = 0" if keys else statement)
    path: list[str] = []
    while isinstance(value, dict | list) and value:
        if isinstance(value, dict):
            path.append(next(iter(value)))
            value = value[path[-1]]
        else:
            value = value[0]
    return tuple(path)


def _with_numbers(keys: Place, counts: dict[Place, int]) -> Place:
    """The place of a path through arrays of tables, each at its newest table."""
    place: Place = ()
    for key in keys:
        place = (*place, key)
        if place in counts:
            place = (*place, counts[place])
    return place
