"""The two exact searches behind `nearest_flip`: leaf boxes of a tree, cells of a forest.

Both minimise (steps in total, number of changed features, their positions, their new values), in
this order, over the grid of slider steps.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from explain.grid import grid, steps_from
from explain.numbers import as_compared
from explain.trees.boxes import LeafBoxes, leaf_boxes, thresholds
from models.spec import Model, ModelSpec, TreeArrays

# Rounding in float32 sums of a forest's shares stays far below this; closer calls go to the model.
TOO_CLOSE = 1e-4
# Entries of a mask (combinations x leaves) that are held in memory at a time.
MASK_SIZE = 4_000_000


@dataclass(frozen=True, slots=True)
class Move:
    """One feature set to a grid value; `threshold` is the bound of its box or cell towards the row."""

    feature: int
    after: float
    steps: int
    threshold: float


Moves = tuple[Move, ...]


def order(moves: Moves) -> tuple[int, int, tuple[int, ...], tuple[float, ...]]:
    """Sort key: steps in total, then fewer features, then the features' order, then lower values."""
    return (
        sum(move.steps for move in moves),
        len(moves),
        tuple(move.feature for move in moves),
        tuple(move.after for move in moves),
    )


def search_tree(
    tree: TreeArrays, spec: ModelSpec, row: np.ndarray, free: Collection[int], wanted: Collection[int]
) -> list[Moves]:
    """Nearest leaves of a wanted class, in closed form: in each box every feature moves alone.

    Parameters
    ----------
    tree : TreeArrays
        One tree of the model.
    spec : ModelSpec
        Names the features and classes.
    row : ndarray of shape (n_features,)
        The row in question.
    free : collection of int
        Features that may move.
    wanted : collection of int
        Classes, none of them the row's.

    Returns
    -------
    list of tuple of Move
        The way into each leaf that takes the fewest steps, in the order of `order`; empty where none can be reached.
    """
    boxes = leaf_boxes([tree], len(row))
    steps = {feature: steps_from(spec.features[feature], row[feature]) for feature in free}
    grids = {feature: grid(spec.features[feature]) for feature in free}
    reachable = []
    for leaf in np.flatnonzero(np.isin(np.argmax(boxes.value, axis=1), list(wanted))):
        moves = _into_box(boxes, int(leaf), row, grids, steps)
        if moves is not None:
            reachable.append(moves)
    return least(reachable)


def least(found: Collection[Moves]) -> list[Moves]:
    """Those of the fewest steps in total, in the order of `order`."""
    ways = sorted(found, key=order)
    return [moves for moves in ways if order(moves)[0] == order(ways[0])[0]]


def _into_box(
    boxes: LeafBoxes, leaf: int, row: np.ndarray, grids: dict[int, np.ndarray], steps: dict[int, np.ndarray]
) -> Moves | None:
    moves = []
    for feature in range(len(row)):
        if boxes.holds(feature, row[[feature]])[0, leaf]:
            continue
        if feature not in grids:
            return None
        inside = np.flatnonzero(boxes.holds(feature, grids[feature])[:, leaf])
        if not len(inside):
            return None
        at = inside[np.argmin(steps[feature][inside])]
        after = float(grids[feature][at])
        side = boxes.lower if after > row[feature] else boxes.upper
        moves.append(Move(feature, after, int(steps[feature][at]), float(side[leaf, feature])))
    return tuple(moves)


def search_forest(
    model: Model,
    trees: Sequence[TreeArrays],
    row: np.ndarray,
    free: Collection[int],
    wanted: Collection[int],
    budget: int,
) -> tuple[list[Moves], int, bool]:
    """Best-first search over the cells between all thresholds, in ascending number of steps.

    Inside a cell a forest answers the same everywhere, so its grid value with the fewest steps stands
    for it. All combinations of one total are tried together; the model itself decides near-ties.

    Parameters
    ----------
    model : Model
        The loaded version.
    trees : sequence of TreeArrays
        All trees of the model.
    row, free, wanted
        As for `search_tree`.
    budget : int
        Most combinations to try. A total is tried as a whole or not at all.

    Returns
    -------
    moves : list of tuple of Move
        As for `search_tree`, a way into each cell.
    searched : int
        Every change of at most so many steps in total was tried or, below the answer, excluded.
    complete : bool
        Whether nothing that can be reached was left out.
    """
    options = [_cell_options(model.spec, trees, row, index, index in free) for index in range(len(row))]
    boxes = leaf_boxes(trees, len(row))
    flips = _flip_test(model, boxes, row, options, wanted)
    combinations = _combinations([[move.steps if move else 0 for move in moves] for moves in options])
    tried = 0
    counts = _counts([[move.steps if move else 0 for move in moves] for moves in options])
    for steps in range(1, len(counts)):
        tried += counts[steps]
        if tried > budget:
            return [], steps - 1, False
        if not counts[steps]:
            continue
        found = flips(combinations(len(options), steps))
        if found:
            return least(found), steps, True
    return [], len(counts) - 1, True


