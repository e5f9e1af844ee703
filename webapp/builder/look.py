"""How the builder offers colours: those that have names, and any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..i18n import gettext

OWN = "own"  # the choice of a colour that has no name here
_NAMED = (
    "",
    "#1d4ed8",
    "#4338ca",
    "#7e22ce",
    "#be185d",
    "#b91c1c",
    "#b45309",
    "#15803d",
    "#475569",
)


@dataclass(frozen=True)
class Colour:
    """A colour to choose."""

    value: str
    name: str


def colours() -> Sequence[Colour]:
    """Intray's own first."""
    words = (
        gettext("Intray's green"), gettext("Blue"), gettext("Indigo"), gettext("Violet"),
        gettext("Pink"), gettext("Red"), gettext("Amber"), gettext("Green"), gettext("Grey"),
    )  # fmt: skip
    return [Colour(value, name) for value, name in zip(_NAMED, words, strict=True)]


def choice_of(accent: str) -> str:
    """Which choice stands for a form's colour."""
    return accent if accent in _NAMED else OWN


def with_own_colour(given: Mapping[str, str]) -> dict[str, str]:
    """What was posted, with the colour in one place."""
    chosen = given.get("accent", "")
    return {**given, "accent": given.get("own_colour", "") if chosen == OWN else chosen}
