"""Accuracies with their intervals, one below the other on the same scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from draw.charts.base import PERCENT_AXIS, Spec, frame, raw, row_axis
from draw.charts.lines import BELOW, headings, height, x_axis
from draw.palette import Palette
from explain.numbers import PER_CENT


@dataclass(frozen=True, slots=True)
class Measured:
    """An accuracy with the ends of its 95 % interval; `stored` is drawn hollow, what is tried out filled."""

    name: str
    value: float
    low: float
    high: float
    stored: bool


def accuracy_chart(measured: Sequence[Measured], palette: Palette) -> Spec:
    """A line each: name, figure, and a dot on its interval.

    Parameters
    ----------
    measured : sequence of Measured
        From the top.
    palette : Palette
        Of the look that is shown.
    """
    lines = [
        {
            "row": row,
            "name": one.name,
            "figure": f"{one.value * 100:.1f}{PER_CENT}",
            "weight": "normal" if one.stored else "bold",
            "x": one.value,
            "low": one.low,
            "high": one.high,
            "fill": palette.background if one.stored else palette.accent,
        }
        for row, one in enumerate(measured)
    ]
    x = x_axis(min(0.5, *(one.low for one in measured)), 1.0, "Share of rows answered rightly", PERCENT_AXIS)
    y = row_axis(len(lines))
    layers: list[Spec] = [
        {
            "data": {"values": lines},
            "mark": {
                "type": "rule",
                "color": palette.accent,
                "strokeWidth": 2.5,
                "yOffset": BELOW,
                "y2Offset": BELOW,
            },
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        {
            "data": {"values": lines},
            "mark": {
                "type": "point",
                "size": 110,
                "opacity": 1,
                "stroke": palette.accent,
                "strokeWidth": 2.2,
                "yOffset": BELOW,
            },
            "encoding": {"x": x, "y": y, "fill": raw("fill")},
        },
        *headings(lines, palette),
    ]
    return frame(layers, height(lines), _description(measured), palette)


def _description(measured: Sequence[Measured]) -> str:
    parts = "; ".join(
        f"{one.name} {one.value * 100:.1f}{PER_CENT} (95{PER_CENT} interval {one.low * 100:.1f} to "
        f"{one.high * 100:.1f})"
        for one in measured
    )
    return f"Accuracies: {parts}."
