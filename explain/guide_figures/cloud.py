"""A cloud of points of two kinds, two bent shapes that reach into each other, and trees that learn it.

Some points lie on the wrong side, so a model that is right about every point it saw has learned noise.
Points that no model saw tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from data.features import Feature
from models.sklearn_trees import SklearnTreeModel
from models.spec import Capability, ModelSpec

FEATURES = (
    Feature("across", "Across", "", -2.0, 3.0, 0.05, 0.0),
    Feature("up", "Up", "", -1.5, 2.0, 0.05, 0.0),
)
CLASSES = ("upper", "lower")
SEEN, UNSEEN = 240, 1000
# Standard deviation of a point's distance from its shape, in the unit of the axes.
SPREAD = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A model that learned the cloud.

    Attributes
    ----------
    x : ndarray of shape (SEEN, 2), y : ndarray of shape (SEEN,)
        The points that it learned from.
    right_seen, right_unseen : float
        Shares of right answers, 0 to 1, on those and on `UNSEEN` others.
    leaves : int
        In all of its trees.
    """

    model: SklearnTreeModel
    x: np.ndarray
    y: np.ndarray
    right_seen: float
    right_unseen: float
    leaves: int


def cloud(n: int, seed: int, spread: float = SPREAD) -> tuple[np.ndarray, np.ndarray]:
    """Draw points: x of shape (n, 2) and y of shape (n,), 0 for the upper and 1 for the lower shape.

    The upper shape is the half circle of radius 1 around (0, 0), the lower one its mirror image
    around (1, 0.5).
    """
    random = np.random.default_rng(seed)
    y = np.arange(n) % 2
    angle = random.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    points = np.where(y[:, None] == 0, upper, lower)
    return points + random.normal(0, spread, (n, 2)), y


def tree(depth: int, seed: int = 0) -> Trial:
    """One decision tree of at most this depth."""
    from sklearn.tree import DecisionTreeClassifier

    return _trial(DecisionTreeClassifier(max_depth=depth, random_state=seed), "tree")


def forest(trees: int, seed: int = 0) -> Trial:
    """A random forest; one with fewer trees is the beginning of one with more."""
    from sklearn.ensemble import RandomForestClassifier

    return _trial(RandomForestClassifier(trees, random_state=seed, n_jobs=1), "trees")


def _trial(estimator: Any, capability: Capability) -> Trial:
    (x, y), (others, truth) = cloud(SEEN, 1), cloud(UNSEEN, 2)
    model = SklearnTreeModel(_spec(capability), estimator.fit(x, y))
    right_seen, right_unseen = (
        float(np.mean(model.predict_proba(rows).argmax(axis=1) == wanted))
        for rows, wanted in ((x, y), (others, truth))
    )
    leaves = sum(int((arrays.left < 0).sum()) for arrays in model.trees)
    return Trial(model, x, y, right_seen, right_unseen, leaves)


def _spec(capability: Capability) -> ModelSpec:
    return ModelSpec(
        "cloud", "Learner of the cloud", "tabular", CLASSES, FEATURES, None, frozenset({capability})
    )
