"""Small charts of the guides: lines with a marker that a person moves, and bars with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from draw.charts import lines
from draw.charts.base import Spec, frame, raw, row_axis, text
from draw.palette import Palette

HEIGHT = 260
LABEL_ROOM = 92


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of a chart; ``x`` and ``y`` have the shape (n_points,). A faint one has no name beside it."""

    name: str
    x: np.ndarray
    y: np.ndarray
    look: str = "main"


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from zero.

    Attributes
    ----------
    figure : str
        The value as it is printed, with its unit.
    interval : tuple of float, optional
        Ends of a thin line over the bar.
    mark : float, optional
        Where a tick stands: the exact value, or one to compare with.
    """

    name: str
    value: float
    figure: str
    interval: tuple[float, float] | None = None
    mark: float | None = None


def lines_chart(
    drawn: Sequence[Line],
    titles: tuple[str, str],
    palette: Palette,
    description: str,
    now: float | None = None,
    y_range: tuple[float, float] | None = None,
) -> Spec:
    """Lines with their names at their right ends, and a rule where the person is.

    Parameters
    ----------
    drawn : sequence of Line
        ``look`` is ``main`` (in the colour of evidence), ``second`` (in that of text), ``other`` (grey,
        dashed) or ``faint``.
    titles : tuple of str
        Of the two axes, with units.
    now : float, optional
        Where the rule stands on the x axis.
    y_range : tuple of float, optional
        By default what the lines need.
    """
    every = [float(one) for line in drawn for one in line.y]
    low, high = y_range or (min(every), max(every))
    ends = [float(one) for line in drawn for one in (line.x[0], line.x[-1])]
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "title": titles[0],
        "scale": {
            "domain": [min(ends), max(ends)],
            "nice": False,
            "range": [0, {"expr": f"width - {LABEL_ROOM}"}],
        },
        "axis": {"grid": False, "tickCount": 6},
    }
    y: Spec = {
        "field": "y",
        "type": "quantitative",
        "title": titles[1],
        "scale": {"domain": [low, high if high > low else low + 1], "nice": y_range is None, "zero": False},
        "axis": {"tickCount": 5, "domain": False},
    }
    layers = [_line(line, x, y, palette) for line in drawn]
    named = [line for line in drawn if line.look != "faint"]
    layers += _names(named, (low, high), x, y, palette)
    if now is not None:
        rule = {"type": "rule", "color": palette.accent, "strokeWidth": 2.5}
        layers.append({"data": {"values": [{"x": now}]}, "mark": rule, "encoding": {"x": x}})
    return frame(layers, HEIGHT, description, palette)


def _line(line: Line, x: Spec, y: Spec, palette: Palette) -> Spec:
    looks: dict[str, Spec] = {
        "main": {"strokeWidth": 3.5},
        "second": {"strokeWidth": 2},
        "other": {"strokeWidth": 2, "strokeDash": [5, 4]},
        "faint": {"strokeWidth": 1, "opacity": 0.55},
    }
    values = [{"x": float(a), "y": float(b), "name": line.name} for a, b in zip(line.x, line.y, strict=True)]
    return {
        "data": {"values": values},
        "mark": {"type": "line", "clip": True, "color": _colour(line, palette), **looks[line.look]},
        "encoding": {"x": x, "y": y, "tooltip": [{"field": "name", "title": "Line"}]},
    }


def _colour(line: Line, palette: Palette) -> str:
    return {"main": palette.positive, "second": palette.text}.get(line.look, palette.muted)


def _names(
    named: Sequence[Line], span: tuple[float, float], x: Spec, y: Spec, palette: Palette
) -> list[Spec]:
    """Names at the right ends, moved apart where two lines end close to each other."""
    apart = 0.085 * ((span[1] - span[0]) or 1)
    values: list[Spec] = []
    for line in sorted(named, key=lambda one: float(one.y[-1])):
        place = float(line.y[-1])
        if values:
            place = max(place, values[-1]["y"] + apart)
        values.append(
            {"x": float(line.x[-1]), "y": place, "text": line.name, "color": _colour(line, palette)}
        )
    # Pushed up beyond the frame, all of them move down together.
    over = max(0.0, values[-1]["y"] - span[1]) if values else 0.0
    moved = [{**one, "y": one["y"] - over} for one in values]
    channels = {"x": x, "y": y, "color": raw("color")}
    look: Spec = {"align": "left", "dx": 8, "limit": LABEL_ROOM - 10, "fontWeight": "bold"}
    return text(moved, channels, palette, halo=True, **look)


def bars_chart(
    bars: Sequence[Bar],
    title: str,
    palette: Palette,
    description: str,
    x_range: tuple[float, float] | None = None,
) -> Spec:
    """A line a bar: orange above zero, blue below, with its interval and a tick where they are given.

    Parameters
    ----------
    title : str
        Of the x axis, with its unit.
    x_range : tuple of float, optional
        By default what the bars need.
    """
    ends = [0.0, *(bar.value for bar in bars)]
    ends += [end for bar in bars for end in bar.interval or ()]
    ends += [bar.mark for bar in bars if bar.mark is not None]
    low, high = x_range or (min(ends), max(ends))
    x, y = lines.x_axis(low, high, title, "format(datum.value, '~g')"), row_axis(len(bars))
    rows: list[Spec] = [
        {
            "row": row,
            "name": bar.name,
            "figure": bar.figure,
            "weight": "normal",
            "zero": 0,
            "x": bar.value,
            "low": bar.interval[0] if bar.interval else bar.value,
            "high": bar.interval[1] if bar.interval else bar.value,
            "mark": bar.mark,
            "color": palette.positive if bar.value >= 0 else palette.negative,
        }
        for row, bar in enumerate(bars)
    ]
    # Two quantitative axes: without orientation, Vega-Lite would draw columns.
    shape = {"type": "bar", "orient": "horizontal", "height": lines.BAR, "cornerRadius": 3}
    below = {"yOffset": lines.BELOW}
    marked = [one for one in rows if one["mark"] is not None]
    tick = {"type": "tick", "orient": "vertical", "color": palette.text, "thickness": 3, "size": 26, **below}
    layers: list[Spec] = [
        {
            "data": {"values": rows},
            "mark": {**shape, **below},
            "encoding": {"x": x, "x2": {"field": "zero"}, "y": y, "fill": raw("color")},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "rule", "color": palette.text, "strokeWidth": 1.5, **below},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        {"data": {"values": marked}, "mark": tick, "encoding": {"x": {**x, "field": "mark"}, "y": y}},
        *lines.headings(rows, palette),
    ]
    return frame(layers, lines.height(rows), description, palette)
