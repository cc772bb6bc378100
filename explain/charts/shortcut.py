"""How much of each method's map lies on the planted shortcut, with it and without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explain.charts.base import Spec, frame
from explain.palette import Palette

_ROW = 40


def shortcut_chart(results: Mapping[str, Any], palette: Palette) -> Spec:
    """A line a method: the share on the background by the clean and by the planted version, with intervals.

    Parameters
    ----------
    results : mapping
        As `explain.truth.shortcut.compare` gives it.
    """
    order = [line["title"] for line in results["lines"]]
    points = [
        {
            "method": line["title"],
            "version": title,
            "share": line[which]["value"],
            "low": line[which]["interval"][0],
            "high": line[which]["interval"][1],
            "nudge": nudge,
        }
        for line in results["lines"]
        for which, title, nudge in (
            ("clean", "without the shortcut", -7),
            ("planted", "with the shortcut", 7),
        )
    ]
    y = {
        "field": "method",
        "type": "nominal",
        "sort": order,
        "axis": {"title": None, "labelLimit": 220, "domain": False, "ticks": False},
    }
    x = {
        "field": "share",
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {"title": "Mass on the background, as multiples of an even map's", "tickCount": 6},
    }
    colour = {
        "field": "version",
        "type": "nominal",
        "scale": {
            "domain": ["without the shortcut", "with the shortcut"],
            "range": [palette.muted, palette.accent],
        },
        "legend": {"title": None, "orient": "top", "labelColor": palette.text, "labelFontSize": 13},
    }
    layers: list[Spec] = [
        {
            "data": {"values": [{"even": 1}]},
            "mark": {"type": "rule", "color": palette.muted, "strokeDash": [4, 4]},
            "encoding": {"x": {**x, "field": "even"}},
        }
    ]
    for nudge in (-7, 7):
        data = {"values": [point for point in points if point["nudge"] == nudge]}
        layers += [
            {
                "data": data,
                "mark": {"type": "rule", "strokeWidth": 2, "yOffset": nudge},
                "encoding": {
                    "y": y,
                    "x": {**x, "field": "low"},
                    "x2": {"field": "high"},
                    "color": colour,
                },
            },
            {
                "data": data,
                "mark": {"type": "circle", "size": 110, "opacity": 1, "yOffset": nudge},
                "encoding": {"y": y, "x": x, "color": colour},
            },
        ]
    tell = [line["title"] for line in results["lines"] if line["verdict"] == "tells"]
    finding = (
        f"{', '.join(tell)} would have told of the planted shortcut."
        if tell
        else "No method would have told of the planted shortcut."
    )
    return frame(layers, 90 + _ROW * len(order), finding, palette)
