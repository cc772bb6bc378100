"""Which features act together: a table of mean effects, and one pair's effect in every row."""

from __future__ import annotations

import numpy as np

from draw.charts.base import SMALL_TEXT, Spec, axis_title, frame
from draw.charts.lines import SIGNED_POINTS, shade
from draw.palette import Palette
from explain.numbers import exact, points
from explain.overall.interactions import strongest_pair
from models.spec import ModelSpec

CELL = 56
SCATTER = 260


def interaction_chart(spec: ModelSpec, strengths: np.ndarray, target: int, palette: Palette) -> Spec:
    """A cell a pair, with its mean effect in points; on the diagonal what a feature does alone.

    Parameters
    ----------
    spec : ModelSpec
        Names the features and classes.
    strengths : ndarray of shape (n_features, n_features)
        As `explain.overall.interactions.Interactions.strengths` gives them, for the target.
    """
    labels = [feature.label for feature in spec.features]
    largest = max(float(strengths.max()), 1e-9)
    cells = [
        {
            "across": labels[j],
            "down": labels[i],
            "share": float(strengths[i, j]) / largest,
            "text": f"{strengths[i, j] * 100:.1f}",
            "what": f"{labels[i]} alone" if i == j else f"{labels[i]} with {labels[j]}",
        }
        for i in range(len(labels))
        for j in range(i + 1)
    ]
    axis = {"domain": False, "ticks": False, "labelLimit": 110, "grid": False}
    scale = {"paddingInner": 0.06}
    x = {
        "field": "across",
        "type": "nominal",
        "sort": labels,
        "title": None,
        "scale": scale,
        "axis": {**axis, "labelAngle": -30, "labelOverlap": False},
    }
    y = {"field": "down", "type": "nominal", "sort": labels, "title": None, "scale": scale, "axis": axis}
    opacity = {
        "field": "share",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [0, 1], "range": [0.06, 0.55]},
    }
    tooltip = [{"field": "what", "title": "Effect"}, {"field": "text", "title": "Mean size, points"}]
    layers: list[Spec] = [
        {
            "data": {"values": cells},
            "mark": {"type": "rect", "cornerRadius": 4, "color": palette.classes[3]},
            "encoding": {"x": x, "y": y, "fillOpacity": opacity, "tooltip": tooltip},
        },
        {
            "data": {"values": cells},
            "mark": {"type": "text", "fontSize": SMALL_TEXT + 1, "color": palette.text},
            "encoding": {"x": x, "y": y, "text": {"field": "text"}},
        },
    ]
    return frame(layers, CELL * len(labels) + 60, _of_table(spec, strengths, target), palette)


def _of_table(spec: ModelSpec, strengths: np.ndarray, target: int) -> str:
    first, second = strongest_pair(strengths)
    return (
        f"Table of mean effects on the probability of {spec.classes[target]}, in points. The strongest pair is "
        f"{spec.features[first].label} with {spec.features[second].label}: "
        f"{strengths[first, second] * 100:.1f} points on average."
    )


def pair_chart(
    spec: ModelSpec, x: np.ndarray, pair: tuple[int, int], together: np.ndarray, target: int, palette: Palette
) -> Spec:
    """What a pair does together over the first feature's value, full of colour where the second's is high.

    Parameters
    ----------
    x : ndarray of shape (n_rows, n_features)
    pair : tuple of int
        Positions of the two features.
    together : ndarray of shape (n_rows,)
        Probability.
    """
    first, second = (spec.features[index] for index in pair)
    other = x[:, pair[1]]
    low, high = float(other.min()), float(other.max())
    dots = [
        {
            "x": float(row[pair[0]]),
            "y": float(effect),
            "share": (float(row[pair[1]]) - low) / ((high - low) or 1.0),
            "first": exact(first, float(row[pair[0]])),
            "second": exact(second, float(row[pair[1]])),
            "points": points(float(effect)),
        }
        for row, effect in zip(x, together, strict=True)
    ]
    tooltip = [
        {"field": "first", "title": first.label},
        {"field": "second", "title": second.label},
        {"field": "points", "title": "Together"},
    ]
    layer = {
        "data": {"values": dots},
        "mark": {"type": "point", "size": 60, "opacity": 1, "stroke": palette.muted, "strokeWidth": 0.8},
        "encoding": {
            "x": {
                "field": "x",
                "type": "quantitative",
                "title": axis_title(first),
                "scale": {"zero": False},
                "axis": {"grid": False},
            },
            "y": {
                "field": "y",
                "type": "quantitative",
                "title": "Together, in points",
                "axis": {"labelExpr": SIGNED_POINTS, "gridDash": [2, 4]},
            },
            "fill": shade(palette),
            "tooltip": tooltip,
        },
    }
    ends = f"{points(float(together.min()))} to {points(float(together.max()))}"
    description = (
        f"What {first.label} and {second.label} do together for {spec.classes[target]}, row by row: from {ends}. "
        f"The fuller a dot's colour, the higher {second.label}."
    )
    return frame([layer], SCATTER, description, palette)
