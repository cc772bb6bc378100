"""A picture cut into regions, each tinted by what it does to the answer; a click chooses one."""

from __future__ import annotations

import base64
import io
from collections.abc import Collection

import numpy as np

from draw.charts.base import Spec, frame, raw
from draw.palette import Palette
from explain.concepts.regions import RegionEffects, rectangles
from explain.numbers import percent, signed
from models.spec import ModelSpec

# Narrow enough for a telephone. Square, as the picture is, so it does not fill its container.
SIDE = 320
# Name of the selection and of the field that says which region was clicked.
CHOSEN, REGION = "chosen", "region"
_STRONGEST = 0.55


def regions_chart(
    spec: ModelSpec, found: RegionEffects, picture: np.ndarray, covered: Collection[int], palette: Palette
) -> Spec:
    """The picture as it is shown, and the regions over it.

    Parameters
    ----------
    spec : ModelSpec
        Names the classes.
    found : RegionEffects
    picture : ndarray of shape (height, width, 3), in [0, 1]
        With what is covered.
    covered : collection of int
        Regions that are: they are not tinted.
    palette : Palette
        Of the look that is shown.
    """
    image = {
        "data": {"values": [{}]},
        "mark": {
            "type": "image",
            "url": _png(picture, found.labels, palette),
            "width": SIDE,
            "height": SIDE,
            "align": "left",
            "baseline": "top",
        },
        "encoding": {"x": {"value": 0}, "y": {"value": 0}},
    }
    drawn = frame([image, _regions(spec, found, covered, palette)], SIDE, _description(spec, found), palette)
    return {**drawn, "width": SIDE, "padding": {"left": 0, "right": 0, "top": 0, "bottom": 0}}


def _regions(spec: ModelSpec, found: RegionEffects, covered: Collection[int], palette: Palette) -> Spec:
    height, width = found.labels.shape
    most = float(np.abs(found.weight).max()) or 1.0
    target = spec.classes[found.target]
    values = [
        {
            "x": x0,
            "x2": x1,
            "y": y0,
            "y2": y1,
            REGION: region + 1,
            "color": palette.positive if found.weight[region] > 0 else palette.negative,
            "strength": 0.0 if region in covered else _STRONGEST * abs(float(found.weight[region])) / most,
            "says": f"{target} {percent(found.before[found.target])} → "
            f"{percent(found.without[region, found.target])} ({signed(-found.weight[region], 2)} logit)",
        }
        for region, x0, x1, y0, y1 in rectangles(found.labels)
    ]
    axis = {"type": "quantitative", "axis": None}
    return {
        "data": {"values": values},
        "mark": {"type": "rect", "cursor": "pointer", "stroke": None},
        "params": [{"name": CHOSEN, "select": {"type": "point", "on": "click", "fields": [REGION]}}],
        "encoding": {
            "x": {**axis, "field": "x", "scale": {"domain": [0, width], "nice": False}},
            "x2": {"field": "x2"},
            "y": {**axis, "field": "y", "scale": {"domain": [0, height], "nice": False, "reverse": True}},
            "y2": {"field": "y2"},
            "fill": raw("color"),
            "fillOpacity": {"field": "strength", "type": "quantitative", "scale": None, "legend": None},
            "tooltip": [
                {"field": REGION, "title": "Region"},
                {"field": "says", "title": "Covered alone"},
            ],
        },
    }


def _png(picture: np.ndarray, labels: np.ndarray, palette: Palette) -> str:
    """The picture with the regions' outlines, enlarged, as a data URL: nothing is fetched."""
    from PIL import Image

    times = max(1, 2 * SIDE // picture.shape[0])
    large = picture.repeat(times, axis=0).repeat(times, axis=1)
    names = labels.repeat(times, axis=0).repeat(times, axis=1)
    edge = np.zeros(names.shape, dtype=bool)
    edge[:, 1:] |= names[:, 1:] != names[:, :-1]
    edge[1:] |= names[1:] != names[:-1]
    line = np.array([int(palette.background[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    large[edge] = 0.4 * large[edge] + 0.6 * line
    content = io.BytesIO()
    Image.fromarray(np.rint(large * 255).astype(np.uint8)).save(content, "PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


def _description(spec: ModelSpec, found: RegionEffects) -> str:
    target, top = spec.classes[found.target], int(np.argmax(np.abs(found.weight)))
    return (
        f"The picture in {len(found.weight)} regions, orange where a region speaks for {target}, blue where against. "
        f"Most depends on region {top + 1}: covering it alone takes {target} from "
        f"{percent(found.before[found.target])} to {percent(found.without[top, found.target])}."
    )
