"""Beeswarm: every row's attribution of every feature, full of colour where the feature's value is high.

After the summary plot of S. Lundberg et al., "From local explanations to global understanding with
explainable AI for trees", Nature Machine Intelligence 2, 2020.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from draw.beeswarm_layout import offsets
from draw.charts.base import Spec, frame, row_axis
from draw.charts.lines import BELOW, SIGNED_POINTS, headings, height, shade, x_axis
from draw.palette import Palette
from explain.numbers import exact, points, signed
from models.spec import ModelSpec

# Half the height of a line's pile, in lines.
REACH = 0.26


def beeswarm_chart(
    spec: ModelSpec, x: np.ndarray, values: np.ndarray, target: int, order: Sequence[int], palette: Palette
) -> Spec:
    """A line a feature, a dot a row.

    Parameters
    ----------
    spec : ModelSpec
        Names the features and classes.
    x : ndarray of shape (n_rows, n_features)
        The rows.
    values : ndarray of shape (n_rows, n_features)
        Their attributions for the target, in probability.
    target : int
        Position of the class.
    order : sequence of int
        Positions of the features from the top.
    palette : Palette
        Of the look that is shown.
    """
    sizes = np.abs(values).mean(axis=0)
    lines = [
        {
            "row": row,
            "name": spec.features[index].label,
            "figure": f"{signed(sizes[index] * 100, 1).removeprefix('+')} points on average",
            "weight": "normal",
        }
        for row, index in enumerate(order)
    ]
    reach = max(0.01, float(np.abs(values).max(initial=0.0)))
    title = f"Change of the probability of {spec.classes[target]}, in points"
    across = x_axis(-reach, reach, title, SIGNED_POINTS)
    y = row_axis(len(lines))
    layers = [_zero(across, palette), _dots(spec, x, values, order, reach, across, y, palette)]
    return frame(
        [*layers, *headings(lines, palette)],
        height(lines),
        _description(spec, lines, values, target),
        palette,
    )


def _zero(x: Spec, palette: Palette) -> Spec:
    return {
        "data": {"values": [{"x": 0}]},
        "mark": {"type": "rule", "color": palette.muted, "strokeWidth": 1},
        "encoding": {"x": x},
    }


def _dots(
    spec: ModelSpec,
    x: np.ndarray,
    values: np.ndarray,
    order: Sequence[int],
    reach: float,
    across: Spec,
    y: Spec,
    palette: Palette,
) -> Spec:
    dots = []
    for row, index in enumerate(order):
        column = x[:, index]
        low, high = float(column.min()), float(column.max())
        share = (column - low) / (high - low) if high > low else np.full(len(column), 0.5)
        away = offsets(values[:, index], -reach, reach) * REACH
        for at, up, own, value in zip(values[:, index], away, share, column, strict=True):
            dots.append(
                {
                    "x": round(float(at), 6),
                    "row": round(row + float(up), 4),
                    "share": round(float(own), 3),
                    "feature": spec.features[index].label,
                    "value": exact(spec.features[index], float(value)),
                    "points": points(float(at)),
                }
            )
    tooltip = [
        {"field": "feature", "title": "Feature"},
        {"field": "value", "title": "Value"},
        {"field": "points", "title": "Change"},
    ]
    mark = {"type": "point", "size": 34, "opacity": 1, "strokeWidth": 0.7, "yOffset": BELOW}
    return {
        "data": {"values": dots},
        "mark": {**mark, "stroke": palette.muted},
        "encoding": {"x": across, "y": y, "fill": shade(palette), "tooltip": tooltip},
    }


def _description(spec: ModelSpec, lines: list[Spec], values: np.ndarray, target: int) -> str:
    parts = "; ".join(f"{one['name']} {one['figure']}" for one in lines)
    return (
        f"Beeswarm of TreeSHAP values of {len(values)} rows for {spec.classes[target]}, mean size by feature: "
        f"{parts}. The fuller a dot's colour, the higher the feature's value."
    )
