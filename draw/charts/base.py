"""What all charts share: the frame, text with a halo, shapes, fields that are used as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data.features import Feature
from draw.palette import Palette

FONT = "'Source Sans', 'Source Sans Pro', 'Source Sans 3', system-ui, sans-serif"
TEXT_SIZE = 14
SMALL_TEXT = 13
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "stroke")
PERCENT_AXIS = "format(datum.value * 100, '.0f') + ' %'"

Spec = dict[str, Any]


def frame(layers: Sequence[Spec], height: int, description: str, palette: Palette) -> Spec:
    """A whole chart around its layers."""
    axis = {
        "labelColor": palette.muted,
        "titleColor": palette.muted,
        "labelFontSize": SMALL_TEXT,
        "titleFontSize": SMALL_TEXT,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "gridColor": palette.grid,
        "domainColor": palette.grid,
        "tickColor": palette.grid,
        "labelOverlap": True,
        "labelPadding": 6,
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description,
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": "transparent",
        # An object, because Streamlit writes its own bottom into it.
        "padding": {"left": 6, "right": 6, "top": 6, "bottom": 6},
        # The description says what the chart shows; read out, every mark would add its raw fields to it.
        "layer": [{**layer, "mark": {**layer["mark"], "aria": False}} for layer in layers],
        "config": {"font": FONT, "view": {"stroke": None}, "axis": axis, "text": {"font": FONT}},
    }


def raw(field: str) -> Spec:
    """A colour, shape or size that the data already hold, without scale or legend."""
    return {"field": field, "type": "nominal", "scale": None}


def text(
    values: Sequence[Spec], encoding: Spec, palette: Palette, halo: bool = False, **mark: Any
) -> list[Spec]:
    """Labels from the field ``text``; with a halo they stay legible on lines and areas.

    Vega paints a text's outline over its filling, so the halo is a layer of its own underneath.
    """
    look = {"type": "text", "fontSize": SMALL_TEXT, "color": palette.text, "baseline": "middle", **mark}
    channels = {**encoding, "text": {"field": "text"}}
    label = {"data": {"values": list(values)}, "mark": look, "encoding": channels}
    if not halo:
        return [label]
    outline = {
        "stroke": palette.background,
        "fill": palette.background,
        "strokeWidth": 4,
        "strokeJoin": "round",
    }
    plain = {name: channel for name, channel in channels.items() if name not in {"color", "opacity"}}
    # Beside a filling and an outline, Vega-Lite would drop a colour with a warning in the console.
    uncoloured = {name: value for name, value in look.items() if name != "color"}
    return [{**label, "mark": {**uncoloured, **outline}, "encoding": plain}, label]


def row_axis(count: int) -> Spec:
    """The y channel of a chart of lines: the field ``row`` counts them from the top."""
    return {
        "field": "row",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [-0.5, count - 0.5], "reverse": True, "nice": False, "zero": False},
    }


def axis_title(feature: Feature) -> str:
    """``Petal length (cm)``."""
    return f"{feature.label} ({feature.unit})" if feature.unit else feature.label
