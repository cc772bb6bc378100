"""The methods by how well their maps agree with what parts really do: means with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from draw.charts.base import SMALL_TEXT, TEXT_SIZE, Spec, frame, row_axis, text
from draw.palette import Palette
from explain.numbers import signed

ROW = 46


def truth_table_chart(lines: Sequence[Mapping[str, Any]], scenes: int, palette: Palette) -> Spec:
    """A dot with its interval for every line of the table, in the order given, and the placebo to beat.

    Parameters
    ----------
    lines : sequence of mapping
        As in ``lines`` of `explain.truth.truth_table.measure`; what does not ask the model (``passes`` is None)
        is drawn hollow.
    scenes : int
        Over how many scenes the means are.
    palette : Palette
        Of the look that is shown.
    """
    rows = [_row(number, line) for number, line in enumerate(lines)]
    x: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [min(0.0, *(row["low"] for row in rows)), 1.0], "nice": False},
        "title": "Rank correlation with the truth (−1 to 1)",
        "axis": {"gridDash": [2, 4], "tickCount": 6, "format": ".1f"},
    }
    y = row_axis(len(rows))
    layers: list[Spec] = [
        {
            "data": {"values": [{"value": 0}]},
            "mark": {"type": "rule", "color": palette.muted, "strokeWidth": 1},
            "encoding": {"x": x},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "rule", "color": palette.text, "strokeWidth": 2, "yOffset": 9},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
    ]
    for asks, fill in ((True, palette.text), (False, palette.background)):
        point = {"type": "point", "filled": True, "size": 110, "fill": fill, "stroke": palette.text}
        layers.append(
            {
                "data": {"values": [row for row in rows if row["asks"] is asks]},
                "mark": {**point, "strokeWidth": 2, "opacity": 1, "yOffset": 9},
                "encoding": {
                    "x": x,
                    "y": y,
                    "tooltip": [
                        {"field": "text", "title": "Map"},
                        {"field": "span", "title": "95 % interval"},
                    ],
                },
            }
        )
    ticks = [row for row in rows if row["placebo"] is not None]
    tick = {"type": "tick", "orient": "vertical", "color": palette.positive, "thickness": 3, "size": 22}
    layers.append(
        {
            "data": {"values": ticks},
            "mark": {**tick, "yOffset": 9},
            "encoding": {
                "x": {**x, "field": "placebo"},
                "y": y,
                "tooltip": [{"field": "best", "title": "Best placebo"}],
            },
        }
    )
    labels = text(
        rows,
        {"x": {"value": 0}, "y": y},
        palette,
        halo=True,
        align="left",
        dx=6,
        dy=-11,
        fontSize=TEXT_SIZE,
        limit={"expr": "width"},
    )
    told = "; ".join(
        f"{row['text']} ({row['span']})" + (f", best placebo {row['best']}" if row["best"] else "")
        for row in rows
    )
    described = f"Means with 95 % intervals over {scenes} scenes. Rank correlation with the truth: {told}."
    return frame([*layers, *labels], ROW * len(rows) + SMALL_TEXT * 4, described, palette)


def _row(number: int, line: Mapping[str, Any]) -> Spec:
    mean = line["correlation"]
    low, high = mean["interval"]
    over = line["over_placebo"]
    kind = "with signs" if line["signed"] else "sizes only"
    span = f"{signed(low, 2)} to {signed(high, 2)}"
    return {
        "row": number,
        "value": mean["value"],
        "low": low,
        "high": high,
        "asks": line["passes"] is not None,
        "placebo": None if over is None else over["placebo"],
        "best": None if over is None else f"{over['title']} {signed(over['placebo'], 2)}",
        "span": span,
        "text": f"{signed(mean['value'], 2)} {line['title']} · {kind}",
    }
