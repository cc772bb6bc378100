"""Two attributions of features beside one another: a line a feature, with A at one end and B at the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from draw.charts.base import Spec, frame, text
from draw.palette import Palette

_ROW = 44


def comparison_chart(
    labels: Sequence[str], a: np.ndarray, b: np.ndarray, units: str, palette: Palette
) -> Spec:
    """Draw two attributions on one scale.

    Parameters
    ----------
    labels : sequence of str
        A name for each feature.
    a, b : ndarray of shape (n_features,)
        Signed values in the same units.
    units : str
        Of the values.
    """
    rows = [
        {"feature": name, "a": float(one), "b": float(other)}
        for name, one, other in zip(labels, a, b, strict=True)
    ]
    y = {
        "field": "feature",
        "type": "nominal",
        "sort": list(labels),
        "axis": {"title": None, "labelLimit": 200, "domain": False, "ticks": False},
    }
    scale = {"type": "quantitative", "axis": {"title": f"Contribution ({units})", "tickCount": 6}}
    dots = [
        {"feature": row["feature"], "value": row[side], "text": side.upper()}
        for row in rows
        for side in ("a", "b")
    ]
    at = {"y": y, "x": {"field": "value", **scale}}
    layers: list[Spec] = [
        {
            "data": {"values": [{"zero": 0}]},
            "mark": {"type": "rule", "color": palette.muted, "strokeDash": [3, 3]},
            "encoding": {"x": {"field": "zero", **scale}},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "rule", "strokeWidth": 3, "color": palette.grid},
            "encoding": {"y": y, "x": {"field": "a", **scale}, "x2": {"field": "b"}},
        },
        {
            "data": {"values": dots},
            "mark": {"type": "circle", "size": 420, "opacity": 1},
            "encoding": {
                **at,
                "color": {
                    "field": "text",
                    "type": "nominal",
                    "scale": {"domain": ["A", "B"], "range": [palette.muted, palette.accent]},
                    "legend": None,
                },
            },
        },
        *text(dots, at, palette, color=palette.background, fontWeight="bold", align="center"),
    ]
    widest = int(np.argmax(np.abs(a - b)))
    finding = f"{labels[widest]} differs most: {a[widest]:+.3g} {units} in A and {b[widest]:+.3g} in B."
    return frame(layers, 60 + _ROW * len(labels), finding, palette)
