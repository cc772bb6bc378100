"""The truth bar: what every part really does, and beside it how much each map makes of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from draw.charts.base import SMALL_TEXT, TEXT_SIZE, Spec, frame, raw, row_axis, text
from draw.palette import Palette
from explain.numbers import percent, signed
from explain.truth.part_agreement import PartAgreement
from explain.truth.part_effects import PartEffects

ROW = 58
# Column of figures at the right, in pixels.
FIGURES = 96
AXIS = "format(abs(datum.value) * 100, '.0f') + ' %'"


def part_effects_chart(
    parts: PartEffects, maps: Mapping[str, PartAgreement], chosen: str, target: str, palette: Palette
) -> Spec:
    """A row for each part: a bar for its effect, and a mark for its weight in each map.

    Both are shares of all parts' together, so that maps in any unit can be laid beside the effects. A map
    without signs has its marks on the side of the bar, because it says only how much.

    Parameters
    ----------
    parts : PartEffects
        At least one.
    maps : mapping of str to PartAgreement
        By the methods' titles.
    chosen : str
        The title of the map that is shown large.
    target : str
        The class that is explained.
    palette : Palette
        Of the look that is shown.
    """
    total = float(np.abs(parts.effects).sum()) or 1.0
    rows = [
        {
            "row": row,
            "name": one.title,
            "area": f"{percent(parts.shares[row])} of the picture",
            "zero": 0,
            "share": float(parts.effects[row]) / total,
            "figure": f"{signed(parts.effects[row], 2)} logits",
            "color": palette.positive if parts.effects[row] >= 0 else palette.negative,
        }
        for row, one in enumerate(parts.interventions)
    ]
    marks = [mark for title, found in maps.items() for mark in _marks(parts, title, found)]
    values = [0.0, *(one["share"] for one in [*rows, *marks])]
    x: Spec = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [min(values), max(values)], "range": [0, {"expr": f"width - {FIGURES}"}]},
        # Short: on a telephone, a title wider than the chart would leave no room for the bars.
        "title": "← against · share of the whole · for →",
        "axis": {"labelExpr": AXIS, "gridDash": [2, 4], "tickCount": 5},
    }
    y = row_axis(len(rows))
    layers = [*_bars(rows, x, y, palette), *_dots(marks, chosen, x, y, palette), *_labels(rows, y, palette)]
    described = _description(parts, maps[chosen], chosen, target)
    return frame(layers, ROW * len(rows) + SMALL_TEXT * 4, described, palette)


def _marks(parts: PartEffects, title: str, found: PartAgreement) -> list[Spec]:
    sides = np.sign(found.masses if found.has_signs else parts.effects)
    return [
        {"row": row, "method": title, "share": float(side * weight), "figure": percent(weight)}
        for row, (side, weight) in enumerate(zip(sides, found.weights, strict=True))
    ]


def _bars(rows: list[Spec], x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    tooltip = [{"field": "name", "title": "Change"}, {"field": "figure", "title": "Effect"}]
    # Two quantitative axes: without orientation, Vega-Lite would draw columns.
    bar = {"type": "bar", "orient": "horizontal", "height": 16, "cornerRadius": 3, "yOffset": 9}
    return [
        {
            "data": {"values": rows},
            "mark": bar,
            "encoding": {"x": x, "x2": {"field": "zero"}, "y": y, "color": raw("color"), "tooltip": tooltip},
        },
        {
            "data": {"values": [{"share": 0}]},
            "mark": {"type": "rule", "color": palette.muted, "strokeWidth": 1},
            "encoding": {"x": x},
        },
    ]


def _dots(marks: list[Spec], chosen: str, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    tooltip = [{"field": "method", "title": "Map"}, {"field": "figure", "title": "Share of its weight"}]
    edge = {"stroke": palette.background, "strokeWidth": 1.5, "opacity": 1, "yOffset": 9}
    others = {"type": "point", "shape": "circle", "filled": True, "size": 46, "fill": palette.muted, **edge}
    large = {"type": "point", "shape": "diamond", "filled": True, "size": 190, "fill": palette.text, **edge}
    return [
        {
            "data": {"values": [one for one in marks if (one["method"] == chosen) is is_chosen]},
            "mark": look,
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
        }
        for is_chosen, look in ((False, others), (True, large))
    ]


def _labels(rows: list[Spec], y: Spec, palette: Palette) -> list[Spec]:
    # Figures stand beside the bars, names above them: a name may take the whole width.
    room = {"expr": "width"}
    look: Spec = {"dy": -13, "fontSize": TEXT_SIZE}
    names = [{**one, "text": f"{one['name']} · {one['area']}"} for one in rows]
    figures = [{**one, "text": one["figure"]} for one in rows]
    left, right = ({"x": {"value": value}, "y": y} for value in (0, "width"))
    return [
        *text(names, left, palette, halo=True, align="left", limit=room, **look),
        *text(figures, right, palette, align="right", fontWeight="bold", **{**look, "dy": 9}),
    ]


def _description(parts: PartEffects, found: PartAgreement, chosen: str, target: str) -> str:
    listed = "; ".join(
        f"{one.title} {signed(parts.effects[row], 2)} logits, {percent(found.weights[row])} of the map's weight"
        for row, one in enumerate(parts.interventions)
    )
    return f"Truth bar: effect of every part on {target}, beside {chosen}. {listed}. {found.sentence}"
