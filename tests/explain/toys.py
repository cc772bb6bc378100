"""Models and trees for the tests of `explain`: built by hand, at random, or by scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.features import Feature
from models.sklearn_trees import SklearnTreeModel
from models.spec import ModelSpec, TreeArrays
from tests import answering_toys


def make_spec(features, n_classes, capability="tree", title="Toy"):
    classes = tuple("abcdefgh"[:n_classes])
    return ModelSpec("toy", title, "tabular", classes, tuple(features), None, frozenset({capability}))


def unit_features(n, low=0.0, high=1.0, step=0.1):
    return [Feature(f"f{i}", f"Feature {'ABCDEFGH'[i]}", "cm", low, high, step, low + step) for i in range(n)]


class HandModel:
    """Trees asked row by row in plain Python: shares nothing with `explain` or scikit-learn."""

    estimator = None

    def __init__(self, spec, *trees):
        self.spec, self.trees = spec, tuple(trees)

    def predict_proba(self, batch):
        return np.array([np.mean([self._leaf(tree, row) for tree in self.trees], axis=0) for row in batch])

    @staticmethod
    def _leaf(tree, row):
        node = 0
        while tree.left[node] >= 0:
            left = float(np.float32(row[tree.feature[node]])) <= tree.threshold[node]
            node = tree.left[node] if left else tree.right[node]
        return tree.value[node]


def tree_of(nested, n_classes):
    """Arrays of a tree written as ``(feature, threshold, left, right)`` with leaves as lists of counts.

    Shares and samples of the questions follow from the leaves' counts.
    """
    nodes = []

    def add(part):
        here = len(nodes)
        nodes.append(None)
        if isinstance(part, list):
            nodes[here] = (-1, -1, -2, -2.0, np.array(part, dtype=float))
            return here
        feature, threshold, left, right = part
        a, b = add(left), add(right)
        nodes[here] = (a, b, feature, threshold, nodes[a][4] + nodes[b][4])
        return here

    add(nested)
    left, right, feature, threshold, counts = zip(*nodes, strict=True)
    counts = np.array(counts).reshape(-1, n_classes)
    total = counts.sum(axis=1)
    return TreeArrays(
        left=np.array(left),
        right=np.array(right),
        feature=np.array(feature),
        threshold=np.array(threshold, dtype=float),
        value=counts / total[:, None],
        samples=total.astype(np.int64),
        impurity=np.zeros(len(nodes)),
    )


def five_feature_data(seed=0, n=240):
    """Five features, four classes that need two features together."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 10, size=(n, 5)).round(1)
    y = (x[:, 0] > 5).astype(int) * 2 + (x[:, 1] + rng.normal(0, 1.5, n) > 5)
    return x, y.astype(int)


def five_features():
    named = [("height", "m"), ("weight", "kg"), ("age", "years"), ("ratio", ""), ("dose", "mg")]
    return [Feature(name, name.title(), unit, 0.0, 10.0, 0.5, 5.0) for name, unit in named]


def fitted_tree(depth=4):
    from sklearn.tree import DecisionTreeClassifier

    x, y = five_feature_data()
    estimator = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(x, y)
    return SklearnTreeModel(make_spec(five_features(), 4, "tree", "Toy tree"), estimator)


def fitted_answers(kind="linear"):
    """A model that only answers: "linear" or "boosted" of `tests.answering_toys`, on the same rows."""
    fit, scores = {
        "linear": (answering_toys.fit_linear, answering_toys.linear),
        "boosted": (answering_toys.fit_boosted, answering_toys.boosted),
    }[kind]
    spec = replace(make_spec(five_features(), 4, title=f"Toy {kind}"), capabilities=frozenset())
    return answering_toys.ArraysModel(spec, fit(*five_feature_data(), 0), scores)


def fitted_forest(n_trees=7, depth=4):
    from sklearn.ensemble import RandomForestClassifier

    x, y = five_feature_data()
    estimator = RandomForestClassifier(n_trees, max_depth=depth, random_state=0).fit(x, y)
    return SklearnTreeModel(make_spec(five_features(), 4, "trees", "Toy forest"), estimator)
