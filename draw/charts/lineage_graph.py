"""The drawing of a lineage graph as a Vega-Lite specification.

One specification holds two layouts, and the width of the chart decides in the browser which is seen:
a telephone gets the chain from top to bottom without asking the server. Positions are pixels that
Vega computes from columns and rows; the height follows from an invisible band for each row.
"""

from __future__ import annotations

import textwrap

from draw import lineage_layout as layouts
from draw.charts.base import SMALL_TEXT, Spec, frame, raw, text
from draw.lineage_layout import BOX_HEIGHT, Layout
from draw.lineage_words import detail, kind_words, state_words, title
from draw.palette import LIGHT, Palette
from governance.lineage import Graph, Node

SELECTION = "picked"
ROW = 100
# Below this width in pixels eight columns cannot hold their words.
NARROW = 760
_NARROW = f"width < {NARROW}"
_LETTERS = {"wide": 14, "tall": 20}
# Green and red of the theme's text, which a test compares with the theme file.
STATES = {"good": ("#1E6355", "#8AD6C6"), "bad": ("#94302A", "#F0A39C")}
_X, _Y = ({"field": name, "type": "quantitative", "scale": None, "axis": None} for name in ("px", "py"))


def lineage_chart(graph: Graph, selected: str, turn: int, palette: Palette) -> Spec:
    """Boxes for the nodes, lines for the edges; what the selected node was made from is emphasised.

    Parameters
    ----------
    graph : Graph
    selected : str
        Identity of a node in the graph.
    turn : int
        Comes back with every click, beside the identity of the node.
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
    for layer in layers:
        layer["transform"].append({"calculate": str(turn), "as": "turn"})
    spec = frame(layers, ROW, description(graph, selected), palette)
    # With one step a row the height is that of the layout that is seen; "fit" would squeeze it.
    return spec | {"height": {"step": ROW}, "autosize": {"type": "fit-x", "contains": "padding"}}


def description(graph: Graph, selected: str) -> str:
    """The graph in a sentence or two, for people who cannot see it."""
    chain = [node for node in graph.nodes if node.id in graph.upstream(selected)]
    steps = "; ".join(f"{kind_words(node)} {title(node)}" for node in chain)
    bad = [kind_words(node) for node in graph.nodes if node.state == "bad"]
    checked = f" Does not hold: {', '.join(bad)}." if bad else ""
    return (
        f"Lineage with {len(graph.nodes)} steps. Selected, with all that it was made from: {steps}.{checked}"
    )


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
    titles = {node.id: f"{kind_words(node)} {title(node)}" for node in graph.nodes}
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
        said = ". ".join(filter(None, [f"{kind_words(node)}: {title(node)}", state_words(node)]))
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
        "params": [{"name": SELECTION, "select": {"type": "point", "fields": ["node", "turn"]}}],
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
    """In each box its kind, its title, and what a check found or else a detail."""
    values = []
    for node in graph.nodes:
        color = palette.text if node.id in chain else palette.muted
        below = STATES[node.state][palette is not LIGHT] if node.state else palette.muted
        titles = {f"{name}_title": _wrapped(title(node), letters) for name, letters in _LETTERS.items()}
        words = {"kind": kind_words(node), "below": state_words(node) or detail(node)}
        values.append({**_places(node, wide, tall), **titles, **words, "color": color, "below_color": below})
    lines: tuple[tuple[Spec, Spec, int, Spec], ...] = (
        ({"calculate": "datum.kind", "as": "text"}, {"value": palette.muted}, -26, {"fontSize": 12}),
        (
            {"calculate": f"{_NARROW} ? datum.tall_title : datum.wide_title", "as": "text"},
            raw("color"),
            -9,
            {"fontSize": SMALL_TEXT + 1, "fontWeight": 600, "lineBreak": "\n", "lineHeight": 16},
        ),
        ({"calculate": "datum.below", "as": "text"}, raw("below_color"), 26, {"fontSize": 12}),
    )
    layers: list[Spec] = []
    for calculate, channel, dy, look in lines:
        encoding: Spec = {"x": _X, "y": _Y, "color": channel}
        (layer,) = text(values, encoding, palette, align="left", dx=10, dy=dy, cursor="pointer", **look)
        layer["mark"]["limit"] = {"expr": f"{_width(wide, tall)} - 18"}
        layers.append({**layer, "transform": [*_pixels(wide, tall), calculate]})
    return layers


def _wrapped(words: str, letters: int) -> str:
    """In one line or two; what is still too long for its box ends in an ellipsis there."""
    lines = textwrap.wrap(words, letters) or [""]
    return "\n".join([lines[0], " ".join(lines[1:])]) if len(lines) > 1 else lines[0]
