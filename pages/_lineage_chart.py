"""The drawing of a lineage graph as a Vega-Lite specification.

One specification holds two layouts, and the width of the chart decides in the browser which is seen:
a telephone gets the chain from top to bottom without asking the server. Positions are pixels that
Vega computes from columns and rows; the height follows from an invisible band for each row.
"""

from __future__ import annotations

import textwrap
from typing import Any

from explain.charts.base import SMALL_TEXT, Spec, frame, raw, text
from explain.palette import LIGHT, Palette
from governance.lineage import Graph, Node
from pages import _lineage_layout as layouts
from pages._lineage_layout import BOX_HEIGHT, Layout

SELECTION = "picked"
ROW = 100
# Below this width in pixels eight columns cannot hold their words.
NARROW = 760
_NARROW = f"width < {NARROW}"
_LETTERS = {"right": 14, "down": 22}
KINDS = {"verification": "Made again", "run": "Run", "environment": "Environment"}
# Green and red of the theme's text, which a test compares with the theme file.
STATES = {"good": ("#1E6355", "#8AD6C6"), "bad": ("#94302A", "#F0A39C")}
_X, _Y = (
    {"field": name, "type": "quantitative", "scale": None, "axis": None} for name in ("px", "py")
)


def lineage_chart(graph: Graph, selected: str, palette: Palette) -> Spec:
    """Boxes for the nodes, lines for the edges; what the selected node was made from is emphasised.

    Parameters
    ----------
    graph : Graph
    selected : str
        Identity of a node in the graph.
    palette : Palette
        Of the look that is shown.
    """
    wide, tall = layouts.wide(graph), layouts.tall(graph)
    chain = graph.upstream(selected)
    layers = [
        _heights(wide, tall),
        *_lines(graph, wide, tall, chain, palette),
        _boxes(graph, wide, tall, chain, selected, palette),
        *_words(graph, wide, tall, chain, palette),
    ]
    spec = frame(layers, ROW, description(graph, selected), palette)
    # With one step a row the height is that of the layout that is seen; "fit" would squeeze it.
    return spec | {"height": {"step": ROW}, "autosize": {"type": "fit-x", "contains": "padding"}}


def state_words(node: Node) -> str:
    """What was found when the node was checked, with a sign that does not need colour."""
    if not node.state:
        return ""
    if node.kind == "verification":
        return "✓ holds" if node.state == "good" else "✕ does not hold"
    return "✓ as declared" if node.state == "good" else "✕ mismatch"


def kind_words(node: Node) -> str:
    """What kind of thing a node is."""
    return KINDS.get(node.kind, node.kind.capitalize())


def description(graph: Graph, selected: str) -> str:
    """The graph in a sentence or two, for people who cannot see it."""
    chain = [node for node in graph.nodes if node.id in graph.upstream(selected)]
    steps = "; ".join(f"{kind_words(node)} {node.title}" for node in chain)
    bad = [kind_words(node) for node in graph.nodes if node.state == "bad"]
    checked = f" Does not hold: {', '.join(bad)}." if bad else ""
    return f"Lineage with {len(graph.nodes)} steps. Selected, with all that it was made from: {steps}.{checked}"


def _heights(wide: Layout, tall: Layout) -> Spec:
    """An invisible band for each row of the layout that is seen; their number is the chart's height."""
    return {
        "data": {"values": [{"band": row} for row in range(max(wide.rows, tall.rows))]},
        "transform": [{"filter": f"datum.band < ({_NARROW} ? {tall.rows} : {wide.rows})"}],
        "mark": {"type": "rect", "opacity": 0, "tooltip": None},
        "encoding": {"y": {"field": "band", "type": "ordinal", "axis": None, "scale": {"padding": 0}}},
    }


