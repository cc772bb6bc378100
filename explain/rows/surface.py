"""Decision surface: which class a model predicts over two features, all others held at a row.

For a tree model the surface is cut at the thresholds, so that every border is exact. For any other,
and for a forest with more thresholds than can be drawn, it is asked on the grid of slider steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.features import Feature
from explain.grid import as_row, feature_index, grid
from explain.numbers import exact, percent
from explain.trees.boxes import cells, trees_of
from models.spec import Model, ModelSpec

RESOLUTION = 100


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A region in which class and probability (to a whole percent) do not change."""

    x0: float
    x1: float
    y0: float
    y1: float
    class_index: int
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A decision surface.

    Attributes
    ----------
    x_feature, y_feature : int
        Positions of the two features.
    x_edges : ndarray of shape (n_x + 1,), y_edges : ndarray of shape (n_y + 1,)
        Where the cells end, ascending, in the features' units.
    classes : ndarray of shape (n_y, n_x), int64
        Predicted class of each cell.
    probabilities : ndarray of shape (n_y, n_x, n_classes)
    exact : bool
        Whether the edges are the model's own thresholds.
    row : ndarray of shape (n_features,)
        The row at which all other features are held.
    row_probabilities : ndarray of shape (n_classes,)
        What the model answers for the row itself.
    rectangles : tuple of Rectangle
        The same, with equal neighbours joined.
    borders : tuple of (x0, y0, x1, y1)
        Segments between different classes, each as long as can be.
    largest : tuple of Rectangle
        For each class that is predicted somewhere, the largest rectangle in which it is.
    """

    x_feature: int
    y_feature: int
    x_edges: np.ndarray
    y_edges: np.ndarray
    classes: np.ndarray
    probabilities: np.ndarray
    exact: bool
    row: np.ndarray
    row_probabilities: np.ndarray
    rectangles: tuple[Rectangle, ...]
    borders: tuple[tuple[float, float, float, float], ...]
    largest: tuple[Rectangle, ...]


def surface(model: Model, row: np.ndarray, x: str, y: str, resolution: int = RESOLUTION) -> Surface:
    """Ask a model everywhere over two features.

    Parameters
    ----------
    model : Model
        The loaded version.
    row : ndarray of shape (n_features,)
        The row in question.
    x, y : str
        Names of two different features.
    resolution : int
        Most cells along each axis. Beyond it the grid of steps is thinned.

    Raises
    ------
    ValueError
        If a feature is unknown, both are the same, or the row does not fit the model.
    """
    start = as_row(model.spec, row)
    across, up = feature_index(model.spec, x), feature_index(model.spec, y)
    if across == up:
        raise ValueError(f"A surface needs two different features, not {x} twice.")
    x_edges, x_probes, x_exact = _axis(model, across, resolution)
    y_edges, y_probes, y_exact = _axis(model, up, resolution)
    rows = np.tile(start, (len(y_probes) * len(x_probes), 1))
    rows[:, across] = np.tile(x_probes, len(y_probes))
    rows[:, up] = np.repeat(y_probes, len(x_probes))
    answers = model.predict_proba(np.vstack([rows, start]))
    probabilities = answers[:-1].reshape(len(y_probes), len(x_probes), -1)
    classes, top = np.argmax(probabilities, axis=2), probabilities.max(axis=2)
    return Surface(
        x_feature=across,
        y_feature=up,
        x_edges=x_edges,
        y_edges=y_edges,
        classes=classes,
        probabilities=probabilities,
        exact=x_exact and y_exact,
        row=start,
        row_probabilities=answers[-1],
        rectangles=_rectangles(x_edges, y_edges, classes, top),
        borders=_borders(x_edges, y_edges, classes),
        largest=_largest(_rectangles(x_edges, y_edges, classes, np.ones_like(top))),
    )


def finding(spec: ModelSpec, surface: Surface) -> str:
    """Say over what the surface is, which answers it holds, and what the answer is now."""
    across, up = spec.features[surface.x_feature], spec.features[surface.y_feature]
    top = int(np.argmax(surface.row_probabilities))
    regions = ", ".join(spec.classes[index] for index in sorted({one.class_index for one in surface.largest}))
    return (
        f"Decision surface over {across.label} ({exact(across, across.low)} to {exact(across, across.high)}) and "
        f"{up.label} ({exact(up, up.low)} to {exact(up, up.high)}), with regions of {regions}. "
        f"At {exact(across, surface.row[surface.x_feature])} and {exact(up, surface.row[surface.y_feature])} "
        f"the answer is {spec.classes[top]}, {percent(surface.row_probabilities[top])}."
    )


def _axis(model: Model, index: int, resolution: int) -> tuple[np.ndarray, np.ndarray, bool]:
    """Edges of the cells along a feature, a value in each, and whether the edges are thresholds."""
    feature, trees = model.spec.features[index], trees_of(model)
    if trees:
        edges, probes = cells(trees, index, feature.low, feature.high)
        if len(probes) <= resolution:
            return edges, probes, True
    probes = _thinned(feature, resolution)
    middles = (probes[1:] + probes[:-1]) / 2
    return np.concatenate([[feature.low], middles, [feature.high]]), probes, False


def _thinned(feature: Feature, resolution: int) -> np.ndarray:
    values = grid(feature)
    return values[:: math.ceil(len(values) / resolution)]


def _rectangles(
    x_edges: np.ndarray, y_edges: np.ndarray, classes: np.ndarray, top: np.ndarray
) -> tuple[Rectangle, ...]:
    """Join equal cells to runs along x, and equal runs of neighbouring lines along y."""
    done: list[Rectangle] = []
    growing: dict[tuple[int, int, int, float], int] = {}
    for line in range(classes.shape[0]):
        look = list(zip(classes[line].tolist(), np.round(top[line], 2).tolist(), strict=True))
        starts = [0, *(i for i in range(1, len(look)) if look[i] != look[i - 1])]
        still_growing = {}
        for begin, end in zip(starts, [*starts[1:], len(look)], strict=True):
            run = (begin, end, *look[begin])
            still_growing[run] = growing.get(run, line)
        for run, since in growing.items():
            if run not in still_growing:
                done.append(_rectangle(x_edges, y_edges, run, since, line))
        growing = still_growing
    done += [_rectangle(x_edges, y_edges, run, since, len(classes)) for run, since in growing.items()]
    return tuple(done)


def _rectangle(
    x_edges: np.ndarray, y_edges: np.ndarray, run: tuple[int, int, int, float], first: int, last: int
) -> Rectangle:
    begin, end, class_index, probability = run
    return Rectangle(
        x0=float(x_edges[begin]),
        x1=float(x_edges[end]),
        y0=float(y_edges[first]),
        y1=float(y_edges[last]),
        class_index=class_index,
        probability=probability,
    )


def _largest(rectangles: tuple[Rectangle, ...]) -> tuple[Rectangle, ...]:
    by_area = sorted(rectangles, key=lambda one: (one.x1 - one.x0) * (one.y1 - one.y0))
    return tuple({one.class_index: one for one in by_area}.values())


def _borders(
    x_edges: np.ndarray, y_edges: np.ndarray, classes: np.ndarray
) -> tuple[tuple[float, float, float, float], ...]:
    found = []
    for at, different in zip(x_edges[1:-1], (classes[:, 1:] != classes[:, :-1]).T, strict=True):
        found += [(float(at), a, float(at), b) for a, b in _runs(y_edges, different)]
    for at, different in zip(y_edges[1:-1], classes[1:] != classes[:-1], strict=True):
        found += [(a, float(at), b, float(at)) for a, b in _runs(x_edges, different)]
    return tuple(found)


def _runs(edges: np.ndarray, flags: np.ndarray) -> list[tuple[float, float]]:
    """Ends of each unbroken run of true flags."""
    steps = np.diff(np.concatenate([[0], flags.astype(int), [0]]))
    begins, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return [(float(edges[a]), float(edges[b])) for a, b in zip(begins, ends, strict=True)]
