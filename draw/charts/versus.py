"""Two attributions of the same row for the same class, on one scale."""

from __future__ import annotations

import numpy as np

from draw.charts.base import Spec, frame, raw, row_axis
from draw.charts.lines import SIGNED_POINTS, headings, height, x_axis
from draw.palette import Palette
from explain.attributions.attribution import Attribution
from explain.numbers import exact, points
from models.spec import ModelSpec

# Where the two bars of a line stand and how high they are, in pixels.
BARS = (4, 18)
THICK = 11


def versus_chart(
    spec: ModelSpec,
    row: np.ndarray,
    attributions: tuple[Attribution, Attribution],
    names: tuple[str, str],
    palette: Palette,
) -> Spec:
    """A line a feature, on it a filled bar for the first model and a hollow one for the second.

    Parameters
    ----------
    spec : ModelSpec
        Names the features and classes.
    row : ndarray of shape (n_features,)
        The explained row.
    attributions : tuple of Attribution
        By the same method for the same class, in units of probability.
    names : tuple of str
        What the models are called.
    palette : Palette
        Of the look that is shown.
    """
    values = np.array([one.values for one in attributions])
    order = np.argsort(-np.abs(values).max(axis=0), kind="stable")
    lines = [
        {
            "row": line,
            "name": f"{spec.features[index].label} {exact(spec.features[index], float(row[index]))}",
            "figure": " | ".join(points(float(value)).removesuffix(" points") for value in values[:, index]),
            "weight": "normal",
        }
        for line, index in enumerate(order)
    ]
    reach = max(0.01, float(np.abs(values).max(initial=0.0)))
    target = attributions[0].target.words(spec)
    title = f"Change of the probability of {target}, in points"
    x = x_axis(-reach, reach, title, SIGNED_POINTS)
    y = row_axis(len(lines))
    layers: list[Spec] = [
        {
            "data": {"values": [{"x": 0}]},
            "mark": {"type": "rule", "color": palette.muted, "strokeWidth": 1},
            "encoding": {"x": x},
        }
    ]
    for model, offset in enumerate(BARS):
        layers.append(_bars(values[model][order], offset, model == 0, x, y, palette))
    layers += headings(lines, palette)
    return frame(layers, height(lines), _description(spec, lines, names, target), palette)


def _bars(values: np.ndarray, offset: int, filled: bool, x: Spec, y: Spec, palette: Palette) -> Spec:
    bars = []
    for row, value in enumerate(values.tolist()):
        colour = palette.positive if value >= 0 else palette.negative
        fill = colour if filled else palette.background
        bars.append({"row": row, "x": value, "zero": 0.0, "color": colour, "fill": fill})
    return {
        "data": {"values": bars},
        "mark": {
            "type": "bar",
            "orient": "horizontal",
            "height": THICK,
            "yOffset": offset,
            "strokeWidth": 1.8,
            "cornerRadius": 2,
        },
        "encoding": {
            "x": x,
            "x2": {"field": "zero"},
            "y": y,
            "fill": raw("fill"),
            "stroke": raw("color"),
        },
    }


def _description(spec: ModelSpec, lines: list[Spec], names: tuple[str, str], target: str) -> str:
    parts = "; ".join(f"{one['name']}: {one['figure']}" for one in lines)
    return (
        f"Attributions for {target} in points, {names[0]} (filled) and {names[1]} (hollow): {parts}. "
        f"{len(lines)} features."
    )
