"""Where the boxes of a lineage graph stand: from left to right where there is room, else from top to bottom.

Places are in columns and rows. A box at column c covers [c, c + BOX_WIDTH], and at row r it covers
[r - BOX_HEIGHT / 2, r + BOX_HEIGHT / 2]; the chart turns these into pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from governance.lineage import Edge, Graph

BOX_HEIGHT = 0.78
# The way of the data, one stage after another; what joins or leaves it has places of its own.
CHAIN = ("query", "renderer", "dataset", "split", "transforms", "run", "version")
# Where the way begins: things that were not made from anything in the graph.
SOURCES = ("table", "scenes", "photos")
_POINTS = 13


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of all nodes.

    Attributes
    ----------
    places : dict of str to (float, float)
        Column and row of each node, by its identity.
    columns, rows : int
        How many there are.
    box_width : float
        Width of a box in columns.
    """

    places: dict[str, tuple[float, float]]
    columns: int
    rows: int
    box_width: float


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge as points from border to border, and the direction in which it arrives."""

    points: tuple[tuple[float, float], ...]
    direction: tuple[int, int]


def wide(graph: Graph) -> Layout:
    """A column a stage; tables, code, environment and verification above and below what they belong to."""
    tables, aliases = _of_kind(graph, *SOURCES), _of_kind(graph, "alias")
    beside = len(tables) > 2
    rows = max(3, len(aliases), len(tables) if beside else 0)
    files = {
        edge.source: edge.target for edge in reversed(graph.edges) if edge.source in _of_kind(graph, "file")
    }
    # What a table was filled from stands before it.
    middle, column = (rows - 1) / 2, int(bool(files))
    places: dict[str, tuple[float, float]] = {}
    if beside:
        places |= _stack(tables, column, middle)
        column += 1
    else:
        places |= {name: (float(column), middle + side) for name, side in zip(tables, (-1, 1), strict=False)}
    places |= {file: (0.0, places[table][1]) for file, table in files.items()}
    for kind in _of_kind(graph, *CHAIN):
        places[kind] = (float(column), middle)
        column += 1
    run, version = places["run"][0], places["version"][0]
    places |= {"code": (run, middle - 1), "environment": (run, middle + 1)}
    places["verification"] = (version, middle + 1)
    for names in (aliases, _of_kind(graph, "explanation")):
        places |= _stack(names, column, middle)
        column += bool(names)
    return Layout(_present(graph, places), column, rows, 0.82)


def tall(graph: Graph) -> Layout:
    """The stages under one another; what joins or leaves stands in a second column, half a row lower.

    Lines between the columns run in the gutter, so that none crosses a box.
    """
    tables, aliases = _of_kind(graph, *SOURCES), _of_kind(graph, "alias")
    files = _of_kind(graph, "file")
    straight = [
        *files[:1],
        *tables[:1],
        *_of_kind(graph, *CHAIN),
        *aliases[:1],
        *_of_kind(graph, "explanation"),
    ]
    places = {name: (0.0, float(row)) for row, name in enumerate(straight)}
    first = len(files[:1]) + 0.5
    more = [*files[1:], *tables[1:]]
    places |= {name: (1.0, first + row) for row, name in enumerate(more)}
    beside = max(places["run"][1] - 0.5, first + len(more))
    joining = ["code", "environment", "verification", *aliases[1:]]
    places |= {name: (1.0, beside + row) for row, name in enumerate(joining)}
    found = _present(graph, places)
    return Layout(found, 2, ceil(max(row for _, row in found.values())) + 1, 0.88)


def curve(layout: Layout, edge: Edge) -> Curve:
    """The line of an edge; leaves and reaches boxes in the middle of a side."""
    (x0, y0), (x1, y1) = layout.places[edge.source], layout.places[edge.target]
    sideways = x0 != x1
    half = layout.box_width / 2
    if sideways:
        towards = 1 if x1 > x0 else -1
        start, end = (x0 + half + towards * half, y0), (x1 + half - towards * half, y1)
        direction = (towards, 0)
    else:
        towards = 1 if y1 > y0 else -1
        start, end = (x0 + half, y0 + towards * BOX_HEIGHT / 2), (x1 + half, y1 - towards * BOX_HEIGHT / 2)
        direction = (0, towards)
    return Curve(tuple(_between(start, end, sideways, i / (_POINTS - 1)) for i in range(_POINTS)), direction)


def _between(
    start: tuple[float, float], end: tuple[float, float], sideways: bool, t: float
) -> tuple[float, float]:
    """A cubic Bézier curve that leaves and arrives at a right angle to the boxes."""
    straight = 3 * t**2 - 2 * t**3
    (x0, y0), (x1, y1) = start, end
    along = 1.5 * t * (1 - t) ** 2 + 1.5 * t**2 * (1 - t) + t**3
    if sideways:
        return x0 + (x1 - x0) * along, y0 + (y1 - y0) * straight
    return x0 + (x1 - x0) * straight, y0 + (y1 - y0) * along


def _of_kind(graph: Graph, *kinds: str) -> list[str]:
    return [node.id for node in graph.nodes if node.kind in kinds]


def _stack(names: list[str], column: int, middle: float) -> dict[str, tuple[float, float]]:
    top = middle - (len(names) - 1) / 2
    return {name: (float(column), top + row) for row, name in enumerate(names)}


def _present(graph: Graph, places: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    return {node.id: places[node.id] for node in graph.nodes}
