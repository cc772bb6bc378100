"""A tree whose thresholds were moved by hand: which rows go where, and what its leaves then say.

The questions keep their features and their order; only the limits move. Every share, count and impurity
is taken anew from the training rows that now reach a node, because a leaf that said "97 % of 34 rows"
about rows that go elsewhere would lie. A leaf that no training row reaches any more answers as the
nearest question above it that some do reach; it counts 0 rows. Path-dependent TreeSHAP is not defined
for such a tree, because it weighs branches by their rows.

Impurity as in scikit-learn: Gini 1 - sum p², entropy - sum p log2 p (L. Breiman et al.,
"Classification and Regression Trees", 1984).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from explain.numbers import as_compared
from explain.trees.boxes import trees_of
from models.sklearn_trees import SklearnTreeModel
from models.spec import HasTrees, Model, TreeArrays


def edited_tree(
    model: Model, thresholds: Mapping[int, float], x: np.ndarray, y: np.ndarray
) -> SklearnTreeModel:
    """Copy a tree, move thresholds, and let the training rows fill its leaves anew.

    Parameters
    ----------
    model : Model
        With capability ``tree``; it is not changed.
    thresholds : mapping of int to float
        New limits by the position of their question in the tree's arrays; the others stay.
    x : ndarray of shape (n_rows, n_features)
        The training rows.
    y : ndarray of shape (n_rows,)
        Their classes, as positions.

    Raises
    ------
    ValueError
        If the model is not one tree, a position is not that of a question, a limit is not finite, or
        there is no row.
    """
    if not isinstance(model, HasTrees) or "tree" not in model.spec.capabilities:
        raise ValueError(f"{model.spec.title} is not one readable tree, so it has no threshold to move.")
    (tree,) = trees_of(model)
    limits = _limits(tree, thresholds)
    if len(x) == 0:
        raise ValueError("A tree needs training rows to say what its leaves hold; there are none.")
    reached = rows_at_nodes(tree, limits, x)
    counts = np.stack([reached[y == index].sum(axis=0) for index in model.estimator.classes_], axis=1)
    shares = _shares(tree, counts)
    estimator = copy.copy(model.estimator)
    estimator.tree_ = _rebuilt(model.estimator, limits, counts.sum(axis=1), shares)
    return SklearnTreeModel(model.spec, estimator)


def rows_at_nodes(tree: TreeArrays, limits: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Which rows pass each node, bool ndarray of shape (n_rows, n_nodes).

    Parameters
    ----------
    limits : ndarray of shape (n_nodes,)
        What the tree's questions compare with.
    """
    compared = as_compared(x)
    reached = np.zeros((len(x), tree.n_nodes), dtype=bool)
    reached[:, 0] = True
    # A child always stands behind its parent in the arrays.
    for node in range(tree.n_nodes):
        if not tree.is_leaf(node):
            left = compared[:, tree.feature[node]] <= limits[node]
            reached[:, tree.left[node]] = reached[:, node] & left
            reached[:, tree.right[node]] = reached[:, node] & ~left
    return reached


def _limits(tree: TreeArrays, thresholds: Mapping[int, float]) -> np.ndarray:
    limits = tree.threshold.copy()
    for node, limit in thresholds.items():
        if not 0 <= node < tree.n_nodes or tree.is_leaf(node):
            raise ValueError(f"Node {node} is no question of this tree, so it has no threshold to move.")
        if not math.isfinite(limit):
            raise ValueError(f"The threshold of node {node} must be a finite number, not {limit}.")
        limits[node] = limit
    return limits


def _shares(tree: TreeArrays, counts: np.ndarray) -> np.ndarray:
    """Shares of the classes at each node; where no row arrives, those of the node above."""
    shares = np.zeros(counts.shape)
    shares[0] = counts[0] / counts[0].sum()
    for node in range(tree.n_nodes):
        if not tree.is_leaf(node):
            for child in (int(tree.left[node]), int(tree.right[node])):
                rows = counts[child].sum()
                shares[child] = counts[child] / rows if rows else shares[node]
    return shares


def _rebuilt(estimator: Any, limits: np.ndarray, rows: np.ndarray, shares: np.ndarray) -> Any:
    """Another scikit-learn ``Tree`` with these numbers in its nodes."""
    kind, arguments, state = estimator.tree_.__reduce__()
    nodes = state["nodes"].copy()
    nodes["threshold"] = limits
    nodes["n_node_samples"] = rows
    nodes["weighted_n_node_samples"] = rows
    nodes["impurity"] = impurity(shares, estimator.criterion)
    rebuilt = kind(*arguments)
    rebuilt.__setstate__({**state, "nodes": nodes, "values": np.ascontiguousarray(shares[:, None, :])})
    return rebuilt


def impurity(shares: np.ndarray, criterion: str) -> np.ndarray:
    """Impurity of each line of shares, ndarray of shape (n_nodes,), 0 where one class is alone.

    Raises
    ------
    ValueError
        For a criterion that is neither ``gini`` nor ``entropy`` (also called ``log_loss``).
    """
    if criterion == "gini":
        return 1 - (shares**2).sum(axis=1)
    if criterion in ("entropy", "log_loss"):
        logarithms = np.log2(np.where(shares > 0, shares, 1.0))
        return np.abs(-(shares * logarithms).sum(axis=1))
    raise ValueError(f"The criterion {criterion!r} is neither gini nor entropy.")
