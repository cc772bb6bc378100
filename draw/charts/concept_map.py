"""Response map over two concepts: tinted regions, the decision line, and the present point, which can be moved."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.features import Feature
from draw.charts.base import TEXT_SIZE, Spec, axis_title, frame, raw, text
from draw.palette import Palette
from explain.concepts.concept_map import ConceptMap, finding
from explain.numbers import exact, percent
from models.spec import ModelSpec

HEIGHT = 380
# Name of the selection, and of the fields in which it says what was clicked.
CHOSEN, CHOSEN_X, CHOSEN_Y = "chosen", "at_x", "at_y"


def concept_map_chart(spec: ModelSpec, found: ConceptMap, palette: Palette, movable: bool = True) -> Spec:
    """The map; a click on a cell selects its values.

    Parameters
    ----------
    spec : ModelSpec
        Names the classes.
    found : ConceptMap
    palette : Palette
        Of the look that is shown.
    movable : bool
        Whether cells can be selected, by a parameter `CHOSEN` with the fields `CHOSEN_X` and `CHOSEN_Y`.
    """
    x, y = _axis(found.x, "x"), _axis(found.y, "y")
    cells = _cells(spec, found, x, y, palette)
    if movable:
        select = {"type": "point", "on": "click", "fields": [CHOSEN_X, CHOSEN_Y], "toggle": False}
        cells["params"] = [{"name": CHOSEN, "select": select}]
        cells["mark"]["cursor"] = "pointer"
    layers = [
        # Under the cells, which take the clicks and let it shine through.
        _usual(found, x, y, palette),
        cells,
        *_line(found, x, y, palette),
        *_names(spec, found, x, y, palette),
        *_now(found, x, y, palette),
    ]
    return frame(layers, HEIGHT, finding(spec, found), palette)


def _axis(feature: Feature, channel: str) -> Spec:
    return {
        "field": channel,
        "type": "quantitative",
        "title": axis_title(feature),
        "scale": {"domain": [feature.low, feature.high], "nice": False, "zero": False, "clamp": True},
        "axis": {"grid": False, "tickCount": 6},
    }


def _edges(values: np.ndarray) -> np.ndarray:
    """Where the cells around values end: half way to the neighbours."""
    return np.concatenate([values[:1], (values[1:] + values[:-1]) / 2, values[-1:]])


def _cells(spec: ModelSpec, found: ConceptMap, x: Spec, y: Spec, palette: Palette) -> Spec:
    columns, rows = _edges(found.x_values), _edges(found.y_values)
    values = []
    for (j, i), index in np.ndenumerate(found.classes):
        answer = found.probabilities[j, i]
        values.append(
            {
                "x": float(columns[i]),
                "x2": float(columns[i + 1]),
                "y": float(rows[j]),
                "y2": float(rows[j + 1]),
                CHOSEN_X: float(found.x_values[i]),
                CHOSEN_Y: float(found.y_values[j]),
                "color": palette.of_class(int(index)),
                "probability": round(float(answer[index]), 3),
                "answer": f"{spec.classes[index]}, {'' if found.asked[j, i] else 'about '}{percent(answer[index])}",
                "at": f"{exact(found.x, float(found.x_values[i]))} · {exact(found.y, float(found.y_values[j]))}",
            }
        )
    opacity = {
        "field": "probability",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [1 / max(len(spec.classes), 2), 1], "range": [0.1, 0.5], "clamp": True},
    }
    return {
        "data": {"values": values},
        "mark": {"type": "rect", "clip": True, "stroke": None},
        "encoding": {
            "x": x,
            "x2": {"field": "x2"},
            "y": y,
            "y2": {"field": "y2"},
            "fill": raw("color"),
            "fillOpacity": opacity,
            "tooltip": [{"field": "answer", "title": "Answer"}, {"field": "at", "title": "At"}],
        },
    }


def _usual(found: ConceptMap, x: Spec, y: Spec, palette: Palette) -> Spec:
    """A dashed frame around what the pictures of the training show."""
    (x0, x1), (y0, y1) = found.usual
    return {
        "data": {"values": [{"x": x0, "x2": x1, "y": y0, "y2": y1}]},
        "mark": {
            "type": "rect",
            "stroke": palette.text,
            "strokeDash": [5, 4],
            "strokeWidth": 1.5,
            "clip": True,
            "filled": False,
        },
        "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}},
    }


def _line(found: ConceptMap, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    points = [
        {"x": float(at_x), "y": float(at_y), "piece": number, "order": order}
        for number, piece in enumerate(found.line)
        for order, (at_x, at_y) in enumerate(piece)
    ]
    if not points:
        return []
    return [
        {
            "data": {"values": points},
            "mark": {"type": "line", "color": palette.text, "strokeWidth": 2, "clip": True},
            "encoding": {
                "x": x,
                "y": y,
                "detail": {"field": "piece", "type": "nominal"},
                "order": {"field": "order", "type": "quantitative"},
            },
        }
    ]


def _names(spec: ModelSpec, found: ConceptMap, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    """The classes' names; at an edge of the map they stand inside it."""
    layers = []
    for index, at_x, at_y in found.names:
        across = (at_x - found.x.low) / (found.x.high - found.x.low)
        up = (at_y - found.y.low) / (found.y.high - found.y.low)
        place = {
            "align": "left" if across < 0.1 else "right" if across > 0.9 else "center",
            "dy": -10 if up < 0.1 else 10 if up > 0.9 else 0,
        }
        name = {"x": at_x, "y": at_y, "text": spec.classes[index]}
        layers += _words([name], x, y, palette, fontSize=TEXT_SIZE + 1, **place)
    return layers


def _now(found: ConceptMap, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    station = {"x": found.now[0], "y": found.now[1], "text": "now"}
    ring = {
        "type": "point",
        "size": 200,
        "opacity": 1,
        "fill": palette.accent,
        "stroke": palette.text,
        "strokeWidth": 2.5,
    }
    # Above the ring, and below it where the ring is at the top.
    high = (found.now[1] - found.y.low) / (found.y.high - found.y.low) > 0.9
    return [
        {"data": {"values": [station]}, "mark": ring, "encoding": {"x": x, "y": y}},
        *_words([station], x, y, palette, dy=20 if high else -20),
    ]


def _words(values: list[Spec], x: Spec, y: Spec, palette: Palette, **place: Any) -> list[Spec]:
    return text(values, {"x": x, "y": y}, palette, halo=True, fontWeight="bold", **place)
