"""Response curve: what a model answers along one feature while all others stay as they are.

One row's curve is an individual conditional expectation (A. Goldstein et al., "Peeking inside the
black box", Journal of Computational and Graphical Statistics 24, 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.grid import as_row, feature_index, grid
from explain.numbers import exact, percent, threshold
from explain.trees.boxes import cells, trees_of
from models.spec import Model, ModelSpec


@dataclass(frozen=True, slots=True)
class FlipPoint:
    """Where the predicted class changes along a feature.

    Attributes
    ----------
    at : float
        For a tree model the threshold: the old class up to it, the new class above it. Otherwise the
        first grid value with the new class.
    before, after : int
        Positions of the classes below and above.
    """

    at: float
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the feature's range over which one class is predicted."""

    begin: float
    end: float
    class_index: int


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """A response curve.

    Attributes
    ----------
    feature : int
        Position of the feature that moves.
    values : ndarray of shape (n_values,)
        Every step of the feature's range.
    probabilities : ndarray of shape (n_values, n_classes)
    line_values : ndarray of shape (n_points,), line_probabilities : ndarray of shape (n_points, n_classes)
        The curve to be drawn. For a tree model with both ends of every piece, so that its jumps stand
        exactly at the thresholds; otherwise the same as above.
    flips : tuple of FlipPoint
        Ascending.
    segments : tuple of Segment
        The whole range, cut at the flips.
    peaks : ndarray of shape (n_classes, 2)
        Where each class is most probable (middle of the first such stretch), and how probable there.
    exact : bool
        Whether the flip points come from the model's own thresholds.
    current : float
        The row's value.
    current_probabilities : ndarray of shape (n_classes,)
    """

    feature: int
    values: np.ndarray
    probabilities: np.ndarray
    line_values: np.ndarray
    line_probabilities: np.ndarray
    flips: tuple[FlipPoint, ...]
    segments: tuple[Segment, ...]
    peaks: np.ndarray
    exact: bool
    current: float
    current_probabilities: np.ndarray


def response(model: Model, row: np.ndarray, feature: str) -> Response:
    """Compute the response curve of a row along a feature, over the feature's whole range.

    Parameters
    ----------
    model : Model
        The loaded version.
    row : ndarray of shape (n_features,)
        The row in question.
    feature : str
        Name of the feature that moves.

    Raises
    ------
    ValueError
        If the feature is unknown or the row does not fit the model.
    """
    start = as_row(model.spec, row)
    index = feature_index(model.spec, feature)
    moving, trees = model.spec.features[index], trees_of(model)
    values = grid(moving)
    if trees:
        edges, probes = cells(trees, index, moving.low, moving.high)
    else:
        edges, probes = np.append(values, values[-1]), values
    answers = model.predict_proba(_moved(start, index, np.concatenate([values, probes, start[[index]]])))
    at_values, at_probes = np.split(answers[:-1], [len(values)])
    line_values = np.stack([edges[:-1], edges[1:]], axis=1).ravel() if trees else values
    classes = np.argmax(at_probes, axis=1)
    flips = _flips(edges, classes)
    return Response(
        feature=index,
        values=values,
        probabilities=at_values,
        line_values=line_values,
        line_probabilities=np.repeat(at_probes, 2, axis=0) if trees else at_values,
        flips=flips,
        segments=_segments(edges, flips, int(classes[0])),
        peaks=np.array([_peak(edges, column) for column in at_probes.T]),
        exact=bool(trees),
        current=float(start[index]),
        current_probabilities=answers[-1],
    )


def finding(spec: ModelSpec, response: Response) -> str:
    """Say what the answer is now, and where along the feature it flips."""
    feature, probabilities = spec.features[response.feature], response.current_probabilities
    top = int(np.argmax(probabilities))
    now = (
        f"Response curve along {feature.label}. At {exact(feature, response.current)} the answer is "
        f"{spec.classes[top]}, {percent(float(probabilities[top]))}."
    )
    if not response.flips:
        return f"{now} It does not flip between {exact(feature, feature.low)} and {exact(feature, feature.high)}."
    flips = "; ".join(
        f"from {spec.classes[flip.before]} to {spec.classes[flip.after]} at {threshold(feature, flip.at)}"
        for flip in response.flips
    )
    return f"{now} It flips {flips}."


def _moved(row: np.ndarray, index: int, values: np.ndarray) -> np.ndarray:
    rows = np.tile(row, (len(values), 1))
    rows[:, index] = values
    return rows


def _flips(edges: np.ndarray, classes: np.ndarray) -> tuple[FlipPoint, ...]:
    """Flips between neighbouring pieces; piece i begins at edges[i]."""
    changes = np.flatnonzero(classes[1:] != classes[:-1]) + 1
    return tuple(FlipPoint(float(edges[i]), int(classes[i - 1]), int(classes[i])) for i in changes)


def _segments(edges: np.ndarray, flips: tuple[FlipPoint, ...], first: int) -> tuple[Segment, ...]:
    begins = [float(edges[0]), *(flip.at for flip in flips)]
    classes = [first, *(flip.after for flip in flips)]
    ends = [*begins[1:], float(edges[-1])]
    return tuple(Segment(*one) for one in zip(begins, ends, classes, strict=True))


def _peak(edges: np.ndarray, column: np.ndarray) -> tuple[float, float]:
    begin = end = int(np.argmax(column))
    while end + 1 < len(column) and column[end + 1] == column[begin]:
        end += 1
    return float(edges[begin] + edges[end + 1]) / 2, float(column[begin])
