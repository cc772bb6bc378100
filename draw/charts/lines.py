"""Charts of lines: on each a name at the left, a figure at the right, and below both what is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from draw.charts.base import SMALL_TEXT, TEXT_SIZE, Spec, row_axis, text
from draw.palette import Palette

LINE = 54
# How far what is drawn lies below the middle of its line, and its height, in pixels.
BELOW = 10
BAR = 18
# Mean width of a figure's letter at `TEXT_SIZE`, in bold, in pixels.
LETTER = 8.2
# Ticks of a change in points: +20, 0, −20.
SIGNED_POINTS = "(datum.value > 0 ? '+' : '') + format(datum.value * 100, '.0f')"


def headings(lines: Sequence[Spec], palette: Palette) -> list[Spec]:
    """Layers with the names and figures of lines.

    Parameters
    ----------
    lines : sequence of dict
        Each with ``row`` (from 0), ``name``, ``figure`` and ``weight`` (``bold`` or ``normal``).
    """
    y, layers = row_axis(len(lines)), []
    # A name may take all that its own figure leaves.
    room = {"expr": f"max(width - 10 - {LETTER} * length(datum.figure), 40)"}
    for weight in ("bold", "normal"):
        some = [one for one in lines if one["weight"] == weight]
        look: Spec = {"dy": -BELOW, "fontSize": TEXT_SIZE, "fontWeight": weight}
        names, figures = ([{**one, "text": one[field]} for one in some] for field in ("name", "figure"))
        layers += text(
            names, {"x": {"value": 0}, "y": y}, palette, halo=True, align="left", limit=room, **look
        )
        layers += text(figures, {"x": {"value": "width"}, "y": y}, palette, halo=True, align="right", **look)
    return layers


def height(lines: Sequence[Spec], with_axis: bool = True) -> int:
    """Pixels that the lines take, with an axis and its title below them."""
    return LINE * len(lines) + (SMALL_TEXT * 4 if with_axis else 8)


def x_axis(low: float, high: float, title: str, figures: str) -> Spec:
    """The x channel on the field ``x``; never of no width.

    Parameters
    ----------
    figures : str
        Vega expression of a tick's text, from ``datum.value``.
    """
    return {
        "field": "x",
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [low, high if high > low else low + 1], "nice": False, "zero": False},
        "axis": {"labelExpr": figures, "tickCount": 5, "gridDash": [2, 4], "domain": False},
    }


def shade(palette: Palette) -> Spec:
    """The fill channel on the field ``share``, from 0 (hardly any colour) to 1 (full colour)."""
    return {
        "field": "share",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [0, 1], "range": [palette.surface, palette.accent], "interpolate": "rgb"},
    }