def _pixels(wide: Layout, tall: Layout) -> list[Spec]:
    """Pixels of a datum that has its column and row in both layouts."""

    def pitch(layout: Layout) -> str:
        return f"(width / {layout.columns - 1 + layout.box_width})"

    return [
        {"calculate": f"{_NARROW} ? datum.tall_x * {pitch(tall)} : datum.wide_x * {pitch(wide)}", "as": "px"},
        {"calculate": f"(({_NARROW} ? datum.tall_y : datum.wide_y) + 0.5) * {ROW}", "as": "py"},
    ]


def _lines(graph: Graph, wide: Layout, tall: Layout, chain: set[str], palette: Palette) -> list[Spec]:
    titles = {node.id: f"{kind_words(node)} {node.title}" for node in graph.nodes}
    points: dict[bool, list[Spec]] = {False: [], True: []}
    heads: list[Spec] = []
    for number, edge in enumerate(graph.edges):
        wide_curve, tall_curve = layouts.curve(wide, edge), layouts.curve(tall, edge)
        said = f"{titles[edge.source]} {edge.verb} {titles[edge.target]}"
        inside = edge.target in chain
        for corner, (there, here) in enumerate(zip(wide_curve.points, tall_curve.points, strict=True)):
            place = {"wide_x": there[0], "wide_y": there[1], "tall_x": here[0], "tall_y": here[1]}
            datum = {"edge": number, "corner": corner, "said": said, "node": edge.target, **place}
            points[inside].append(datum)
        (wide_dx, wide_dy), (tall_dx, tall_dy) = wide_curve.direction, tall_curve.direction
        turns = {"wide_dx": wide_dx, "wide_dy": wide_dy, "tall_dx": tall_dx, "tall_dy": tall_dy}
        heads.append({**points[inside][-1], **turns, "color": palette.accent if inside else palette.muted})
    quiet = {"color": palette.muted, "strokeWidth": 1.2}
    strong = {"color": palette.accent, "strokeWidth": 2.4}
    return [
        _polylines(points[False], quiet, wide, tall),
        _polylines(points[True], strong, wide, tall),
        _heads(heads, wide, tall),
        # What is pointed at is wider than what is seen.
        _polylines(points[False] + points[True], {"strokeWidth": 18, "opacity": 0.001}, wide, tall),
    ]


def _polylines(points: list[Spec], look: Spec, wide: Layout, tall: Layout) -> Spec:
    return {
        "data": {"values": points},
        "transform": _pixels(wide, tall),
        "mark": {"type": "line", "strokeCap": "round", "strokeJoin": "round", **look},
        "encoding": {
            "x": _X,
            "y": _Y,
            "detail": {"field": "edge", "type": "nominal"},
            "order": {"field": "corner", "type": "quantitative"},
            "tooltip": {"field": "said", "type": "nominal"},
        },
    }


def _heads(heads: list[Spec], wide: Layout, tall: Layout) -> Spec:
    """Arrow heads whose tips touch the boxes."""
    dx, dy = (f"({_NARROW} ? datum.tall_{d} : datum.wide_{d})" for d in ("dx", "dy"))
    shape = f"{dx} > 0 ? 'triangle-right' : {dx} < 0 ? 'triangle-left' : {dy} > 0 ? 'triangle-down' : 'triangle-up'"
    return {
        "data": {"values": heads},
        "transform": [
            *_pixels(wide, tall),
            {"calculate": f"datum.px - 4 * {dx}", "as": "px"},
            {"calculate": f"datum.py - 4 * {dy}", "as": "py"},
            {"calculate": shape, "as": "shape"},
        ],
        "mark": {"type": "point", "filled": True, "opacity": 1, "size": 60},
        "encoding": {"x": _X, "y": _Y, "fill": raw("color"), "shape": raw("shape")},
    }


def _places(node: Node, wide: Layout, tall: Layout) -> Spec:
    (wide_x, wide_y), (tall_x, tall_y) = wide.places[node.id], tall.places[node.id]
    return {"node": node.id, "wide_x": wide_x, "wide_y": wide_y, "tall_x": tall_x, "tall_y": tall_y}


