"""``iris_forest``: many trees that vote, the counterpart of the tree that can be read."""

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

SPEC = ModelSpec(
    name="iris_forest",
    title="Iris forest",
    modality="tabular",
    classes=iris.CLASSES,
    features=iris.FEATURES,
    capabilities=frozenset({"trees"}),
)


def fit(dataset: TableDataset, settings: Mapping[str, Any], seed: int, report: Report) -> Fitted:
    """Judge by cross-validation and train on the training split."""

    def describe(forest: Any) -> tuple[Mapping[str, Any], dict[str, Any]]:
        leaves = int(sum(tree.get_n_leaves() for tree in forest.estimators_))
        return settings, {"trees": len(forest.estimators_), "leaves": leaves}

    return sklearn_trees.learn(SPEC, partial(_grown, settings), dataset, seed, report, describe)


def _grown(settings: Mapping[str, Any], x: np.ndarray, y: np.ndarray, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(**settings, random_state=seed, n_jobs=1).fit(x, y)


DEFINITION = Definition(
    spec=SPEC,
    card=cards.built_in("iris_forest"),
    dataset="iris",
    settings=(
        Setting("n_estimators", "Trees", "How many trees vote.", "int", 100, low=1, high=300),
        Setting("max_depth", "Depth", "Questions on the way to a leaf, at most.", "int", 6, low=1, high=12),
        Setting(
            "min_samples_leaf",
            "Smallest leaf",
            "Training flowers that a leaf must hold at least.",
            "int",
            1,
            low=1,
            high=40,
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