def _cell_options(
    spec: ModelSpec, trees: Sequence[TreeArrays], row: np.ndarray, index: int, free: bool
) -> list[Move | None]:
    """Stay (None), or move to the nearest grid value of each other cell."""
    if not free:
        return [None]
    feature, limits = spec.features[index], thresholds(trees, index)
    values, steps = grid(feature), steps_from(feature, row[index])
    here = int(np.searchsorted(limits, as_compared(row[[index]]))[0])
    nearest: dict[int, Move] = {}
    for at in np.argsort(steps, kind="stable"):
        cell = int(np.searchsorted(limits, as_compared(values[[at]]))[0])
        if cell != here and cell not in nearest:
            limit = limits[cell - 1] if cell > here else limits[cell]
            nearest[cell] = Move(index, float(values[at]), int(steps[at]), float(limit))
    return [None, *nearest.values()]


def _counts(steps: Sequence[Sequence[int]]) -> list[int]:
    """How many combinations have 0, 1, 2, ... steps in total; whole numbers of any size."""
    totals = [1]
    for of_feature in steps:
        longer = [0] * (len(totals) + max(of_feature))
        for step in of_feature:
            for total, count in enumerate(totals):
                longer[total + step] += count
        totals = longer
    return totals


def _combinations(steps: Sequence[Sequence[int]]) -> Callable[[int, int], np.ndarray]:
    """Make a function (k, total) -> every choice of one option for the first k features.

    Its answer is an ndarray of shape (n_combinations, k) of positions in the options. Totals of fewer
    features are kept, because every larger total is put together from them.
    """

    @functools.cache
    def of(k: int, total: int) -> np.ndarray:
        if k == 0:
            return np.empty((1 if total == 0 else 0, 0), dtype=np.int32)
        parts = [np.empty((0, k), dtype=np.int32)]
        for option, step in enumerate(steps[k - 1]):
            if step <= total:
                shorter = of(k - 1, total - step)
                column = np.full((len(shorter), 1), option, dtype=np.int32)
                parts.append(np.hstack([shorter, column]))
        return np.concatenate(parts)

    return of


def _flip_test(
    model: Model,
    boxes: LeafBoxes,
    row: np.ndarray,
    options: Sequence[Sequence[Move | None]],
    wanted: Collection[int],
) -> Callable[[np.ndarray], list[Moves]]:
    """Make a function that picks out, from combinations, those that the model gives a wanted class."""
    values = [
        np.array([row[index] if move is None else move.after for move in moves])
        for index, moves in enumerate(options)
    ]
    holds = [boxes.holds(index, column) for index, column in enumerate(values)]
    shares, good = boxes.value.astype(np.float32), list(wanted)
    chunk = max(1, MASK_SIZE // len(shares))

    def test(combinations: np.ndarray) -> list[Moves]:
        found: list[Moves] = []
        for begin in range(0, len(combinations), chunk):
            part = combinations[begin : begin + chunk]
            inside = holds[0][part[:, 0]]
            for index in range(1, len(holds)):
                inside &= holds[index][part[:, index]]
            scores = inside.astype(np.float32) @ shares
            near = part[scores[:, good].max(axis=1) >= scores.max(axis=1) - TOO_CLOSE]
            if len(near):
                rows = np.stack([values[index][near[:, index]] for index in range(len(values))], axis=1)
                sure = np.isin(np.argmax(model.predict_proba(rows), axis=1), good)
                chosen = ([options[i][option] for i, option in enumerate(one)] for one in near[sure])
                found += [tuple(move for move in moves if move is not None) for moves in chosen]
        return found

    return test
