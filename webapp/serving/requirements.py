"""Which of the distributions that setup.cfg asks for are missing from the running Python.

It reads what setup.cfg needs to say and no more: names with `>=`, `<` and the like, and markers that
compare one fact of the machine with one text. The standard library alone: it runs before anything
is installed, and at every start, so it must take no more than a few milliseconds.
"""

from __future__ import annotations

import configparser
import operator
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

COMPARISONS = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}
_COMPARISON = r"(>=|<=|==|!=|>|<)"
_LINE = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[\w, .-]*\])?([^;]*)(?:;(.*))?")
_LIMIT = re.compile(rf"{_COMPARISON}\s*([0-9][\w.]*)")
_MARKER = re.compile(rf"(\w+)\s*{_COMPARISON}\s*[\"']([^\"']*)[\"']")
_METADATA_FOLDER = re.compile(r"(.+?)-([0-9][^-]*)(?:-.*)?\.(?:dist|egg)-info", re.IGNORECASE)


@dataclass(frozen=True)
class Requirement:
    """A distribution by its normalised name, and the comparisons its version has to pass."""

    name: str
    limits: tuple[tuple[str, str], ...] = ()

    def accepts(self, version: str) -> bool:
        return all(COMPARISONS[sign](*_releases(version, limit)) for sign, limit in self.limits)


def read(setup_cfg: Path, extras: Collection[str] = ()) -> list[Requirement]:
    """What setup.cfg says must be installed on this machine, with these extras.

    Raises ValueError where a line is written in a way that is not understood here.
    """
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(setup_cfg.read_text(encoding="utf-8"))
    texts = [parser.get("options", "install_requires", fallback="")]
    texts += [parser.get("options.extras_require", extra) for extra in sorted(extras)]
    lines = [line.strip() for text in texts for line in text.splitlines()]
    wanted = [parse(line) for line in lines if line and not line.startswith("#")]
    return [requirement for requirement in wanted if requirement is not None]


def parse(line: str) -> Requirement | None:
    """The requirement in one line; None where its marker leaves this machine out."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"The requirement {line!r} is not understood.")
    name, limits, marker = match[1], match[2].strip(), match[3]
    found = [_LIMIT.fullmatch(part.strip()) for part in limits.split(",") if limits]
    if None in found:
        raise ValueError(f"The versions in {line!r} are not understood.")
    if marker is not None and not _applies(marker.strip()):
        return None
    return Requirement(_normal(name), tuple((limit[1], limit[2]) for limit in found if limit))


def missing(wanted: Iterable[Requirement]) -> list[Requirement]:
    """Those that the running Python cannot import at an acceptable version."""
    seen = _metadata_folders()
    unseen = [one for one in wanted if one.name not in seen or not one.accepts(seen[one.name])]
    return [one for one in unseen if not _installed(one)]


def _metadata_folders() -> dict[str, str]:
    """Names and versions of distributions, read off the names of their metadata folders.

    Far faster than importlib.metadata, whose import alone takes some 80 ms; that is asked only
    about what is not found here.
    """
    found: dict[str, str] = {}
    for entry in _entries(sys.path):
        match = _METADATA_FOLDER.fullmatch(entry)
        if match:
            found.setdefault(_normal(match[1]), match[2])
    return found


def _entries(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        try:
            yield from os.listdir(folder or ".")  # noqa: PTH208  (sys.path holds texts)
        except OSError:
            continue  # sys.path may name archives and folders that are not there


def _installed(requirement: Requirement) -> bool:
    from importlib import metadata

    try:
        return requirement.accepts(metadata.version(requirement.name))
    except metadata.PackageNotFoundError:
        return False


def _applies(marker: str) -> bool:
    match = _MARKER.fullmatch(marker)
    facts = {"sys_platform": sys.platform, "os_name": os.name}
    if match is None or match[1] not in facts or match[2] not in ("==", "!="):
        raise ValueError(f"The marker {marker!r} is not understood.")
    return (facts[match[1]] == match[3]) == (match[2] == "==")


def _releases(*versions: str) -> tuple[tuple[int, ...], ...]:
    """The release numbers of versions, made equally long: 3.1 and 3.1.2 become 3.1.0 and 3.1.2."""
    numbers = [re.match(r"[0-9]+(?:\.[0-9]+)*", version) for version in versions]
    split = [[int(part) for part in match[0].split(".")] if match else [] for match in numbers]
    return tuple(zip(*zip_longest(*split, fillvalue=0), strict=True))


def _normal(name: str) -> str:
    """The form of a name in which Flask-Babel, flask_babel and Flask.Babel are one (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
