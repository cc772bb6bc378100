"""Which concepts matter overall: a bar each for the total index, a mark for what it explains alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from draw.charts.base import PERCENT_AXIS, Spec, frame, row_axis, text
from draw.palette import Palette
from explain.numbers import inside_sentence, percent

_ROW = 34


def concept_importance_chart(concepts: Sequence[Mapping[str, Any]], kind: str, palette: Palette) -> Spec:
    """Bars, the largest first, with intervals of 95 %.

    Parameters
    ----------
    concepts : sequence of mapping
        Of one kind, as `explain.concepts.concept_importance.measure` gives them.
    kind : str
        Whose scenes they are.
    palette : Palette
        Of the look that is shown.
    """
    ranked = sorted(concepts, key=lambda one: -one["total"])
    values = [
        {
            "row": row,
            "text": one["label"],
            "first": _inside(one["first"]),
            "total": _inside(one["total"]),
            "zero": 0.0,
            "low": _inside(one["total_interval"][0]),
            "high": _inside(one["total_interval"][1]),
            "alone": percent(_inside(one["first"])),
            "whole": percent(_inside(one["total"])),
        }
        for row, one in enumerate(ranked)
    ]
    y = row_axis(len(values))
    x = {
        "type": "quantitative",
        "title": "Share of the logit's variance",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"labelExpr": PERCENT_AXIS, "tickCount": 5, "gridDash": [2, 4]},
    }
    tips = [
        {"field": "text", "title": "Concept"},
        {"field": "alone", "title": "Alone"},
        {"field": "whole", "title": "With all that it does together with others"},
    ]
    data = {"values": values}
    # Both axes are numbers, so without an orientation Vega-Lite may draw the bars upright.
    bar = {"type": "bar", "orient": "horizontal", "color": palette.accent, "height": 12, "yOffset": 7}
    layers = [
        {
            "data": data,
            "mark": {**bar, "opacity": 0.35},
            "encoding": {"x": {**x, "field": "total"}, "x2": {"field": "zero"}, "y": y, "tooltip": tips},
        },
        {
            "data": data,
            "mark": bar,
            "encoding": {"x": {**x, "field": "first"}, "x2": {"field": "zero"}, "y": y, "tooltip": tips},
        },
        {
            "data": data,
            "mark": {"type": "rule", "color": palette.text, "strokeWidth": 1.5, "yOffset": 7, "y2Offset": 7},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        *text(values, {"x": {"value": 0}, "y": y}, palette, halo=True, align="left", dx=2, dy=-8),
    ]
    return frame(layers, _ROW * len(values) + 50, _description(ranked, kind), palette)


def _inside(share: float) -> float:
    """An estimate on the axis: sampling can put it a little outside."""
    return min(max(float(share), 0.0), 1.0)


def _description(ranked: Sequence[Mapping[str, Any]], kind: str) -> str:
    named = [f"{inside_sentence(one['label'])} {percent(_inside(one['total']))}" for one in ranked[:3]]
    return f"Over scenes ({kind}), most of the answer's variance hangs on {', '.join(named)}."
