"""Where the boxes of a lineage graph stand: from left to right where there is room, else from top to bottom.

Places are in columns and rows. A box at column c covers [c, c + BOX_WIDTH], and at row r it covers
[r - BOX_HEIGHT / 2, r + BOX_HEIGHT / 2]; the chart turns these into pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from governance.lineage import Edge, Graph

BOX_HEIGHT = 0.78
# The way of the data, one stage after another; what surrounds the run and what became of the version
# have places of their own.
CHAIN = ("table", "query", "dataset", "split", "transforms", "run", "version")
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
    """A column a stage; code and environment above and below the run that they belong to."""
    tables, ends = _of_kind(graph, "table"), _ends(graph)
    rows = max(3, len(tables), len(ends))
    middle = (rows - 1) / 2
    places: dict[str, tuple[float, float]] = {}
    for column, kind in enumerate(CHAIN):
        stacked = _of_kind(graph, kind)
        places |= {name: (float(column), row) for name, row in _stack(stacked, middle)}
    run = float(CHAIN.index("run"))
    places |= {"code": (run, middle - 1), "environment": (run, middle + 1)}
    if "explanation" in ends:
        # The explanation goes on from the version in a straight line: it is what was asked about.
        ends.remove("explanation")
        ends.insert(len(ends) // 2, "explanation")
    places |= {name: (float(len(CHAIN)), row) for name, row in _stack(ends, middle)}
    return Layout(_present(graph, places), len(CHAIN) + 1, rows, 0.82)


def tall(graph: Graph) -> Layout:
    """The stages under one another; what joins or leaves stands in a second column, half a row lower.

    Lines between the columns run in the gutter, so that none crosses a box.
    """
    tables, ends = _of_kind(graph, "table"), _ends(graph)
    places = {name: (1.0, number - 0.5) if number else (0.0, 0.0) for number, name in enumerate(tables)}
    chain = [kind for kind in CHAIN if kind != "table"]
    places |= {kind: (0.0, float(row)) for row, kind in enumerate(chain, start=1 if tables else 0)}
    beside = max(places["run"][1] - 0.5, len(tables) - 0.5)
    places |= {"code": (1.0, beside), "environment": (1.0, beside + 1)}
    # The first end goes on under the version, the others beside.
    places |= {name: (1.0, beside + 1 + number) for number, name in enumerate(ends) if number}
    places |= dict.fromkeys(ends[:1], (0.0, places["version"][1] + 1))
    found = _present(graph, places)
    rows = ceil(max(place[1] for place in found.values())) + 1
    return Layout(found, 2, rows, 0.88)


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


def _of_kind(graph: Graph, kind: str) -> list[str]:
    return [node.id for node in graph.nodes if node.kind == kind]


def _ends(graph: Graph) -> list[str]:
    return [name for kind in ("explanation", "verification", "alias") for name in _of_kind(graph, kind)]


def _stack(names: list[str], middle: float) -> list[tuple[str, float]]:
    top = middle - (len(names) - 1) / 2
    return [(name, top + number) for number, name in enumerate(names)]


def _present(graph: Graph, places: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    return {node.id: places[node.id] for node in graph.nodes}
