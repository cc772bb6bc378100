"""What the checks of a map found: deletion and insertion against placebos, and stages of randomisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from draw.charts.base import PERCENT_AXIS, Spec, frame, raw, text
from draw.palette import Palette
from explain.numbers import percent
from explain.trust.checks.pixel_removal import Curves
from explain.trust.checks.randomisation import Randomisation

HEIGHT = 230
# Names of the lines stand in a row above them.
_NAMES_AT, _TOP = 1.12, 1.2
_DASHES = ([1, 0], [5, 4], [2, 3])


def removal_chart(
    which: Literal["deletion", "insertion"],
    curves: Curves,
    random: Sequence[Curves],
    blob: Curves,
    target: str,
    palette: Palette,
) -> Spec:
    """The target's probability while pixels go, by the map, by random order, and by the blob.

    Parameters
    ----------
    curves, blob : Curves
    random : sequence of Curves
        Their mean is drawn.
    target : str
        The class.
    palette : Palette
        Of the look that is shown.
    """
    mean = np.mean([getattr(one, which) for one in random], axis=0)
    lines = [
        ("this map", getattr(curves, which), palette.accent, 0.0),
        ("random order", mean, palette.muted, 0.26),
        ("centre blob", getattr(blob, which), palette.of_class(2), 0.66),
    ]
    verb = "taken away" if which == "deletion" else "put in"
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "title": f"Pixels {verb}, those first that count most",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"labelExpr": PERCENT_AXIS, "tickCount": 5, "grid": False},
    }
    area = f"{which}_auc"
    ours, theirs = getattr(curves, area), float(np.mean([getattr(one, area) for one in random]))
    better = ours < theirs if which == "deletion" else ours > theirs
    description = (
        f"{which.capitalize()}: while pixels are {verb}, the probability of {target} is {percent(ours)} on average "
        f"in this map's order, {percent(theirs)} in random order and {percent(getattr(blob, area))} in the blob's. "
        f"{'Lower' if which == 'deletion' else 'Higher'} is better: the map is {'' if better else 'not '}ahead of "
        "random order."
    )
    layers = _lines([(name, np.linspace(0, 1, len(y)), y, c, at) for name, y, c, at in lines], x, palette)
    return frame(layers, HEIGHT, description, palette)


def randomisation_chart(found: Randomisation, palette: Palette) -> Spec:
    """Likeness to the original map after each stage, by rank and by structure.

    Parameters
    ----------
    found : Randomisation
    palette : Palette
        Of the look that is shown.
    """
    stages = np.array([0.0, *(stage.replaced for stage in found.stages)])
    lines = [
        ("rank correlation", np.array([1.0, *(stage.rank for stage in found.stages)]), palette.accent, 0.0),
        ("SSIM", np.array([1.0, *(stage.structure for stage in found.stages)]), palette.of_class(2), 0.45),
    ]
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "title": "Layers with random weights, from the head down",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"labelExpr": PERCENT_AXIS, "tickCount": 5, "grid": False},
    }
    low = min(0.0, *(float(values.min()) for _, values, _, _ in lines))
    description = (
        f"Randomisation: with random weights in all layers the map's rank correlation with the original is "
        f"{found.stages[-1].rank:.2f} and its SSIM {found.stages[-1].structure:.2f}; with a random head alone "
        f"{found.stages[0].rank:.2f} and {found.stages[0].structure:.2f}. 1 would be a map that does not change."
    )
    layers = _lines(
        [(name, stages, y, c, at) for name, y, c, at in lines], x, palette, low, "Likeness", dots=True
    )
    return frame(layers, HEIGHT, description, palette)


def _lines(
    lines: Sequence[tuple[str, np.ndarray, np.ndarray, str, float]],
    x: Spec,
    palette: Palette,
    low: float = 0.0,
    title: str | None = None,
    dots: bool = False,
) -> list[Spec]:
    """A layer a line, told apart by colour and dashes, each with its name; `low` is the axis's lower end."""
    ticks = [tick / 4 for tick in range(-4, 5) if tick / 4 >= min(low, 0)]
    axis: Spec = {"values": ticks, "gridDash": [2, 4], "domain": False}
    y: Spec = {
        "field": "y",
        "type": "quantitative",
        "title": title or "Probability",
        "scale": {"domain": [low, _TOP], "nice": False},
        "axis": {**axis, "format": ".2f"} if title else {**axis, "labelExpr": PERCENT_AXIS},
    }
    layers: list[Spec] = []
    # The map's own line is drawn last, over the others.
    for (name, xs, ys, color, at), dash in reversed(list(zip(lines, _DASHES, strict=False))):
        values = [
            {"x": float(a), "y": float(b), "color": color, "line": name, "figure": f"{b:.2f}"}
            for a, b in zip(xs, ys, strict=True)
        ]
        tooltip = [
            {"field": "line", "title": "Order" if title is None else "By"},
            {"field": "figure", "title": "Value"},
        ]
        mark: Spec = {"type": "line", "strokeWidth": 2.5, "strokeDash": dash}
        if dots:
            mark["point"] = {"filled": True, "size": 45, "color": color}
        encoding = {"x": x, "y": y, "stroke": raw("color"), "tooltip": tooltip}
        layers.append({"data": {"values": values}, "mark": mark, "encoding": encoding})
        label = [{"x": at, "y": _NAMES_AT, "text": name}]
        layers += text(label, {"x": x, "y": y}, palette, align="left", color=color, fontWeight="bold")
    return layers
