"""Bars of the classes' probabilities, now and at the start."""

from __future__ import annotations

import numpy as np

from draw.charts.base import SMALL_TEXT, TEXT_SIZE, Spec, frame, raw, row_axis, text
from draw.palette import Palette
from explain.numbers import percent
from models.spec import ModelSpec

ROW = 56


def probability_chart(
    spec: ModelSpec,
    now: np.ndarray,
    palette: Palette,
    start: np.ndarray | None = None,
    start_is: str = "At the start",
) -> Spec:
    """One bar a class, full width; a mark and a figure show where it was at the start.

    Parameters
    ----------
    spec : ModelSpec
        Names the classes.
    now : ndarray of shape (n_classes,)
        Probabilities of the present row.
    palette : Palette
        Of the look that is shown.
    start : ndarray of shape (n_classes,), optional
        Probabilities before anything was changed.
    start_is : str
        What they are of, for the description.
    """
    rows = _rows(spec, now, start, palette)
    y = row_axis(len(rows))
    x: Spec = {"field": "now", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1]}}
    zero = {"field": "zero"}
    # Two quantitative axes: without orientation and x2, Vega-Lite would draw columns.
    bar = {"type": "bar", "orient": "horizontal", "height": 16, "cornerRadius": 4, "yOffset": 10}
    layers: list[Spec] = [
        {
            "mark": {**bar, "color": palette.surface},
            "encoding": {"x": {**x, "field": "full"}, "x2": zero, "y": y},
        },
        {"mark": bar, "encoding": {"x": x, "x2": zero, "y": y, "color": raw("color")}},
    ]
    if start is not None:
        tick = {"type": "tick", "orient": "vertical", "color": palette.text, "thickness": 2, "size": 24}
        layers.append({"mark": {**tick, "yOffset": 10}, "encoding": {"x": {**x, "field": "start"}, "y": y}})
    tooltip = [{"field": "name", "title": "Class"}, {"field": "figure", "title": "Now"}]
    for layer in layers:
        layer["data"] = {"values": rows}
        layer["encoding"]["tooltip"] = tooltip
    layers += _labels(rows, x, y, palette)
    return frame(layers, ROW * len(rows), _description(spec, now, start, start_is), palette)


def _rows(spec: ModelSpec, now: np.ndarray, start: np.ndarray | None, palette: Palette) -> list[Spec]:
    top = int(np.argmax(now))
    rows = []
    for index, name in enumerate(spec.classes):
        figure = percent(float(now[index]))
        before = None if start is None else percent(float(start[index]))
        rows.append(
            {
                "row": index,
                "name": name,
                "now": float(now[index]),
                "full": 1,
                "zero": 0,
                "start": None if start is None else float(start[index]),
                "color": palette.of_class(index),
                "figure": figure,
                "was": "" if before in (None, figure) else f"was {before}",
                "weight": "bold" if index == top else "normal",
            }
        )
    return rows


def _labels(rows: list[Spec], x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    left, right = {**x, "field": "zero"}, {**x, "field": "full"}
    layers = []
    for weight in ("bold", "normal"):
        some = [row for row in rows if row["weight"] == weight]
        names = [{**row, "text": row["name"]} for row in some]
        figures = [{**row, "text": row["figure"]} for row in some]
        look: Spec = {"dy": -10, "fontSize": TEXT_SIZE + 1, "fontWeight": weight}
        layers += text(names, {"x": left, "y": y}, palette, align="left", **look)
        layers += text(figures, {"x": right, "y": y}, palette, align="right", **look)
    was = [{**row, "text": row["was"]} for row in rows if row["was"]]
    behind: Spec = {"dx": -86, "dy": -10, "fontSize": SMALL_TEXT, "color": palette.muted}
    return layers + text(was, {"x": right, "y": y}, palette, align="right", **behind)


def _description(spec: ModelSpec, now: np.ndarray, start: np.ndarray | None, start_is: str) -> str:
    order = np.argsort(-now, kind="stable")
    listed = ", ".join(f"{spec.classes[i]} {percent(now[i])}" for i in order)
    sentence = f"Bars: the model answers {spec.classes[order[0]]}. Probabilities: {listed}."
    if start is None:
        return sentence
    before = ", ".join(f"{spec.classes[i]} {percent(start[i])}" for i in order)
    return f"{sentence} {start_is}: {before}."
