"""Decision surface: tinted regions of the classes, training rows on them, and where the row stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from explain.charts.base import SHAPES, TEXT_SIZE, Spec, axis_title, frame, raw, text
from explain.nearest_flip import NearestFlip
from explain.numbers import exact, percent
from explain.palette import Palette
from explain.surface import Surface
from models.spec import ModelSpec

HEIGHT = 400


def surface_chart(
    spec: ModelSpec,
    surface: Surface,
    palette: Palette,
    training: tuple[np.ndarray, np.ndarray] | None = None,
    start: np.ndarray | None = None,
    flip: NearestFlip | None = None,
) -> Spec:
    """The surface with the present row, and, where given, training rows, start and nearest flip.

    Parameters
    ----------
    spec : ModelSpec
        Names the features and classes.
    surface : Surface
        Around the present row.
    palette : Palette
        Of the look that is shown.
    training : tuple of ndarray, optional
        Rows of shape (n_rows, n_features) and their classes of shape (n_rows,).
    start : ndarray of shape (n_features,), optional
        The row before anything was changed.
    flip : NearestFlip, optional
        Drawn where it moves nothing but the two features shown; elsewhere the surface is another.
    """
    x, y = (
        _axis(spec, index, channel) for index, channel in ((surface.x_feature, "x"), (surface.y_feature, "y"))
    )
    layers = [*_regions(spec, surface, x, y, palette), _borders(surface, x, y, palette)]
    if training is not None:
        layers.append(_training(spec, surface, training, x, y, palette))
    layers += _names(spec, surface, x, y, palette)
    layers += _stations(spec, surface, x, y, palette, start, flip)
    return frame(layers, HEIGHT, _description(spec, surface), palette)


def _axis(spec: ModelSpec, index: int, channel: str) -> Spec:
    feature = spec.features[index]
    return {
        "field": channel,
        "type": "quantitative",
        "title": axis_title(feature),
        "scale": {"domain": [feature.low, feature.high], "nice": False, "zero": False, "clamp": True},
        "axis": {"grid": False, "tickCount": 6},
    }


def _regions(spec: ModelSpec, surface: Surface, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    values = [
        {
            "x": one.x0,
            "x2": one.x1,
            "y": one.y0,
            "y2": one.y1,
            "color": palette.of_class(one.class_index),
            "probability": one.probability,
            "class": spec.classes[one.class_index],
            "share": percent(one.probability),
        }
        for one in surface.rectangles
    ]
    opacity = {
        "field": "probability",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [1 / max(len(spec.classes), 2), 1], "range": [0.1, 0.34], "clamp": True},
    }
    return [
        {
            "data": {"values": values},
            "mark": {"type": "rect", "clip": True, "stroke": None},
            "encoding": {
                "x": x,
                "x2": {"field": "x2"},
                "y": y,
                "y2": {"field": "y2"},
                "fill": raw("color"),
                "fillOpacity": opacity,
                "tooltip": [
                    {"field": "class", "title": "Answer"},
                    {"field": "share", "title": "Probability"},
                ],
            },
        }
    ]


def _borders(surface: Surface, x: Spec, y: Spec, palette: Palette) -> Spec:
    values = [{"x": x0, "x2": x1, "y": y0, "y2": y1} for x0, y0, x1, y1 in surface.borders]
    return {
        "data": {"values": values},
        "mark": {"type": "rule", "color": palette.muted, "strokeWidth": 1.2, "clip": True},
        "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}},
    }


def _training(
    spec: ModelSpec,
    surface: Surface,
    training: tuple[np.ndarray, np.ndarray],
    x: Spec,
    y: Spec,
    palette: Palette,
) -> Spec:
    rows, classes = training
    values = [
        {
            "x": float(row[surface.x_feature]),
            "y": float(row[surface.y_feature]),
            "class": spec.classes[index],
            "color": palette.of_class(index),
            "shape": SHAPES[index % len(SHAPES)],
        }
        for row, index in zip(rows, classes.tolist(), strict=True)
        if _inside(spec, surface.x_feature, row) and _inside(spec, surface.y_feature, row)
    ]
    return {
        "data": {"values": values},
        "mark": {
            "type": "point",
            "filled": True,
            "size": 60,
            "opacity": 0.85,
            "stroke": palette.background,
            "strokeWidth": 0.8,
        },
        "encoding": {
            "x": x,
            "y": y,
            "fill": raw("color"),
            "shape": raw("shape"),
            "tooltip": [{"field": "class", "title": "Training row"}],
        },
    }


def _inside(spec: ModelSpec, index: int, row: np.ndarray) -> bool:
    return spec.features[index].low <= row[index] <= spec.features[index].high


def _names(spec: ModelSpec, surface: Surface, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    values = [
        {"x": (one.x0 + one.x1) / 2, "y": (one.y0 + one.y1) / 2, "text": spec.classes[one.class_index]}
        for one in surface.largest
    ]
    return text(
        values,
        {"x": x, "y": y},
        palette,
        halo=True,
        fontSize=TEXT_SIZE + 1,
        fontWeight="bold",
        limit={"expr": "width * 0.45"},
    )


def _stations(
    spec: ModelSpec,
    surface: Surface,
    x: Spec,
    y: Spec,
    palette: Palette,
    start: np.ndarray | None,
    flip: NearestFlip | None,
) -> list[Spec]:
    """Start, now and flip: rings of the same size, told apart by filling, dashes and a word."""
    now = _station(surface, surface.row, "now")
    ways: list[Spec] = []
    rings: list[Spec] = []
    words: list[Spec] = []
    side = -1
    if flip is not None and flip.row is not None and flip.after is not None:
        shown = {surface.x_feature, surface.y_feature}
        if shown >= {change.feature for change in flip.changes}:
            target = _station(surface, flip.row, f"flips to {spec.classes[flip.after]}")
            # The two words stand on opposite sides, so that they part even one step from each other.
            side = 1 if target["y"] >= now["y"] else -1
            ways.append(_way(now, target, x, y, palette, [5, 4]))
            rings.append(_ring(target, x, y, palette, palette.background))
            words += _word(target, x, y, palette, dy=-20 * side)
    if start is not None and not np.array_equal(start, surface.row):
        before = _station(surface, start, "start")
        away: Spec = {"dx": -14, "align": "right"} if before["x"] <= now["x"] else {"dx": 14, "align": "left"}
        ways.append(_way(before, now, x, y, palette, [1, 0]))
        rings.append(_ring(before, x, y, palette, palette.background))
        words += _word(before, x, y, palette, **away)
    rings.append(_ring(now, x, y, palette, palette.accent))
    return [*ways, *rings, *words, *_word(now, x, y, palette, dy=20 * side)]


def _station(surface: Surface, row: np.ndarray, word: str) -> Spec:
    return {"x": float(row[surface.x_feature]), "y": float(row[surface.y_feature]), "text": word}


def _way(begin: Spec, end: Spec, x: Spec, y: Spec, palette: Palette, dash: list[int]) -> Spec:
    return {
        "data": {"values": [{"x": begin["x"], "y": begin["y"], "x2": end["x"], "y2": end["y"]}]},
        "mark": {"type": "rule", "color": palette.text, "strokeWidth": 2, "strokeDash": dash, "clip": True},
        "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}},
    }


def _ring(station: Spec, x: Spec, y: Spec, palette: Palette, fill: str) -> Spec:
    ring = {
        "type": "point",
        "size": 200,
        "opacity": 1,
        "fill": fill,
        "stroke": palette.text,
        "strokeWidth": 2.5,
    }
    return {"data": {"values": [station]}, "mark": ring, "encoding": {"x": x, "y": y}}


def _word(station: Spec, x: Spec, y: Spec, palette: Palette, **place: Any) -> list[Spec]:
    return text([station], {"x": x, "y": y}, palette, halo=True, fontWeight="bold", **place)


def _description(spec: ModelSpec, surface: Surface) -> str:
    across, up = spec.features[surface.x_feature], spec.features[surface.y_feature]
    top = int(np.argmax(surface.row_probabilities))
    regions = ", ".join(spec.classes[index] for index in sorted({one.class_index for one in surface.largest}))
    return (
        f"Decision surface over {across.label} ({exact(across, across.low)} to {exact(across, across.high)}) and "
        f"{up.label} ({exact(up, up.low)} to {exact(up, up.high)}), with regions of {regions}. "
        f"At {exact(across, surface.row[surface.x_feature])} and {exact(up, surface.row[surface.y_feature])} "
        f"the answer is {spec.classes[top]}, {percent(surface.row_probabilities[top])}."
    )
