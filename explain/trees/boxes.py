"""Trees as boxes: each leaf is the set of rows that fulfil every comparison on the way to it.

A box turns questions about a tree into closed form: which leaf holds a row, and which smallest
change of a row reaches a leaf.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explain.numbers import as_compared
from models.spec import HasTrees, Model, TreeArrays


@dataclass(frozen=True, slots=True, eq=False)
class LeafBoxes:
    """Leaves of one or several trees. A leaf holds a row where ``lower < float32(value) <= upper``.

    Attributes
    ----------
    lower, upper : ndarray of shape (n_leaves, n_features), float64
        Infinite where nothing limits the feature.
    value : ndarray of shape (n_leaves, n_classes), float64
        What the leaf adds to the model's probabilities: its shares over the number of trees.
    """

    lower: np.ndarray
    upper: np.ndarray
    value: np.ndarray

    def holds(self, feature: int, values: np.ndarray) -> np.ndarray:
        """Whether leaves admit values of one feature, bool ndarray of shape (n_values, n_leaves)."""
        compared = as_compared(values)[:, None]
        return (compared > self.lower[:, feature]) & (compared <= self.upper[:, feature])

    def probabilities(self, rows: np.ndarray) -> np.ndarray:
        """What the trees answer: (n_rows, n_features) in, ndarray of shape (n_rows, n_classes) out."""
        inside = np.ones((len(rows), len(self.value)), dtype=bool)
        for feature in range(self.lower.shape[1]):
            inside &= self.holds(feature, rows[:, feature])
        return inside @ self.value


def trees_of(model: Model) -> tuple[TreeArrays, ...]:
    """The trees of a model with capability ``tree`` or ``trees``; none for any other."""
    if model.spec.capabilities & {"tree", "trees"} and isinstance(model, HasTrees):
        return model.trees
    return ()


def leaf_boxes(trees: Sequence[TreeArrays], n_features: int) -> LeafBoxes:
    """Boxes of all leaves, tree by tree."""
    lower, upper, value = [], [], []
    for tree in trees:
        waiting = [(0, np.full(n_features, -np.inf), np.full(n_features, np.inf))]
        while waiting:
            node, low, high = waiting.pop()
            if tree.is_leaf(node):
                lower.append(low)
                upper.append(high)
                value.append(tree.value[node] / len(trees))
                continue
            feature, limit = int(tree.feature[node]), float(tree.threshold[node])
            left_high, right_low = high.copy(), low.copy()
            left_high[feature] = min(high[feature], limit)
            right_low[feature] = max(low[feature], limit)
            waiting.append((int(tree.right[node]), right_low, high))
            waiting.append((int(tree.left[node]), low, left_high))
    return LeafBoxes(np.array(lower), np.array(upper), np.array(value))


def thresholds(trees: Sequence[TreeArrays], feature: int) -> np.ndarray:
    """Every threshold at which a tree asks for a feature, ascending and without repeats."""
    return np.unique(np.concatenate([tree.threshold[tree.feature == feature] for tree in trees]))


def cells(
    trees: Sequence[TreeArrays], feature: int, low: float, high: float
) -> tuple[np.ndarray, np.ndarray]:
    """Cut [low, high] at the thresholds of a feature: no tree answers differently inside a piece.

    Returns
    -------
    edges : ndarray of shape (n_cells + 1,)
        From low to high, thresholds between. The first piece has width 0 where a threshold is low.
    probes : ndarray of shape (n_cells,)
        A value inside each piece: the largest float32 in it, at which all of it can be asked.
    """
    limits = thresholds(trees, feature)
    edges = np.concatenate([[low], limits[(limits >= low) & (limits < high)], [high]])
    single = edges[1:].astype(np.float32)
    below = np.nextafter(single, np.float32(-np.inf))
    probes = np.where(single.astype(np.float64) > edges[1:], below, single).astype(np.float64)
    # Between two thresholds with no float32 between them, no value can ever be compared.
    real = probes > edges[:-1]
    real[0] = True
    return np.concatenate([[low], edges[1:][real]]), probes[real]
