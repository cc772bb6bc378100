"""The iris tree and forest: how good they are, and that nothing is chosen on the test split."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from data import iris
from data.dataset_types import TableDataset
from governance import digests
from models import catalogue, iris_forest, iris_tree, sklearn_trees, training
from models.spec import Fitted
from tests import toys


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> TableDataset:
    """The flowers, loaded once."""
    with toys.home_at(tmp_path_factory.mktemp("home")):
        return iris.load()


FEW_DEPTHS = (1, 2, 4)


def fit(name: str, dataset: TableDataset, seed: int = 0, **settings: Any) -> Fitted:
    definition = catalogue.definition(name)
    complete = training.settings_for(definition, settings)
    return definition.fit(dataset, complete, seed, lambda progress: None)


def digest(fitted: Fitted) -> str:
    return digests.of_arrays(sklearn_trees.named_arrays(fitted.model))[1]


@pytest.fixture(scope="module")
def chosen_tree(dataset: TableDataset) -> Fitted:
    """A tree whose depth was chosen, among three so that it does not take long.

    The whole choice is made where a fresh home trains, in `tests/governance/test_governance_cli.py`.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iris_tree, "DEPTHS", FEW_DEPTHS)
        return fit("iris_tree", dataset)


def poisoned(dataset: TableDataset) -> TableDataset:
    """The same training rows; test rows with values and classes that would turn any choice."""
    x, y = dataset.x.copy(), dataset.y.copy()
    x[dataset.split.test] = 1e30 * np.array([1, -1, 1, -1])
    y[dataset.split.test] = (y[dataset.split.test] + 1) % 3
    return dataclasses.replace(dataset, x=x, y=y)


def test_tree_is_accurate_and_can_be_read(dataset: TableDataset, chosen_tree: Fitted) -> None:
    """Its figures are what they say: means of folds, and of the thirty flowers kept aside."""
    accuracy, test = chosen_tree.metrics["accuracy"], chosen_tree.metrics["test_accuracy"]
    low, high = accuracy["interval"]
    assert len(accuracy["folds"]) == 50
    assert accuracy["value"] == pytest.approx(np.mean(accuracy["folds"]))
    assert accuracy["value"] >= 0.93
    assert low < accuracy["value"] < high
    labels = chosen_tree.model.predict_proba(dataset.x[dataset.split.test]).argmax(axis=1)
    assert (test["rows"], test["value"]) == (30, np.mean(labels == dataset.y[dataset.split.test]))
    assert chosen_tree.metrics["depth"] <= chosen_tree.chosen["max_depth"]
    assert chosen_tree.chosen["max_depth"] in (2, 4)


def test_chosen_depth_is_recorded_and_alone_gives_the_same_tree(
    dataset: TableDataset, chosen_tree: Fitted
) -> None:
    assert isinstance(chosen_tree.chosen["max_depth"], int)
    again = fit("iris_tree", dataset, **chosen_tree.chosen)
    assert digest(again) == digest(chosen_tree)
    assert again.chosen == chosen_tree.chosen


