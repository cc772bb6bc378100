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
            # One row against all at a time: a full matrix of distances would not fit for large tables.
            means = [np.abs(scaled[rows] - scaled[row]).sum(axis=1).mean() for row in rows]
            found[index] = x[rows[int(np.argmin(means))]]
    return found


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
