"""Ranges: what many equally good models say of each feature, a dot a model, and one model marked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from draw.beeswarm_layout import offsets
from draw.charts.base import Spec, frame, row_axis
from draw.charts.lines import BELOW, headings, height, x_axis
from draw.palette import Palette
from explain.numbers import signed
from models.spec import ModelSpec

REACH = 0.2


def range_chart(
    spec: ModelSpec, values: np.ndarray, marked: np.ndarray, what: str, order: Sequence[int], palette: Palette
) -> Spec:
    """A line a feature with a dot a model, from the lowest to the highest.

    Parameters
    ----------
    spec : ModelSpec
        Names the features.
    values : ndarray of shape (n_models, n_features)
        Shares; printed times 100.
    marked : ndarray of shape (n_features,)
        The same of the model that is compared with; a ring.
    what : str
        Title of the axis.
    order : sequence of int
        Positions of the features from the top.
    palette : Palette
        Of the look that is shown.
    """
    low, high = values.min(axis=0), values.max(axis=0)
    lines = [
        {
            "row": row,
            "name": spec.features[index].label,
            "figure": f"{_hundredfold(low[index])} to {_hundredfold(high[index])}",
            "weight": "normal",
            "low": float(low[index]),
            "high": float(high[index]),
            "x": float(marked[index]),
        }
        for row, index in enumerate(order)
    ]
    ends = (min(0.0, float(low.min()), float(marked.min())), max(0.0, float(high.max()), float(marked.max())))
    margin = (ends[1] - ends[0]) * 0.03
    x = x_axis(ends[0] - margin, ends[1] + margin, what, "format(datum.value * 100, '.0f')")
    y = row_axis(len(lines))
    dots = [
        {"x": float(value), "row": row + float(up) * REACH}
        for row, index in enumerate(order)
        for value, up in zip(values[:, index], offsets(values[:, index], *ends), strict=True)
    ]
    layers: list[Spec] = [
        {
            "data": {"values": lines},
            "mark": {
                "type": "rule",
                "color": palette.grid,
                "strokeWidth": 10,
                "strokeCap": "round",
                "yOffset": BELOW,
                "y2Offset": BELOW,
            },
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        {
            "data": {"values": dots},
            "mark": {
                "type": "point",
                "filled": True,
                "size": 36,
                "opacity": 0.75,
                "color": palette.classes[3],
                "yOffset": BELOW,
            },
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": lines},
            "mark": {
                "type": "point",
                "shape": "diamond",
                "size": 170,
                "opacity": 1,
                "fill": palette.background,
                "stroke": palette.text,
                "strokeWidth": 2.2,
                "yOffset": BELOW,
            },
            "encoding": {"x": x, "y": y},
        },
        *headings(lines, palette),
    ]
    parts = "; ".join(f"{one['name']} {one['figure']}" for one in lines)
    description = f"{what}, over {len(values)} models, lowest to highest: {parts}."
    return frame(layers, height(lines), description, palette)


def _hundredfold(share: float) -> str:
    return signed(float(share) * 100, 1).removeprefix("+")