def _width(wide: Layout, tall: Layout) -> str:
    """Width of a box in pixels."""
    parts = (f"width * {x.box_width / (x.columns - 1 + x.box_width)}" for x in (tall, wide))
    return f"({_NARROW} ? {' : '.join(parts)})"


def _boxes(
    graph: Graph, wide: Layout, tall: Layout, chain: set[str], selected: str, palette: Palette
) -> Spec:
    values = []
    for node in graph.nodes:
        inside = node.id in chain
        border = STATES["bad"][palette is not LIGHT] if node.state == "bad" else palette.grid
        look = {
            "fill": palette.surface if inside else palette.background,
            "stroke": palette.accent if inside else border,
            "thickness": 3 if node.id == selected else 1.2,
        }
        said = ". ".join(filter(None, [f"{kind_words(node)}: {node.title}", state_words(node)]))
        values.append({**_places(node, wide, tall), **look, "said": said})
    half = BOX_HEIGHT * ROW / 2
    return {
        "data": {"values": values},
        "transform": [
            *_pixels(wide, tall),
            {"calculate": f"datum.px + {_width(wide, tall)}", "as": "px2"},
            {"calculate": f"datum.py - {half}", "as": "py"},
            {"calculate": f"datum.py + {2 * half}", "as": "py2"},
        ],
        "params": [{"name": SELECTION, "select": {"type": "point", "fields": ["node"]}}],
        "mark": {"type": "rect", "cornerRadius": 9, "cursor": "pointer"},
        "encoding": {
            "x": _X,
            "y": _Y,
            "x2": {"field": "px2"},
            "y2": {"field": "py2"},
            "fill": raw("fill"),
            "stroke": raw("stroke"),
            "strokeWidth": {"field": "thickness", "type": "quantitative", "scale": None},
            "tooltip": {"field": "said", "type": "nominal"},
        },
    }


def _words(graph: Graph, wide: Layout, tall: Layout, chain: set[str], palette: Palette) -> list[Spec]:
    """In each box its kind, its title, and what a check found."""
    values = []
    for node in graph.nodes:
        color = palette.text if node.id in chain else palette.muted
        state = STATES[node.state][palette is not LIGHT] if node.state else ""
        titles = {f"{name}_title": _wrapped(node.title, flow) for name, flow in (("wide", "right"), ("tall", "down"))}
        words = {"kind": kind_words(node), "state": state_words(node), "color": color, "state_color": state}
        values.append({**_places(node, wide, tall), **titles, **words})
    lines = (
        ({"calculate": "datum.kind", "as": "text"}, palette.muted, -28, {"fontSize": 12}),
        (
            {"calculate": f"{_NARROW} ? datum.tall_title : datum.wide_title", "as": "text"},
            raw("color"),
            -11,
            {"fontSize": SMALL_TEXT + 1, "fontWeight": 600, "lineBreak": "\n", "lineHeight": 17},
        ),
        ({"calculate": "datum.state", "as": "text"}, raw("state_color"), 27, {"fontSize": 12}),
    )
    layers = []
    for calculate, color, dy, look in lines:
        encoding: dict[str, Any] = {"x": _X, "y": _Y}
        encoding["color"] = color if isinstance(color, dict) else {"value": color}
        (layer,) = text(values, encoding, palette, align="left", dx=10, dy=dy, cursor="pointer", **look)
        layer["mark"]["limit"] = {"expr": f"{_width(wide, tall)} - 18"}
        layers.append({**layer, "transform": [*_pixels(wide, tall), calculate]})
    return layers


def _wrapped(title: str, flow: str) -> str:
    lines = textwrap.wrap(title, _LETTERS[flow]) or [""]
    return "\n".join([lines[0], " ".join(lines[1:])]) if len(lines) > 1 else lines[0]
