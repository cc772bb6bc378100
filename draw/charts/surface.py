"""Decision surface: tinted regions of the classes, training rows on them, and where the row stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from draw.charts.base import SHAPES, TEXT_SIZE, Spec, axis_title, frame, raw, text
from draw.palette import Palette
from explain.numbers import percent
from explain.rows.nearest_flip import NearestFlip
from explain.rows.surface import Rectangle, Surface, finding
from models.spec import ModelSpec

HEIGHT = 400
# Room that a word takes, as shares of the picture's width and height.
WORD = (0.3, 0.12)


def surface_chart(
    spec: ModelSpec,
    surface: Surface,
    palette: Palette,
    training: tuple[np.ndarray, np.ndarray] | None = None,
    start: np.ndarray | None = None,
    flip: NearestFlip | None = None,
    with_row: bool = True,
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
    with_row : bool
        False where the surface itself is the point, and no row is asked about.
    """
    x, y = (
        _axis(spec, index, channel) for index, channel in ((surface.x_feature, "x"), (surface.y_feature, "y"))
    )
    layers = [*_regions(spec, surface, x, y, palette), _borders(surface, x, y, palette)]
    if training is not None:
        layers.append(_training(spec, surface, training, x, y, palette))
    stations = _stations(spec, surface, start, flip)
    layers += _names(spec, surface, stations, x, y, palette)
    if with_row:
        layers += _drawn(stations, x, y, palette)
    return frame(layers, HEIGHT, finding(spec, surface), palette)


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


def _names(
    spec: ModelSpec, surface: Surface, stations: Stations, x: Spec, y: Spec, palette: Palette
) -> list[Spec]:
    """Each class's name in its largest region, at a place where no other word stands."""
    taken = [(one["x"], one["y"]) for one in stations.all()]
    values = []
    for one in surface.largest:
        at = _free_place(one, taken, x["scale"]["domain"], y["scale"]["domain"])
        taken.append(at)
        values.append({"x": at[0], "y": at[1], "text": spec.classes[one.class_index]})
    return text(
        values,
        {"x": x, "y": y},
        palette,
        halo=True,
        fontSize=TEXT_SIZE + 1,
        fontWeight="bold",
        limit={"expr": "width * 0.45"},
    )


def _free_place(
    region: Rectangle, taken: list[tuple[float, float]], across: list[float], up: list[float]
) -> tuple[float, float]:
    """The place nearest the middle of a region where a word meets no other, else the emptiest."""

    def room(place: tuple[float, float]) -> float:
        return min(
            (
                max(
                    abs(place[0] - a) / (WORD[0] * (across[1] - across[0])),
                    abs(place[1] - b) / (WORD[1] * (up[1] - up[0])),
                )
                for a, b in taken
            ),
            default=1.0,
        )

    places = [
        (region.x0 + i * (region.x1 - region.x0), region.y0 + j * (region.y1 - region.y0))
        for j in (0.5, 0.3, 0.7, 0.12, 0.88)
        for i in (0.5, 0.35, 0.65)
    ]
    return next((place for place in places if room(place) >= 1), max(places, key=room))


@dataclass(frozen=True, slots=True)
class Stations:
    """Where the row is, was, and would flip; `flip_is_above` says which of the words stands on top."""

    now: Spec
    start: Spec | None
    flip: Spec | None
    flip_is_above: bool

    def all(self) -> list[Spec]:
        """Those that there are."""
        return [one for one in (self.now, self.start, self.flip) if one is not None]


def _stations(
    spec: ModelSpec, surface: Surface, start: np.ndarray | None, flip: NearestFlip | None
) -> Stations:
    now = _station(surface, surface.row, "now")
    before = target = None
    if flip is not None and flip.row is not None and flip.after is not None:
        shown = {surface.x_feature, surface.y_feature}
        if shown >= {change.feature for change in flip.changes}:
            target = _station(surface, flip.row, f"flips to {spec.classes[flip.after]}")
    if start is not None and not np.array_equal(start, surface.row):
        before = _station(surface, start, "start")
    # The two words stand on opposite sides, so that they part even one step from each other.
    return Stations(now, before, target, target is not None and target["y"] >= now["y"])


def _station(surface: Surface, row: np.ndarray, word: str) -> Spec:
    return {"x": float(row[surface.x_feature]), "y": float(row[surface.y_feature]), "text": word}


def _drawn(stations: Stations, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    """Start, now and flip: rings of the same size, told apart by filling, dashes and a word."""
    now, side = stations.now, 1 if stations.flip_is_above else -1
    ways: list[Spec] = []
    rings: list[Spec] = []
    words: list[Spec] = []
    if stations.flip is not None:
        ways.append(_way(now, stations.flip, x, y, palette, [5, 4]))
        rings.append(_ring(stations.flip, x, y, palette, palette.background))
        words += _word(stations.flip, x, y, palette, dy=-20 * side, **_inwards(stations.flip, x))
    if stations.start is not None:
        left = stations.start["x"] <= now["x"]
        away: Spec = {"dx": -14, "align": "right"} if left else {"dx": 14, "align": "left"}
        ways.append(_way(stations.start, now, x, y, palette, [1, 0]))
        rings.append(_ring(stations.start, x, y, palette, palette.background))
        words += _word(stations.start, x, y, palette, **away)
    rings.append(_ring(now, x, y, palette, palette.accent))
    words += _word(now, x, y, palette, dy=20 * side, **_inwards(now, x))
    return [*ways, *rings, *words]


def _inwards(station: Spec, x: Spec) -> Spec:
    """Near an edge of the picture a word begins or ends at its ring, so that none of it is cut off."""
    low, high = x["scale"]["domain"]
    share = (station["x"] - low) / (high - low)
    return {"align": "left" if share < WORD[0] / 2 else "right" if share > 1 - WORD[0] / 2 else "center"}


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
