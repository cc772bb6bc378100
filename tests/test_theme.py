"""Both looks are complete and legible, also for colour-blind eyes."""

from __future__ import annotations

import itertools
import tomllib

import numpy as np
import pytest

from draw import palette
from tests.conftest import ROOT

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
LOOKS = ("light", "dark")
NAMES = ("red", "orange", "yellow", "blue", "green", "violet", "gray")

# Viénot, Brettel & Mollon 1999: what is left of a linear colour when one kind of cone is missing.
PROTANOPIA = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
DEUTERANOPIA = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])


def linear(colour: str) -> np.ndarray:
    """Linear sRGB channels of ``#RRGGBB``, shape (3,), in [0, 1] (IEC 61966-2-1)."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Relative luminance in [0, 1] (WCAG 2.2)."""
    return float(linear(colour) @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    """Contrast ratio from 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(channels: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB under D65, shape (3,)."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    t = to_xyz @ np.clip(channels, 0, 1) / (0.9505, 1.0, 1.089)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("look", LOOKS)
def test_text_is_legible(look: str) -> None:
    theme = THEME[look]
    for background in ("backgroundColor", "secondaryBackgroundColor"):
        for text in ("textColor", "linkColor", "dataframeHeaderTextColor", *(f"{n}TextColor" for n in NAMES)):
            assert contrast(theme[text], theme[background]) >= 4.5, (text, background)
    for name in (*NAMES, "code"):
        assert contrast(theme[f"{name}TextColor"], theme[f"{name}BackgroundColor"]) >= 4.5, name
    assert contrast(theme["textColor"], theme["sidebar"]["backgroundColor"]) >= 4.5


@pytest.mark.parametrize(("look", "enough"), [("light", 4.5), ("dark", 4.0)])
def test_the_accent_is_legible_as_text_and_under_text(look: str, enough: float) -> None:
    """Streamlit writes in it and writes white on it; on a dark page no colour reaches 4.5 in both."""
    theme = THEME[look]
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= enough
    assert contrast(theme["primaryColor"], "#FFFFFF") >= enough


@pytest.mark.parametrize("look", LOOKS)
def test_chart_colours_are_complete_and_visible(look: str) -> None:
    theme = THEME[look]
    assert len(theme["chartCategoricalColors"]) >= 8
    assert len(theme["chartSequentialColors"]) == len(theme["chartDivergingColors"]) == 10
    for colour in (*theme["chartCategoricalColors"], *(theme[f"{name}Color"] for name in NAMES)):
        assert contrast(colour, theme["backgroundColor"]) >= 3, colour


@pytest.mark.parametrize("look", LOOKS)
def test_ramps_are_ordered(look: str) -> None:
    """A sequential ramp leaves the page step by step; a diverging one is nearest to it in its middle."""
    background = luminance(THEME[look]["backgroundColor"])
    distance = [abs(luminance(colour) - background) for colour in THEME[look]["chartSequentialColors"]]
    assert distance == sorted(distance)
    distance = [abs(luminance(colour) - background) for colour in THEME[look]["chartDivergingColors"]]
    assert distance[:5] == sorted(distance[:5], reverse=True)
    assert distance[5:] == sorted(distance[5:])


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("missing", [PROTANOPIA, DEUTERANOPIA], ids=["protanopia", "deuteranopia"])
def test_colours_stay_apart_for_colour_blind_eyes(look: str, missing: np.ndarray) -> None:
    """The first four, which most charts need, by a clear step; evidence for and against by a wide one."""
    seen = {colour: lab(missing @ linear(colour)) for colour in THEME[look]["chartCategoricalColors"][:4]}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 20, (one, other)
    ends = [lab(missing @ linear(THEME[look]["chartDivergingColors"][i])) for i in (1, -2)]
    assert np.linalg.norm(ends[0] - ends[1]) >= 40


@pytest.mark.parametrize(("look", "colours"), [("light", palette.LIGHT), ("dark", palette.DARK)])
def test_charts_are_drawn_for_this_page(look: str, colours: palette.Palette) -> None:
    theme = THEME[look]
    assert colours.background == theme["backgroundColor"]
    assert colours.text == theme["textColor"]


@pytest.mark.parametrize("option", ["font", "headingFont", "codeFont"])
def test_fonts_are_built_in(option: str) -> None:
    assert THEME[option] in ("sans-serif", "serif", "monospace")
    assert "fontFaces" not in THEME
