"""Waterfall: how an attribution leads from the base to the model's answer, feature by feature."""

from __future__ import annotations

import numpy as np

from draw.charts.base import PERCENT_AXIS, Spec, frame, raw, row_axis
from draw.charts.lines import BAR, BELOW, headings, height
from draw.palette import Palette
from draw.waterfall import Stair, Waterfall
from explain.attributions.attribution import Attribution
from explain.numbers import PER_CENT, exact, plural, points, signed
from explain.targets import MarginTarget
from models.spec import ModelSpec

# Column of figures at the right, in pixels.
FIGURES = 104


def waterfall_chart(
    spec: ModelSpec, row: np.ndarray, attribution: Attribution, stairs: Waterfall, palette: Palette
) -> Spec:
    """A row each for the base, the features from the largest, and the sum.

    Parameters
    ----------
    spec : ModelSpec
        Names the features and classes.
    row : ndarray of shape (n_features,)
        The explained row.
    attribution : Attribution
        In units of probability.
    stairs : Waterfall
        Made from the attribution.
    palette : Palette
        Of the look that is shown.
    """
    rows = _rows(spec, row, attribution, stairs, palette)
    levels = [0.0, 1.0, *(level for stair in stairs.stairs for level in (stair.begin, stair.end))]
    # Of one class rather than another the way may lead below zero.
    ticks = [tick / 4 for tick in range(-4, 5) if tick / 4 >= min(levels)]
    y = row_axis(len(rows))
    x = {
        "field": "begin",
        "type": "quantitative",
        "scale": {
            "domain": [min(levels), max(levels)],
            "nice": False,
            "range": [0, {"expr": f"width - {FIGURES}"}],
        },
        "title": f"P{attribution.target.quantity(spec)[1:]}",
        "axis": {"labelExpr": PERCENT_AXIS, "values": ticks, "gridDash": [2, 4]},
    }
    layers = [*_bars(rows, x, y, palette), *headings(rows, palette)]
    return frame(layers, height(rows), _description(spec, attribution, rows), palette)


def _bars(rows: list[Spec], x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    """Bars from where the sum was to where it is, with thin joints from each to the next."""
    joints = [{**one, "next": one["row"] + 1} for one in rows[:-1]]
    return [
        {
            "data": {"values": joints},
            "mark": {
                "type": "rule",
                "color": palette.muted,
                "strokeWidth": 1,
                "yOffset": BELOW,
                "y2Offset": BELOW,
            },
            "encoding": {"x": {**x, "field": "end"}, "y": y, "y2": {"field": "next"}},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "height": BAR, "cornerRadius": 3, "yOffset": BELOW, "strokeWidth": 1.5},
            "encoding": {
                "x": x,
                "x2": {"field": "end"},
                "y": y,
                "fill": raw("color"),
                # A line around it keeps a step of nearly nothing visible.
                "stroke": raw("color"),
                "tooltip": [{"field": "name", "title": "What"}, {"field": "figure", "title": "Change"}],
            },
        },
    ]


def _rows(
    spec: ModelSpec, row: np.ndarray, attribution: Attribution, stairs: Waterfall, palette: Palette
) -> list[Spec]:
    name = attribution.target.words(spec)
    first = {
        "name": "Before any feature is known",
        "begin": 0.0,
        "end": stairs.base,
        "figure": _percent(stairs.base),
        "color": palette.muted,
        "weight": "normal",
    }
    last = {
        "name": f"Sum, for {name}",
        "begin": 0.0,
        "end": stairs.total,
        "figure": _percent(stairs.total),
        "color": palette.text,
        "weight": "bold",
    }
    middle = [
        {
            "name": _named(spec, row, stair),
            "begin": stair.begin,
            "end": stair.end,
            "figure": points(stair.end - stair.begin),
            "color": palette.positive if stair.end >= stair.begin else palette.negative,
            "weight": "normal",
        }
        for stair in stairs.stairs
    ]
    return [{"row": index, **one} for index, one in enumerate([first, *middle, last])]


def _named(spec: ModelSpec, row: np.ndarray, stair: Stair) -> str:
    if len(stair.features) > 1:
        return plural(len(stair.features), "smaller feature")
    feature = spec.features[stair.features[0]]
    return f"{feature.label} {exact(feature, row[stair.features[0]])}"


def _percent(share: float) -> str:
    return f"{signed(share * 100, digits=1).removeprefix('+')}{PER_CENT}"


def _description(spec: ModelSpec, attribution: Attribution, rows: list[Spec]) -> str:
    what = "difference of probabilities" if isinstance(attribution.target, MarginTarget) else "probability"
    parts = "; ".join(f"{one['name']} {one['figure']}" for one in rows[1:-1])
    return (
        f"Waterfall: from {rows[0]['figure']} to a {what} of {rows[-1]['figure']} "
        f"for {attribution.target.words(spec)}. {parts}."
    )