def test_nothing_of_the_test_split_reaches_the_tree(
    dataset: TableDataset, chosen_tree: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(iris_tree, "DEPTHS", FEW_DEPTHS)
    other = fit("iris_tree", poisoned(dataset))
    assert digest(other) == digest(chosen_tree)
    assert other.chosen == chosen_tree.chosen
    np.testing.assert_array_equal(other.probe, chosen_tree.probe)
    # The poison is noticed where the rows are used: in the figures.
    assert chosen_tree.metrics["test_accuracy"]["value"] > 0.8
    assert other.metrics["test_accuracy"]["value"] < 0.5


def test_nothing_of_the_test_split_reaches_the_forest(dataset: TableDataset) -> None:
    clean = fit("iris_forest", dataset, n_estimators=3)
    assert digest(fit("iris_forest", poisoned(dataset), n_estimators=3)) == digest(clean)


def test_a_changed_training_row_reaches_the_tree(dataset: TableDataset) -> None:
    """The counterpart: the comparison above can see a difference."""
    x, y = dataset.x.copy(), dataset.y.copy()
    y[dataset.split.train[:6]] = 2
    changed = fit("iris_tree", dataclasses.replace(dataset, x=x, y=y), max_depth=3)
    assert digest(changed) != digest(fit("iris_tree", dataset, max_depth=3))


@pytest.mark.parametrize("seed", [4, 9])
def test_depth_is_the_smallest_with_the_best_cross_validated_accuracy(
    dataset: TableDataset, seed: int
) -> None:
    """Against scikit-learn's own grid search over the same folds."""
    from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
    from sklearn.tree import DecisionTreeClassifier

    x, y = dataset.x[dataset.split.train], dataset.y[dataset.split.train]
    search = GridSearchCV(
        DecisionTreeClassifier(min_samples_leaf=3, random_state=seed),
        {"max_depth": list(iris_tree.DEPTHS)},
        cv=RepeatedStratifiedKFold(n_splits=5, n_repeats=3, random_state=seed),
        scoring="accuracy",
    ).fit(x, y)
    settings = {"max_depth": "auto", "min_samples_leaf": 3, "criterion": "gini"}
    assert iris_tree.choose_depth(x, y, settings, seed) == search.best_params_["max_depth"]


def test_depth_that_one_question_answers_is_one() -> None:
    """All depths are equally good here, so the smallest is taken."""
    x, y = np.arange(60.0).reshape(60, 1), np.repeat([0, 1], 30)
    settings = {"max_depth": "auto", "min_samples_leaf": 1, "criterion": "gini"}
    assert iris_tree.choose_depth(x, y, settings, 0) == 1


def test_settings_reach_the_estimator(dataset: TableDataset) -> None:
    tree = fit("iris_tree", dataset, max_depth=2, min_samples_leaf=30, criterion="entropy")
    (arrays,) = tree.model.trees  # type: ignore[attr-defined]
    assert arrays.samples[arrays.left < 0].min() >= 30
    assert tree.model.estimator.get_params()["criterion"] == "entropy"  # type: ignore[attr-defined]
    forest = fit("iris_forest", dataset, n_estimators=4, max_depth=1)
    assert len(forest.model.trees) == 4  # type: ignore[attr-defined]
    assert max(tree.n_nodes for tree in forest.model.trees) == 3  # type: ignore[attr-defined]
    assert forest.metrics["trees"] == 4


def test_tree_arrays_answer_as_the_tree_does(dataset: TableDataset) -> None:
    """Walk the arrays by hand: left where float32(value) <= threshold, share of the classes in the leaf."""
    for name, settings in (("iris_tree", {"max_depth": 4}), ("iris_forest", {"n_estimators": 3})):
        fitted = fit(name, dataset, **settings)
        rows = fitted.probe[:200]
        walked = np.zeros((len(rows), 3))
        for tree in fitted.model.trees:  # type: ignore[attr-defined]
            for position, row in enumerate(rows):
                node = 0
                while not tree.is_leaf(node):
                    goes_left = np.float32(row[tree.feature[node]]) <= tree.threshold[node]
                    node = int(tree.left[node] if goes_left else tree.right[node])
                walked[position] += tree.value[node] / len(fitted.model.trees)  # type: ignore[attr-defined]
        np.testing.assert_allclose(walked, fitted.model.predict_proba(rows), atol=1e-12)


def test_probe_is_wider_than_the_training_rows_on_every_side(dataset: TableDataset) -> None:
    x = dataset.x[dataset.split.train]
    low, high = x.min(axis=0), x.max(axis=0)
    margin = (high - low) / 2
    probe = fit("iris_tree", dataset, max_depth=1).probe
    assert probe.shape == (4096, 4)
    assert (probe >= low - margin).all() and (probe <= high + margin).all()
    # A quarter of the box lies outside on either side of each feature, and Sobol points spread evenly.
    np.testing.assert_allclose((probe < low).mean(axis=0), 0.25, atol=0.01)
    np.testing.assert_allclose((probe > high).mean(axis=0), 0.25, atol=0.01)
    np.testing.assert_array_equal(sklearn_trees.probe_set(low, high), probe)


def test_a_forest_s_vote_is_the_mean_of_its_trees(dataset: TableDataset) -> None:
    fitted = fit("iris_forest", dataset, n_estimators=5)
    members = fitted.model.estimator.estimators_  # type: ignore[attr-defined]
    mean = np.mean([member.predict_proba(dataset.x) for member in members], axis=0)
    np.testing.assert_allclose(fitted.model.predict_proba(dataset.x), mean, atol=1e-12)
    assert iris_forest.SPEC.capabilities == {"trees"}
