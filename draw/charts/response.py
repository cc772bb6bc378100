"""Response curve: every class's probability along one feature, with the points where it flips."""

from __future__ import annotations

import numpy as np

from data.features import Feature
from draw.charts.base import PERCENT_AXIS, Spec, axis_title, frame, raw, text
from draw.palette import Palette
from explain.numbers import exact, percent, threshold
from explain.rows.response import Response, Segment, finding
from models.spec import ModelSpec

HEIGHT = 300
# The strip of predicted classes lies above the curves, on the same axis.
STRIP = (1.08, 1.2)
NOW = 1.3
# Shorter stretches have no room for their class's name.
ROOM_FOR_NAME = 0.24
# Closer to each other than this share of the range, two labels would meet.
APART = 0.08
# A class that is never more probable than this needs no name at its curve.
WORTH_NAMING = 0.02


def response_chart(
    spec: ModelSpec,
    response: Response,
    palette: Palette,
    training_range: tuple[float, float] | None = None,
) -> Spec:
    """Curves of all classes under a strip that says which one is predicted where.

    Parameters
    ----------
    spec : ModelSpec
        Names the features and classes.
    response : Response
        Along the feature of the x axis.
    palette : Palette
        Of the look that is shown.
    training_range : tuple of float, optional
        Smallest and largest value of the feature among the training rows; shaded, which whoever shows
        the chart has to say.
    """
    feature = spec.features[response.feature]
    x = {
        "field": "x",
        "type": "quantitative",
        "title": axis_title(feature),
        "scale": {"domain": [feature.low, feature.high], "nice": False, "zero": False},
        "axis": {"grid": False, "tickCount": 6},
    }
    y = {
        "field": "y",
        "type": "quantitative",
        "title": "Probability",
        "scale": {"domain": [0, NOW + 0.05], "nice": False},
        "axis": {
            "values": [0, 0.25, 0.5, 0.75, 1],
            "labelExpr": PERCENT_AXIS,
            "gridDash": [2, 4],
            "domain": False,
        },
    }
    layers = [] if training_range is None else [_seen(training_range, x, y, palette)]
    layers += [*_strip(spec, response, x, y, palette), *_curves(spec, response, x, y, palette)]
    layers += _flips(spec, response, x, y, palette)
    layers += _now(spec, response, x, y, palette)
    layers += _names(spec, response, x, y, palette)
    return frame(layers, HEIGHT, finding(spec, response), palette)


def _seen(seen: tuple[float, float], x: Spec, y: Spec, palette: Palette) -> Spec:
    return {
        "data": {"values": [{"x": seen[0], "x2": seen[1], "y": 0, "y2": 1}]},
        "mark": {"type": "rect", "color": palette.surface, "clip": True},
        "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}},
    }


