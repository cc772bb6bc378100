"""How much the training data can say about a row: is it inside their range, how many were alike?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.attributions.decision_path import decision_path
from explain.grid import as_row
from explain.numbers import exact
from explain.trees.boxes import trees_of
from models.spec import Model, ModelSpec


@dataclass(frozen=True, slots=True)
class Outside:
    """A value beyond what the model saw in training.

    Attributes
    ----------
    feature : int
        Position of the feature.
    value : float
        The row's value.
    low, high : float
        Smallest and largest value among the training rows.
    sentence : str
    """

    feature: int
    value: float
    low: float
    high: float
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class LeafSupport:
    """How many training rows share the leaf of a row.

    Attributes
    ----------
    samples : ndarray of shape (n_trees,), int64
        Training rows in the leaf that the row reaches, tree by tree.
    total : ndarray of shape (n_trees,), int64
        Training rows of each tree.
    """

    samples: np.ndarray
    total: np.ndarray


def outside_training(
    spec: ModelSpec, row: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[Outside, ...]:
    """The values of a row that lie outside the training range, in the features' order.

    Parameters
    ----------
    spec : ModelSpec
        Names the features and classes.
    row : ndarray of shape (n_features,)
        The row in question.
    low, high : ndarray of shape (n_features,)
        Smallest and largest value of each feature among the training rows; both count as inside.
    """
    values = as_row(spec, row)
    found = []
    for index, feature in enumerate(spec.features):
        value, least, most = float(values[index]), float(low[index]), float(high[index])
        if least <= value <= most:
            continue
        relation = "below" if value < least else "above"
        found.append(
            Outside(
                feature=index,
                value=value,
                low=least,
                high=most,
                sentence=f"{feature.label} {exact(feature, value)} is {relation} everything seen in training "
                f"({exact(feature, least)} to {exact(feature, most)}).",
            )
        )
    return tuple(found)


def leaf_support(model: Model, row: np.ndarray) -> LeafSupport:
    """Count the training rows in the leaves that a row reaches.

    Raises
    ------
    ValueError
        If the model has no trees, or the row does not fit it.
    """
    trees = trees_of(model)
    if not trees:
        raise ValueError(f"{model.spec.title} has no leaves in which training rows could be counted.")
    samples = [decision_path(tree, model.spec, row).samples for tree in trees]
    return LeafSupport(np.array(samples), np.array([int(tree.samples[0]) for tree in trees]))
