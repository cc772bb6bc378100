"""Where the nodes of a tree stand when it is drawn: root at the left, one leaf a row at the right.

Between two neighbouring leaves stands exactly one question, the one that parts them. So every label
has a line of its own, and none can meet another however narrow the drawing is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from explain.attributions.decision_path import decision_path
from explain.numbers import percent, plural, threshold
from models.spec import ModelSpec, TreeArrays

MOST_LEVELS = 6


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node with its place.

    Attributes
    ----------
    node : int
        Position in the tree's arrays.
    x : float
        Level for a question; the drawing's last column for a leaf.
    y : float
        Leaves 0, 1, 2, ... from the top; questions halfway between two leaves.
    kind : str
        ``question``, ``leaf``, or ``folded`` for questions below the last level that is drawn.
    label : str
        ``Petal length ≤ 2.45 cm``, or the class.
    detail : str
        Share and count of training rows; empty for a question.
    class_index : int
        Most frequent class among the node's training rows.
    on_path : bool
    """

    node: int
    x: float
    y: float
    kind: str
    label: str
    detail: str
    class_index: int
    on_path: bool


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """From a question straight up or down to the child's line, then to the child.

    `answer` is ``yes`` where the child is the left one.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    answer: str
    on_path: bool


@dataclass(frozen=True, slots=True)
class TreeLayout:
    """A tree to be drawn: `rows` lines high, `levels` columns of questions wide.

    `folded` counts the places where deeper questions are not drawn.
    """

    nodes: tuple[PlacedNode, ...]
    edges: tuple[PlacedEdge, ...]
    rows: int
    levels: int
    folded: int


def tree_layout(
    tree: TreeArrays, spec: ModelSpec, row: np.ndarray | None = None, most_levels: int = MOST_LEVELS
) -> TreeLayout:
    """Place a tree's nodes.

    Parameters
    ----------
    tree : TreeArrays
        One tree of the model.
    spec : ModelSpec
        Names the features and classes.
    row : ndarray of shape (n_features,), optional
        Its path is marked.
    most_levels : int
        Levels of questions that are drawn; what lies deeper is folded into its node.

    Raises
    ------
    ValueError
        If the row does not fit the spec.
    """
    path = set() if row is None else set(decision_path(tree, spec, row).nodes)
    order = _in_order(tree, most_levels)
    ends = [node for node, level, end in order if end]
    levels = max((level for _, level, end in order if end), default=0)
    placed: dict[int, PlacedNode] = {}
    above = 0
    for node, level, end in order:
        place = (float(levels), float(above)) if end else (float(level), above - 0.5)
        placed[node] = _placed(tree, spec, node, place, end, node in path)
        above += end
    edges = [
        PlacedEdge(
            x0=placed[node].x,
            y0=placed[node].y,
            x1=placed[child].x,
            y1=placed[child].y,
            answer=answer,
            on_path=node in path and child in path,
        )
        for node, _, end in order
        if not end
        for child, answer in ((int(tree.left[node]), "yes"), (int(tree.right[node]), "no"))
    ]
    return TreeLayout(
        nodes=tuple(placed.values()),
        edges=tuple(edges),
        rows=len(ends),
        levels=levels,
        folded=sum(not tree.is_leaf(node) for node in ends),
    )


def _in_order(tree: TreeArrays, most_levels: int) -> list[tuple[int, int, bool]]:
    """Nodes from top to bottom as (node, level, whether it ends here): left part, node, right part."""
    ordered: list[tuple[int, int, bool]] = []
    waiting: list[tuple[int, int, bool]] = [(0, 0, False)]
    while waiting:
        node, level, left_is_done = waiting.pop()
        end = tree.is_leaf(node) or level == most_levels
        if end or left_is_done:
            ordered.append((node, level, end))
            continue
        waiting.append((int(tree.right[node]), level + 1, False))
        waiting.append((node, level, True))
        waiting.append((int(tree.left[node]), level + 1, False))
    return ordered


def _placed(
    tree: TreeArrays, spec: ModelSpec, node: int, place: tuple[float, float], end: bool, on_path: bool
) -> PlacedNode:
    top = int(np.argmax(tree.value[node]))
    leaf = tree.is_leaf(node)
    label, detail = spec.classes[top], ""
    if not end:
        feature = spec.features[int(tree.feature[node])]
        label = f"{feature.label} ≤ {threshold(feature, float(tree.threshold[node]))}"
    else:
        rows = int(tree.samples[node])
        share = percent(float(tree.value[node, top]))
        detail = f"{share} of {plural(rows, 'row')}" if rows else "no training row"
        if not leaf:
            detail += f", {plural(_questions_below(tree, node), 'more question')}"
    return PlacedNode(
        node=node,
        x=place[0],
        y=place[1],
        kind="leaf" if leaf else "folded" if end else "question",
        label=label,
        detail=detail,
        class_index=top,
        on_path=on_path,
    )


def _questions_below(tree: TreeArrays, node: int) -> int:
    """Questions in the part of the tree that begins at a node, itself included."""
    waiting: Collection[int] = [node]
    count = 0
    while waiting:
        inner = [int(n) for n in waiting if not tree.is_leaf(int(n))]
        count += len(inner)
        waiting = [int(child) for n in inner for child in (tree.left[n], tree.right[n])]
    return count
