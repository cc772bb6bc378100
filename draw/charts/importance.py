"""One measure of importance, a line a feature: rank, name, figure, bar, and the interval where there is one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from draw.charts.base import Spec, frame, row_axis
from draw.charts.lines import BAR, BELOW, headings, height, x_axis
from draw.palette import Palette
from explain.numbers import PER_CENT, signed
from explain.overall.importance import ranks
from models.spec import ModelSpec


def importance_chart(
    spec: ModelSpec,
    title: str,
    unit: str,
    values: np.ndarray,
    order: Sequence[int],
    palette: Palette,
    interval: tuple[np.ndarray, np.ndarray] | None = None,
) -> Spec:
    """Bars from 0, the features in a given order, so that several measures can be laid side by side.

    Parameters
    ----------
    spec : ModelSpec
        Names the features.
    title, unit : str
        Of the measure, for the axis and the description: ``points of accuracy``.
    values : ndarray of shape (n_features,)
        As shares; printed times 100.
    order : sequence of int
        Positions of the features from the top.
    interval : tuple of ndarray of shape (n_features,), optional
        Lower and upper ends.
    """
    rank = ranks(values)
    lines: list[Spec] = [
        {
            "row": row,
            "name": f"{rank[index]}. {spec.features[index].label}",
            "figure": signed(float(values[index]) * 100, 1).removeprefix("+"),
            "weight": "bold" if rank[index] == 1 else "normal",
            "x": float(values[index]),
            "zero": 0.0,
            "low": None if interval is None else float(interval[0][index]),
            "high": None if interval is None else float(interval[1][index]),
        }
        for row, index in enumerate(order)
    ]
    ends = np.concatenate([[0.0], values, *(interval or ())])
    x, y = (
        x_axis(float(ends.min()), float(ends.max()), unit, "format(datum.value * 100, '.0f')"),
        row_axis(len(lines)),
    )
    layers = [_bars(lines, x, y, palette)]
    if interval is not None:
        layers += _whiskers(lines, x, y, palette)
    return frame(
        [*layers, *headings(lines, palette)], height(lines), _description(title, unit, lines), palette
    )


def _bars(lines: list[Spec], x: Spec, y: Spec, palette: Palette) -> Spec:
    bar = {"type": "bar", "orient": "horizontal", "height": BAR, "cornerRadius": 3, "yOffset": BELOW}
    tooltip = [{"field": "name", "title": "Feature"}, {"field": "figure", "title": "Value"}]
    return {
        "data": {"values": lines},
        "mark": {**bar, "color": palette.classes[3]},
        "encoding": {"x": x, "x2": {"field": "zero"}, "y": y, "tooltip": tooltip},
    }


def _whiskers(lines: list[Spec], x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    look = {"color": palette.text, "strokeWidth": 2, "yOffset": BELOW}
    ends = [{**one, "x": one[key]} for one in lines for key in ("low", "high")]
    whisker = {"type": "rule", **look, "y2Offset": BELOW}
    # An outline, because in the dark the line is nearly as light as the bar that it crosses.
    outline = {**whisker, "color": palette.background, "strokeWidth": 6}
    return [
        *(
            {
                "data": {"values": lines},
                "mark": mark,
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
            }
            for mark in (outline, whisker)
        ),
        {
            "data": {"values": ends},
            "mark": {
                "type": "tick",
                "orient": "vertical",
                "color": palette.text,
                "thickness": 2,
                "size": 10,
                "yOffset": BELOW,
            },
            "encoding": {"x": x, "y": y},
        },
    ]


def _description(title: str, unit: str, lines: list[Spec]) -> str:
    parts = []
    for one in lines:
        part = f"{one['name']} {one['figure']}"
        if one["low"] is not None:
            part += (
                f" (95{PER_CENT} interval {signed(one['low'] * 100, 1)} to {signed(one['high'] * 100, 1)})"
            )
        parts.append(part)
    return f"Importance by {title}, in {unit}, with ranks: {'; '.join(parts)}."