def _strip(spec: ModelSpec, response: Response, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    values = [
        {
            "x": one.begin,
            "x2": one.end,
            "y": STRIP[0],
            "y2": STRIP[1],
            "color": palette.of_class(one.class_index),
            "class": spec.classes[one.class_index],
        }
        for one in response.segments
    ]
    return [
        {
            "data": {"values": values},
            "mark": {
                "type": "rect",
                "clip": True,
                "opacity": 0.28,
                "stroke": palette.background,
                "strokeWidth": 2,
            },
            "encoding": {
                "x": x,
                "x2": {"field": "x2"},
                "y": y,
                "y2": {"field": "y2"},
                "fill": raw("color"),
                "tooltip": [{"field": "class", "title": "Answer"}],
            },
        }
    ]


def _curves(spec: ModelSpec, response: Response, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    """Bold where the answer stays, thin where it jumps; bold all along for a model without jumps."""
    values = [
        {
            "x": float(at),
            "y": float(row[index]),
            "class": name,
            "color": palette.of_class(index),
            "order": order,
            "piece": order // 2 if response.exact else 0,
        }
        for index, name in enumerate(spec.classes)
        for order, (at, row) in enumerate(zip(response.line_values, response.line_probabilities, strict=True))
    ]
    encoding = {
        "x": x,
        "y": y,
        "stroke": raw("color"),
        "order": {"field": "order", "type": "quantitative"},
        "tooltip": [{"field": "class", "title": "Class"}],
    }
    line = {"type": "line", "strokeJoin": "round", "strokeCap": "round", "clip": True}
    pieces = {**encoding, "detail": {"field": "piece", "type": "nominal"}}
    return [
        {"data": {"values": values}, "mark": {**line, "strokeWidth": 1}, "encoding": encoding},
        {"data": {"values": values}, "mark": {**line, "strokeWidth": 3.5}, "encoding": pieces},
    ]


def _flips(spec: ModelSpec, response: Response, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    feature = spec.features[response.feature]
    values: list[Spec] = [
        {"x": flip.at, "y": 0, "y2": STRIP[1], "label": 0.22, "text": threshold(feature, flip.at)}
        for flip in response.flips
    ]
    rule = {"type": "rule", "color": palette.text, "strokeWidth": 1.4, "strokeDash": [5, 4]}
    room, last = APART * (feature.high - feature.low), -np.inf
    labelled: list[Spec] = []
    # Every flip has its rule; where they crowd, some go without their figure.
    for value in values:
        if value["x"] - last >= room:
            labelled.append(value)
            last = value["x"]
    labels = text(labelled, {"x": x, "y": {**y, "field": "label"}}, palette, halo=True, angle=270, dy=-10)
    return [
        {"data": {"values": values}, "mark": rule, "encoding": {"x": x, "y": y, "y2": {"field": "y2"}}},
        *labels,
    ]


def _now(spec: ModelSpec, response: Response, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    at = response.current
    words = f"now {exact(spec.features[response.feature], at)}"
    rule = {"x": at, "y": 0, "y2": STRIP[1], "label": NOW, "text": words}
    line = {"type": "rule", "color": palette.accent, "strokeWidth": 2.5, "clip": True}
    label = {"x": x, "y": {**y, "field": "label"}}
    return [
        {
            "data": {"values": [rule]},
            "mark": line,
            "encoding": {"x": x, "y": y, "y2": {"field": "y2"}},
        },
        _dots(spec, response, x, y, palette),
        *text([rule], label, palette, halo=True, color=palette.accent, fontWeight="bold"),
    ]


def _dots(spec: ModelSpec, response: Response, x: Spec, y: Spec, palette: Palette) -> Spec:
    """A dot on each class's curve at the present value."""
    values = [
        {
            "x": response.current,
            "y": float(probability),
            "color": palette.of_class(index),
            "class": spec.classes[index],
            "share": percent(float(probability)),
        }
        for index, probability in enumerate(response.current_probabilities)
    ]
    look = {"size": 120, "opacity": 1, "stroke": palette.background, "strokeWidth": 2, "clip": True}
    tooltip = [{"field": "class", "title": "Class"}, {"field": "share", "title": "Probability"}]
    return {
        "data": {"values": values},
        "mark": {"type": "point", **look},
        "encoding": {"x": x, "y": y, "fill": raw("color"), "tooltip": tooltip},
    }


def _names(spec: ModelSpec, response: Response, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    """Names on the strip where they have room, else at the class's own curve."""
    feature, channels = spec.features[response.feature], {"x": x, "y": y}
    room = ROOM_FOR_NAME * (feature.high - feature.low)
    wide = [one for one in response.segments if one.end - one.begin >= room]
    on_strip = [
        {
            "x": _beside_now(one, response.current, feature),
            "y": sum(STRIP) / 2,
            "text": spec.classes[one.class_index],
        }
        for one in wide
    ]
    limit = {"expr": f"width * {ROOM_FOR_NAME}"}
    layers = text(on_strip, channels, palette, fontWeight="bold", limit=limit)
    named = {one.class_index for one in wide}
    return layers + _beside(spec, response, named, channels, palette)


def _beside_now(segment: Segment, now: float, feature: Feature) -> float:
    """The middle of a stretch, or beside it where the line of the present value would cross the name."""
    middle, width = (segment.begin + segment.end) / 2, segment.end - segment.begin
    reach = ROOM_FOR_NAME / 2 * (feature.high - feature.low)
    places = (middle, middle - width / 4, middle + width / 4)
    return next((place for place in places if abs(place - now) >= reach), middle)


def _beside(
    spec: ModelSpec, response: Response, named: set[int], channels: Spec, palette: Palette
) -> list[Spec]:
    beside: list[tuple[float, Spec]] = [
        (
            float(height),
            {"x": float(place), "y": float(height), "text": name, "color": palette.of_class(index)},
        )
        for index, (name, (place, height)) in enumerate(zip(spec.classes, response.peaks, strict=True))
        if index not in named and height > WORTH_NAMING
    ]
    mark = {"type": "point", "shape": "square", "size": 90, "opacity": 1, "stroke": palette.background}
    layers: list[Spec] = [
        {
            "data": {"values": [one for _, one in beside]},
            "mark": {**mark, "clip": True},
            "encoding": {**channels, "fill": raw("color")},
        }
    ]
    # A name stands on the side of its curve where the other classes are not, and runs off no edge.
    for side, upper in ((-13, True), (13, False)):
        for align in ("left", "center", "right"):
            some = [
                one
                for height, one in beside
                if (height > 0.5) is upper and _align(one["x"], channels) == align
            ]
            look: Spec = {"fontWeight": "bold", "dy": side, "align": align, "clip": True}
            layers += text(some, channels, palette, halo=True, **look) if some else []
    return layers


def _align(at: float, channels: Spec) -> str:
    """On which side of its place a name has room."""
    low, high = channels["x"]["scale"]["domain"]
    share = (at - low) / (high - low)
    return "left" if share < ROOM_FOR_NAME / 2 else "right" if share > 1 - ROOM_FOR_NAME / 2 else "center"
