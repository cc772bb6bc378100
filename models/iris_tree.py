"""``iris_tree``: one decision tree that a person can read, its depth chosen by cross-validation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from data import iris
from data.dataset_types import TableDataset
from governance.metrics import ACCURACY
from models import cards, sklearn_trees
from models.spec import Definition, Fitted, ModelSpec, Report, Setting

# Deeper trees cannot be drawn on a page and read as a whole, so none is considered.
DEPTHS = tuple(range(1, 7))
SPEC = ModelSpec(
    name="iris_tree",
    title="Iris tree",
    modality="tabular",
    classes=iris.CLASSES,
    features=iris.FEATURES,
    capabilities=frozenset({"tree"}),
)


def fit(dataset: TableDataset, settings: Mapping[str, Any], seed: int, report: Report) -> Fitted:
    """Choose the depth, judge the whole procedure by cross-validation, train on the training split."""

    def describe(tree: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        size = {"leaves": int(tree.get_n_leaves()), "depth": int(tree.get_depth())}
        return {**settings, "max_depth": tree.max_depth}, size

    return sklearn_trees.learn(SPEC, partial(_grown, settings), dataset, seed, report, describe)


def _grown(settings: Mapping[str, Any], x: np.ndarray, y: np.ndarray, seed: int) -> Any:
    return _estimator(settings, choose_depth(x, y, settings, seed), seed).fit(x, y)


def choose_depth(x: np.ndarray, y: np.ndarray, settings: Mapping[str, Any], seed: int) -> int:
    """The depth that was set, or for ``auto`` the smallest with the best cross-validated accuracy.

    Three repeats of five folds: with a single one the luck of the folds decides between depths.
    """
    if settings["max_depth"] != "auto":
        return int(settings["max_depth"])
    from sklearn.model_selection import RepeatedStratifiedKFold

    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=3, random_state=seed).split(x, y)
    # One tree a fold says it for every depth: a shallower one is its top.
    right = [
        (_told_at_each_depth(_estimator(settings, DEPTHS[-1], seed).fit(x[a], y[a]), x[b]) == y[b]).mean(
            axis=1
        )
        for a, b in folds
    ]
    means = [np.mean(of_folds) for of_folds in zip(*right, strict=True)]
    return DEPTHS[int(np.argmax(means))]


def _told_at_each_depth(estimator: Any, x: np.ndarray) -> np.ndarray:
    """The class of each row by the tree cut off at each of `DEPTHS`, ndarray of shape (n_depths, n_rows)."""
    tree, rows = estimator.tree_, x.astype(np.float32)  # As scikit-learn compares them.
    node, told = np.zeros(len(rows), dtype=np.int64), []
    for _ in DEPTHS:
        asked = np.maximum(tree.feature[node], 0)  # A leaf asks for none, and is stayed in.
        goes_left = rows[np.arange(len(rows)), asked] <= tree.threshold[node]
        below = np.where(goes_left, tree.children_left[node], tree.children_right[node])
        node = np.where(tree.children_left[node] < 0, node, below)
        told.append(estimator.classes_[tree.value[node, 0].argmax(axis=1)])
    return np.array(told)


def _estimator(settings: Mapping[str, Any], depth: int, seed: int) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(
        max_depth=depth,
        min_samples_leaf=settings["min_samples_leaf"],
        criterion=settings["criterion"],
        random_state=seed,
    )


DEFINITION = Definition(
    spec=SPEC,
    card=cards.built_in("iris_tree"),
    dataset="iris",
    settings=(
        Setting(
            "max_depth",
            "Depth",
            "Questions from the root to the farthest leaf; auto lets cross-validation choose.",
            "int",
            "auto",
            low=1,
            high=DEPTHS[-1],
            auto=True,
        ),
        Setting(
            "min_samples_leaf",
            "Smallest leaf",
            "Training flowers that a leaf must hold at least.",
            "int",
            3,
            low=1,
            high=40,
        ),
        Setting(
            "criterion",
            "Criterion",
            "How a question is judged: by Gini impurity or by entropy.",
            "choice",
            "gini",
            choices=("gini", "entropy"),
        ),
    ),
    fit=fit,
    restore=partial(sklearn_trees.restore, SPEC),
    arrays=sklearn_trees.named_arrays,
    headline=ACCURACY,
    tolerance=0.02,
    at_first_start=True,
    train=partial(sklearn_trees.train, SPEC, _grown),
)
