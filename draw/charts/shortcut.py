"""The planted shortcut: what both versions call pictures with the tint, and how much of each map lies on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from draw.charts.base import PERCENT_AXIS, Spec, frame
from draw.palette import Palette

_ROW = 40
_VERSIONS = {"clean": ("without the shortcut", -7), "planted": ("with the shortcut", 7)}


def answers_chart(answers: Sequence[Mapping[str, Any]], target: str, palette: Palette) -> Spec:
    """A line a kind of picture: the share that each version calls by the target's name, with intervals.

    Parameters
    ----------
    answers : sequence of mapping
        As `explain.truth.shortcut_pair.answers` gives it for the versions ``planted`` and ``clean``.
    target : str
        The tinted class.
    """
    looks = {"plain": "as it is", "tinted": "with the tint"}
    points = [
        _point(f"{one['kind']}, {words}", which, one[which][look]["share"], one[which][look]["interval"])
        for one in answers
        for look, words in looks.items()
        for which in _VERSIONS
    ]
    x = {
        "field": "value",
        "type": "quantitative",
        # A dot at either end keeps clear of the names beside it.
        "scale": {"domain": [-0.03, 1.03], "nice": False},
        "axis": {
            "title": f"Called {target}, share of the pictures",
            "values": [0, 0.25, 0.5, 0.75, 1],
            "labelExpr": PERCENT_AXIS,
        },
    }
    fooled = next(one for one in answers if one["kind"] != target)
    finding = (
        f"Of {fooled['pictures']} held-out pictures of a {fooled['kind']} with the tint, "
        f"{fooled['planted']['tinted']['called']} are called {target} by the version with the shortcut and "
        f"{fooled['clean']['tinted']['called']} by the one without."
    )
    return _pairs(points, x, [], finding, palette)


def shortcut_chart(asked: Mapping[str, Any], palette: Palette) -> Spec:
    """A line a method: the share on the background by the clean and by the planted version, with intervals.

    Parameters
    ----------
    asked : mapping
        One kind's part of what `explain.truth.shortcut.compare` gives.
    """
    lines = asked["lines"]
    points = [
        _point(line["title"], which, line[which]["value"], line[which]["interval"])
        for line in lines
        for which in _VERSIONS
    ]
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {"title": "Mass on the background (1: even map)", "tickCount": 6},
    }
    even: Spec = {
        "data": {"values": [{"even": 1}]},
        "mark": {"type": "rule", "color": palette.muted, "strokeDash": [4, 4]},
        "encoding": {"x": {**x, "field": "even"}},
    }
    tell = [line["title"] for line in lines if line["verdict"] == "tells"]
    told = ", ".join(tell) if tell else "No method"
    finding = f"Asked about a {asked['kind']} with the tint, {told} would have told of the planted shortcut."
    return _pairs(points, x, [even], finding, palette)


def _point(row: str, which: str, value: float, interval: Sequence[float]) -> Spec:
    version, nudge = _VERSIONS[which]
    low, high = interval
    return {"row": row, "version": version, "value": value, "low": low, "high": high, "nudge": nudge}


def _pairs(points: Sequence[Spec], x: Spec, below: Sequence[Spec], finding: str, palette: Palette) -> Spec:
    """Two dots with their intervals on each line, one a version."""
    rows = list(dict.fromkeys(point["row"] for point in points))
    y = {
        "field": "row",
        "type": "nominal",
        "sort": rows,
        "axis": {"title": None, "labelLimit": 220, "domain": False, "ticks": False},
    }
    colour = {
        "field": "version",
        "type": "nominal",
        "scale": {
            "domain": [version for version, _ in _VERSIONS.values()],
            "range": [palette.muted, palette.accent],
        },
        # One below the other: side by side they are cut off on a narrow screen.
        "legend": {
            "title": None,
            "orient": "top",
            "direction": "vertical",
            "labelColor": palette.text,
            "labelFontSize": 13,
        },
    }
    layers = list(below)
    for _, nudge in _VERSIONS.values():
        data = {"values": [point for point in points if point["nudge"] == nudge]}
        ends = {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": colour}
        layers += [
            {
                "data": data,
                "mark": {"type": "rule", "strokeWidth": 2, "yOffset": nudge},
                "encoding": ends,
            },
            {
                "data": data,
                "mark": {"type": "circle", "size": 110, "opacity": 1, "yOffset": nudge},
                "encoding": {"y": y, "x": x, "color": colour},
            },
        ]
    return frame(layers, 110 + _ROW * len(rows), finding, palette)
