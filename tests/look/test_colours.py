"""Accent colours: whatever is chosen can be read, in light and in dark."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp import assets
from webapp.look import colours
from webapp.look.colours import DARK, LIGHT, Scheme, contrast, palette

SOME = ["#000000", "#ffffff", "#ffff00", "#0000ff", "#7f7f7f", "#0b5f5f", "#ff9c8f", "#12ab34"]
any_colour = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def tokens(scheme: Scheme) -> dict[str, str]:
    sheet = (assets.FOLDER / "css" / "tokens.css").read_text(encoding="utf-8")
    light, dark, _ = (dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", block))
                      for block in re.split("@media", sheet))  # fmt: skip
    return light if scheme is LIGHT else dark


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_the_schemes_are_those_of_the_tokens(scheme: Scheme) -> None:
    own = tokens(scheme)
    for name in ("paper", "surface", "ink", "danger"):
        assert getattr(scheme, name) == own[name], name


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@given(colour=any_colour | st.sampled_from(SOME))
def test_whatever_is_chosen_can_be_read(scheme: Scheme, colour: str) -> None:
    made, own = palette(colour, scheme), tokens(scheme)
    for accent in (made.accent, made.accent_strong):
        assert contrast(made.on_accent, accent) >= 4.5
        for ground in (own["paper"], own["surface"], made.tint):
            assert contrast(accent, ground) >= 4.5
    for text in ("ink", "ink-soft", "danger"):
        assert contrast(own[text], made.tint) >= 4.5, text
    assert contrast(own["border"], made.tint) >= 3


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert palette("#1d4ed8", LIGHT).accent == "#1d4ed8"
    assert colours.is_moved("#ffff00")
    assert "--accent:#1d4ed8;" in colours.style_sheet("#1d4ed8")
