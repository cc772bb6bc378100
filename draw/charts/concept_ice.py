"""Curves of many scenes along one concept, with their mean."""

from __future__ import annotations

from draw.charts.base import PERCENT_AXIS, Spec, axis_title, frame, text
from draw.palette import Palette
from explain.concepts.concept_ice import ConceptIce
from explain.numbers import exact, inside_sentence, percent
from models.spec import ModelSpec

HEIGHT = 320


def concept_ice_chart(
    spec: ModelSpec, found: ConceptIce, palette: Palette, now: tuple[float, float] | None = None
) -> Spec:
    """A thin line a scene, a thick one for the mean, the training's range shaded.

    Parameters
    ----------
    spec : ModelSpec
        Names the classes.
    found : ConceptIce
    palette : Palette
        Of the look that is shown.
    now : tuple of float, optional
        Value and probability of the scene that is shown.
    """
    feature, colour = found.feature, palette.of_class(found.target)
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
        "title": f"Probability of {spec.classes[found.target]}",
        "scale": {"domain": [0, 1.05], "nice": False},
        "axis": {"values": [0, 0.25, 0.5, 0.75, 1], "labelExpr": PERCENT_AXIS, "gridDash": [2, 4]},
    }
    points = [
        {"x": float(value), "y": float(p), "scene": row}
        for row, curve in enumerate(found.curves)
        for value, p in zip(found.values, curve, strict=True)
    ]
    mean = [{"x": float(v), "y": float(p)} for v, p in zip(found.values, found.mean, strict=True)]
    low, high = found.usual
    layers = [
        {
            "data": {"values": [{"x": low, "x2": high}]},
            "mark": {"type": "rect", "fill": palette.surface, "opacity": 0.7},
            "encoding": {"x": x, "x2": {"field": "x2"}},
        },
        {
            "data": {"values": points},
            "mark": {"type": "line", "color": colour, "strokeWidth": 1, "opacity": 0.45},
            "encoding": {"x": x, "y": y, "detail": {"field": "scene", "type": "nominal"}},
        },
        {
            "data": {"values": mean},
            "mark": {"type": "line", "color": palette.text, "strokeWidth": 3},
            "encoding": {"x": x, "y": y},
        },
        *text(
            [{**mean[-1], "text": "mean"}],
            {"x": x, "y": y},
            palette,
            halo=True,
            fontWeight="bold",
            align="right",
            dx=-4,
            dy=-12 if mean[-1]["y"] < 0.9 else 14,
        ),
    ]
    if now is not None:
        layers += _now(now, x, y, palette)
    return frame(layers, HEIGHT, _description(spec, found), palette)


def _now(now: tuple[float, float], x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    station = {"x": now[0], "y": now[1], "text": "now"}
    ring = {"type": "point", "size": 140, "opacity": 1, "fill": palette.accent, "stroke": palette.text}
    return [
        {"data": {"values": [station]}, "mark": ring, "encoding": {"x": x, "y": y}},
        *text([station], {"x": x, "y": y}, palette, halo=True, dy=18 if now[1] > 0.85 else -18),
    ]


def _description(spec: ModelSpec, found: ConceptIce) -> str:
    feature, target = found.feature, spec.classes[found.target]
    return (
        f"Along {inside_sentence(feature.label)}, over {len(found.curves)} scenes, the mean probability of {target} "
        f"goes from {percent(found.mean[0])} at {exact(feature, found.values[0])} to {percent(found.mean[-1])} at "
        f"{exact(feature, found.values[-1])}; in {found.flipping} of them the answer changes on the way."
    )
