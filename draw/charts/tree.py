"""Drawing of one decision tree: questions from left to right, a line for every leaf."""

from __future__ import annotations

from draw.charts.base import Spec, frame, raw, text
from draw.palette import Palette
from draw.tree_layout import PlacedEdge, PlacedNode, TreeLayout
from models.spec import ModelSpec

ROW = 36
# Mean width of a letter at `SMALL_TEXT`, and what a leaf's mark and margins take, in pixels.
LETTER = 6.7
LEAF_MARK = 30
# A level narrower than this has no room for its "yes" and "no".
LEVEL = 34


def tree_chart(spec: ModelSpec, layout: TreeLayout, palette: Palette) -> Spec:
    """Questions on the branches, classes at the leaves, the present path in bold and in colour.

    Parameters
    ----------
    spec : ModelSpec
        Names the model.
    layout : TreeLayout
        Places of nodes and edges.
    palette : Palette
        Of the look that is shown.
    """
    x = {
        "field": "x",
        "type": "quantitative",
        "axis": None,
        "scale": {
            "domain": [0, max(layout.levels, 1)],
            "range": [8, {"expr": _last_column(layout)}],
            "nice": False,
        },
    }
    y = {
        "field": "y",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [-0.6, layout.rows - 0.4], "reverse": True, "nice": False, "zero": False},
    }
    layers = [
        _lines([edge for edge in layout.edges if edge.on_path is on_path], x, y, on_path, palette)
        for on_path in (False, True)
    ]
    layers += _answers(layout, x, y, palette)
    layers += _nodes(layout, x, y, palette)
    layers += _labels(layout, x, y, palette)
    return frame(layers, ROW * layout.rows + 8, _description(spec, layout), palette)


def _lines(edges: list[PlacedEdge], x: Spec, y: Spec, on_path: bool, palette: Palette) -> Spec:
    corners = [
        {"edge": number, "corner": corner, "x": place[0], "y": place[1]}
        for number, edge in enumerate(edges)
        for corner, place in enumerate([(edge.x0, edge.y0), (edge.x0, edge.y1), (edge.x1, edge.y1)])
    ]
    look = (
        {"color": palette.accent, "strokeWidth": 4}
        if on_path
        else {"color": palette.muted, "strokeWidth": 1.2}
    )
    return {
        "data": {"values": corners},
        "mark": {"type": "line", "strokeJoin": "round", "strokeCap": "round", **look},
        "encoding": {
            "x": x,
            "y": y,
            "detail": {"field": "edge", "type": "nominal"},
            "order": {"field": "corner", "type": "quantitative"},
        },
    }


def _answers(layout: TreeLayout, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    layers = []
    for on_path, weight in ((False, "normal"), (True, "bold")):
        some = [
            {"x": edge.x0, "y": edge.y1, "text": edge.answer}
            for edge in layout.edges
            if edge.on_path is on_path
        ]
        look = {"color": palette.text if on_path else palette.muted, "fontWeight": weight}
        layers += text(some, {"x": x, "y": y}, palette, halo=True, align="left", dx=7, **look)
    return layers


def _nodes(layout: TreeLayout, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    tooltip = [{"field": "what", "title": "Node"}, {"field": "rows", "title": "Training rows"}]
    layers = []
    for kind, shape, size in (
        ("question", "circle", 60),
        ("leaf", "square", 170),
        ("folded", "diamond", 170),
    ):
        some = [_mark(node, palette) for node in layout.nodes if node.kind == kind]
        look = {"filled": True, "opacity": 1, "shape": shape, "size": size}
        channels = {"x": x, "y": y, "fill": raw("color"), "stroke": raw("edge"), "tooltip": tooltip}
        layers.append({"data": {"values": some}, "mark": {"type": "point", **look}, "encoding": channels})
    return layers


def _mark(node: PlacedNode, palette: Palette) -> Spec:
    """A question takes the colour of the path, a leaf that of its class with the path's around it."""
    line = palette.accent if node.on_path else palette.muted
    return {
        "x": node.x,
        "y": node.y,
        "color": line if node.kind == "question" else palette.of_class(node.class_index),
        "edge": palette.accent if node.on_path else palette.background,
        "what": node.label,
        "rows": node.detail,
    }


def _label(node: PlacedNode) -> str:
    return f"{node.label} · {node.detail}" if node.detail else node.label


def _last_column(layout: TreeLayout) -> str:
    """Where the leaves stand: as far right as their text allows, but never with the levels squeezed."""
    longest = max(len(_label(node)) for node in layout.nodes if node.kind != "question")
    room = round(LEAF_MARK + LETTER * longest)
    return f"max(width - {room}, min({LEVEL * layout.levels}, width * 0.6), 8)"


def _labels(layout: TreeLayout, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    """A layer a column, because the room that is left to a text depends on where it begins."""
    layers = []
    for column, on_path in sorted({(node.x, node.on_path) for node in layout.nodes}):
        some = [
            {"x": node.x, "y": node.y, "text": _label(node)}
            for node in layout.nodes
            if (node.x, node.on_path) == (column, on_path)
        ]
        share = column / max(layout.levels, 1)
        look = {
            "dx": 14,
            "align": "left",
            "fontWeight": "bold" if on_path else "normal",
            "color": palette.text if on_path else palette.muted,
            "limit": {"expr": f"width - 8 - {share:.4f} * ({_last_column(layout)} - 8) - 14"},
        }
        layers += text(some, {"x": x, "y": y}, palette, halo=True, **look)
    return layers


def _description(spec: ModelSpec, layout: TreeLayout) -> str:
    questions = [node for node in layout.nodes if node.kind == "question"]
    start = (
        f"Drawing of a decision tree of {spec.title}: {len(questions)} questions, {layout.rows} leaves"
        f"{f', {layout.folded} of them folded' if layout.folded else ''}."
    )
    path = sorted((node for node in layout.nodes if node.on_path), key=lambda node: node.x)
    if not path:
        return start
    asked = {(edge.x0, edge.y0): edge.answer for edge in layout.edges if edge.on_path}
    steps = [f"{node.label}: {asked[(node.x, node.y)]}" for node in path if (node.x, node.y) in asked]
    end = next(node for node in path if node.kind != "question")
    return f"{start} Path: {'; '.join([*steps, f'{end.label}, {end.detail}'])}."
