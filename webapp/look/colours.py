"""An accent colour, fitted to both schemes so that it can be read: WCAG 2.2, 1.4.3 and 1.4.11."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

TEXT = 4.5  # the least contrast of text to what it stands on
STEPS = 100  # of lightness, from the colour to black or white
Rgb = tuple[float, float, float]  # each 0 to 1


@dataclass(frozen=True)
class Scheme:
    """What of css/tokens.css the accent meets, in light or in dark."""

    paper: str
    surface: str
    ink: str
    danger: str
    share: float  # of the accent in the tint
    limit: Rgb  # where a colour that cannot be read is moved to
    on_accent: Sequence[str]


LIGHT = Scheme("#fbfaf7", "#ffffff", "#1c2024", "#b42318", 0.09, (0, 0, 0), ("#ffffff",))
DARK = Scheme("#16191c", "#1f2327", "#e8e6e1", "#ff9c8f", 0.14, (1, 1, 1), ("#0c1416", "#000000"))


@dataclass(frozen=True)
class Palette:
    """The tokens that an accent colour sets in one scheme."""

    accent: str
    accent_strong: str
    on_accent: str
    tint: str

    def css(self) -> str:
        return (
            f"--accent:{self.accent};--accent-strong:{self.accent_strong};"
            f"--on-accent:{self.on_accent};--tint:{self.tint}"
        )


def palette(colour: str, scheme: Scheme) -> Palette:
    """The colour as it is where it can be read, else moved towards black or white until it can."""
    accent = _fitted(_rgb(colour), scheme)
    strong = _towards(accent, scheme.limit, 0.2)
    on_accent = next(one for one in scheme.on_accent if contrast(one, _hex(accent)) >= TEXT)
    return Palette(_hex(accent), _hex(strong), on_accent, _tint(accent, scheme))


def _fitted(colour: Rgb, scheme: Scheme) -> Rgb:
    for step in range(STEPS + 1):
        moved = _towards(colour, scheme.limit, step / STEPS)
        grounds = (scheme.paper, scheme.surface, _tint(moved, scheme))
        if all(contrast(_hex(moved), ground) >= TEXT for ground in grounds):
            return moved
    raise AssertionError("black and white can be read on paper and on dark")


def _tint(accent: Rgb, scheme: Scheme) -> str:
    """The paper with some of the accent: so little that ink, hints and errors are read on it."""
    return _hex(_towards(_rgb(scheme.paper), _pastel(accent), scheme.share))


def _pastel(colour: Rgb) -> Rgb:
    hue, _, saturation = colorsys.rgb_to_hls(*colour)
    return colorsys.hls_to_rgb(hue, 0.5, min(saturation, 0.8))


def is_moved(colour: str) -> bool:
    """Whether the colour as it is could not be read in one of the schemes."""
    return any(palette(colour, scheme).accent != colour for scheme in (LIGHT, DARK))


@lru_cache(maxsize=256)
def style_sheet(colour: str) -> str:
    """The style sheet that sets the tokens; on paper the accent stays black, as tokens.css has it."""
    light, dark = palette(colour, LIGHT).css(), palette(colour, DARK).css()
    return (
        f"@media screen{{:root{{{light}}}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in colour]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _towards(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def _rgb(text: str) -> Rgb:
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)
