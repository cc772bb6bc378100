"""The nearest training examples: what the model learned from that is most like the input, to the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One training example.

    Attributes
    ----------
    position : int
        Among the examples that were compared with.
    label : int
        Position of its class.
    distance : float
        In the units of the space that was searched.
    """

    position: int
    label: int
    distance: float


def nearest(known: np.ndarray, labels: np.ndarray, query: np.ndarray, k: int) -> tuple[Neighbour, ...]:
    """The k nearest by Euclidean distance, the nearest first; of equally near ones the first.

    Parameters
    ----------
    known : ndarray of shape (n, d)
        The examples: features of pictures, or rows in units of spread (`standardised`).
    labels : ndarray of shape (n,)
        Positions of their classes.
    query : ndarray of shape (d,)
        In the same space.
    k : int
        At least 1; fewer are given where there are fewer.

    Raises
    ------
    ValueError
        If shapes do not fit or `k` is below 1.
    """
    if k < 1 or known.ndim != 2 or known.shape[1:] != query.shape or labels.shape != known.shape[:1]:
        raise ValueError(
            f"Neighbours need examples (n, d), a label each, a query (d,) and k of 1 or more; given are "
            f"{known.shape}, {labels.shape}, {query.shape} and {k}."
        )
    distances = np.linalg.norm(known - query, axis=1)
    order = np.argsort(distances, kind="stable")[:k]
    return tuple(Neighbour(int(at), int(labels[at]), float(distances[at])) for at in order)


def finding(near: Sequence[Neighbour], classes: Sequence[str], answer: int) -> tuple[str, bool]:
    """How many of the nearest examples are of the class that the model answers.

    Parameters
    ----------
    near : sequence of Neighbour
        At least one.
    classes : sequence of str
        The model's classes, by position.
    answer : int
        Position of the class that the model answers.

    Returns
    -------
    tuple of str and bool
        The finding as one plain sentence, and whether the examples speak against the answer: fewer than half
        of them are of its class.
    """
    alike = sum(one.label == answer for one in near)
    said = (
        f"{alike} of the {len(near)} nearest training examples are {classes[answer]}, which is what the model "
        "says"
    )
    if 2 * alike >= len(near):
        return f"{said}.", False
    return f"Only {said}: the examples speak against the answer.", True


def spread(rows: np.ndarray) -> np.ndarray:
    """The standard deviation of each feature among the rows, 1 for one that never varies; shape (n_features,)."""
    deviation = rows.std(axis=0)
    return np.where(deviation > 0, deviation, 1.0)


def standardised(rows: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Rows in units of the training's spread, so that centimetres and years compare; of the rows' shape."""
    return (rows - training.mean(axis=0)) / spread(training)
