"""Where a what-if begins: a typical row of each class, and the features worth looking at first."""

from __future__ import annotations

import numpy as np

from models.spec import HasTrees, Model


def typical_rows(x: np.ndarray, y: np.ndarray, n_classes: int) -> dict[int, np.ndarray]:
    """The medoid of each class: the row with the smallest mean distance to the others of its class.

    A medoid is a row that really exists, unlike a mean. Distances are Manhattan distances, each
    feature divided by its standard deviation over all rows.

    Parameters
    ----------
    x : ndarray of shape (n_rows, n_features)
        Training rows.
    y : ndarray of shape (n_rows,)
        Their classes, as positions.
    n_classes : int
        Classes without a row are left out of the result.

    Returns
    -------
    dict of int to ndarray of shape (n_features,)
    """
    deviation = x.std(axis=0)
    scaled = x / np.where(deviation > 0, deviation, 1.0)
    found: dict[int, np.ndarray] = {}
    for index in range(n_classes):
        rows = np.flatnonzero(y == index)
        if len(rows):
            found[index] = x[rows[_medoid(scaled[rows])]]
    return found


def _medoid(points: np.ndarray) -> int:
    """Position of the point with the smallest mean distance to all; the first of those that share it."""
    total = np.sum([_distances_to_all(column) for column in points.T], axis=0)
    # The sums are exact but for rounding, and by rounding alone none must win over another that is as near.
    near = np.flatnonzero(total <= total.min() * (1 + 1e-9))
    _, first = np.unique(points[near], axis=0, return_index=True)
    candidates = near[np.sort(first)]
    means = [np.abs(points - points[row]).sum(axis=1).mean() for row in candidates]
    return int(candidates[int(np.argmin(means))])


def _distances_to_all(values: np.ndarray) -> np.ndarray:
    """For each value the sum of its distances to all, shape (n,): by sorting, for n² of them would not end."""
    order = np.argsort(values)
    ascending = values[order]
    below = np.concatenate(([0.0], np.cumsum(ascending)[:-1]))
    above = ascending.sum() - below - ascending
    place = np.arange(len(values))
    sums = np.empty(len(values))
    sums[order] = place * ascending - below + above - (len(values) - 1 - place) * ascending
    return sums


def telling_features(model: Model) -> list[str]:
    """Names of all features, those first that the model uses most.

    For trees the order is by how much impurity a feature removes (L. Breiman et al., "Classification
    and Regression Trees", 1984), as scikit-learn computes it; for any other model the spec's order.
    """
    names = [feature.name for feature in model.spec.features]
    if not isinstance(model, HasTrees):
        return names
    importance = np.asarray(model.estimator.feature_importances_)
    return [names[index] for index in np.argsort(-importance, kind="stable")]
