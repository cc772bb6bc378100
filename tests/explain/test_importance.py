"""Importance and interactions against scikit-learn, Shapley's axioms, and values worked out by hand."""

import numpy as np
import pytest
from scipy.stats import rankdata, t
from sklearn.inspection import permutation_importance
from sklearn.tree import DecisionTreeClassifier

from explain.attributions.attribution import MethodError
from explain.attributions.tree_shap import interactions_of_rows, values_of_rows
from explain.overall import importance
from explain.overall.interactions import finding, interactions, share_together, strongest_pair
from models.sklearn_trees import SklearnTreeModel
from tests.explain import toys


def stump_model():
    spec = toys.make_spec(toys.unit_features(2), 2)
    return toys.HandModel(spec, toys.tree_of((0, 0.5, [5, 0], [0, 5]), 2))


def test_reliance_of_a_stump_by_hand():
    # Half of the rows carry either value: with another row's value half of the answers are wrong.
    x, y = np.array([[0.1, 0.3], [0.2, 0.9], [0.8, 0.3], [0.9, 0.1]]), np.array([0, 0, 1, 1])
    found = importance.permutation(stump_model(), x, y)
    assert found.values.tolist() == [0.5, 0.0]
    assert (found.accuracy, found.rows) == (1.0, 4)
    assert (found.low[1], found.high[1]) == (0.0, 0.0)


def test_reliance_is_the_mean_over_scikit_learns_shuffles(toy_forest):
    x, y = toys.five_feature_data(seed=5, n=60)
    repeats = 60
    by_shuffles = permutation_importance(
        toy_forest.estimator, x, y, scoring="accuracy", n_repeats=repeats, random_state=0
    )
    found = importance.permutation(toy_forest, x, y)
    error = by_shuffles.importances_std / np.sqrt(repeats)
    assert np.all(np.abs(found.values - by_shuffles.importances_mean) <= 4.5 * error + 1e-12)
    assert found.values[0] > 0.1, "the test compares something"


def test_the_interval_is_the_jackknifes(toy_tree):
    x, y = toys.five_feature_data(seed=6, n=20)
    found = importance.permutation(toy_tree, x, y)
    without = np.array(
        [
            importance.permutation(toy_tree, np.delete(x, k, axis=0), np.delete(y, k)).values
            for k in range(len(x))
        ]
    )
    error = np.sqrt((len(x) - 1) / len(x) * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    assert found.high - found.values == pytest.approx(t.ppf(0.975, 19) * error)
    assert found.values - found.low == pytest.approx(t.ppf(0.975, 19) * error)


def test_of_many_rows_some_are_drawn_by_the_seed(toy_tree, monkeypatch):
    monkeypatch.setattr(importance, "MOST_ROWS", 30)
    x, y = toys.five_feature_data(seed=6, n=90)
    one, again, other = (importance.permutation(toy_tree, x, y, seed) for seed in (0, 0, 1))
    assert one.rows == 30
    assert one.values.tolist() == again.values.tolist() != other.values.tolist()


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="at least 3 held-out rows; there are 2"):
        importance.permutation(stump_model(), np.zeros((2, 2)), np.zeros(2, dtype=int))


def test_impurity_from_the_arrays_themselves(toy_tree):
    (tree,) = toy_tree.trees
    removed = np.zeros(5)
    for node in np.flatnonzero(tree.left >= 0):
        left, right = tree.left[node], tree.right[node]
        weighted = tree.samples * tree.impurity
        removed[tree.feature[node]] += weighted[node] - weighted[left] - weighted[right]
    assert importance.impurity(toy_tree) == pytest.approx(removed / removed.sum())


def test_ranks_are_scipys_and_close_values_share_one():
    values = np.array([0.1, 0.4, 0.1 + 1e-15, 0.0, 0.4])
    assert importance.ranks(values).tolist() == rankdata(-values.round(12), method="min").tolist()


@pytest.mark.parametrize(
    ("measures", "begin"),
    [
        (
            {"permutation": [0.3, 0.1], "impurity": [0.9, 0.1]},
            "They agree: the same order in all 2, with feature A first.",
        ),
        (
            {"permutation": [0.3, 0.1, 0.0], "TreeSHAP": [0.3, 0.0, 0.1]},
            "They agree that feature A matters most, but not on the rest. Ranks differ for feature B (2, 3), "
            "feature C (3, 2), in the order permutation, TreeSHAP.",
        ),
        (
            {"permutation": [0.3, 0.1], "impurity": [0.1, 0.9]},
            "They disagree on what matters most: permutation puts feature A first; impurity puts feature B first.",
        ),
        (
            {"permutation": [-0.1, 0.0], "impurity": [0.1, 0.9]},
            "They disagree on what matters most: permutation puts none first; impurity puts feature B first.",
        ),
        ({"permutation": [0.0, 0.0], "impurity": [0.0, 1e-18]}, "By none of the 2 does any feature matter."),
    ],
)
def test_agreement_in_words(measures, begin):
    arrays = {title: np.array(values) for title, values in measures.items()}
    spec = toys.make_spec(toys.unit_features(len(next(iter(arrays.values())))), 2)
    assert importance.agreement(spec, arrays).startswith(begin)


def test_common_order_is_by_mean_rank():
    measures = {"one": np.array([0.1, 0.3, 0.2]), "two": np.array([0.0, 0.5, 0.6])}
    # Ranks 3 and 3, 1 and 2, 2 and 1: the second and third tie, and keep the features' order.
    assert importance.common_order(measures) == [1, 2, 0]


@pytest.mark.parametrize("which", ["toy_tree", "toy_forest"])
def test_values_of_rows_add_up_to_the_probabilities(which, request):
    model = request.getfixturevalue(which)
    x, _ = toys.five_feature_data(seed=3, n=20)
    values, base = values_of_rows(model, x)
    assert values.shape == (20, 5, 4)
    assert base + values.sum(axis=1) == pytest.approx(model.predict_proba(x))
    assert importance.mean_size(values, 2) == pytest.approx(np.abs(values[:, :, 2]).mean(axis=0))
    assert importance.mean_size(values) == pytest.approx(
        np.mean([importance.mean_size(values, c) for c in range(4)], axis=0)
    )


@pytest.mark.parametrize("which", ["toy_tree", "toy_forest"])
def test_interactions_add_up_to_the_values(which, request):
    model = request.getfixturevalue(which)
    x, _ = toys.five_feature_data(seed=3, n=20)
    together = interactions_of_rows(model, x)
    assert together.shape == (20, 5, 5, 4)
    assert together.sum(axis=2) == pytest.approx(values_of_rows(model, x)[0], abs=1e-9)
    assert together == pytest.approx(together.transpose(0, 2, 1, 3), abs=1e-9)
    strengths = interactions(model, x).strengths(1)
    assert strengths == pytest.approx(strengths.T)
    assert strengths[0, 1] == pytest.approx(2 * np.abs(together[:, 0, 1, 1]).mean())
    assert strengths[0, 0] == pytest.approx(np.abs(together[:, 0, 0, 1]).mean())


def sklearn_model(x, y):
    estimator = DecisionTreeClassifier(random_state=0).fit(x, y)
    return SklearnTreeModel(toys.make_spec(toys.unit_features(2), 2), estimator)


def test_exclusive_or_is_all_interaction():
    # Knowing one of two features leaves the chance at 1/2; knowing both makes it 0 or 1. By Shapley's
    # interaction index the pair does 1/2, and neither does anything alone.
    x = np.array([[0.2, 0.2], [0.2, 0.8], [0.8, 0.2], [0.8, 0.8]] * 3)
    model = sklearn_model(x, (x[:, 0] > 0.5) ^ (x[:, 1] > 0.5))
    found = interactions(model, x)
    strengths = found.strengths(1)
    assert strengths == pytest.approx(np.array([[0.0, 0.5], [0.5, 0.0]]), abs=1e-9)
    assert strongest_pair(strengths) == (0, 1)
    assert share_together(strengths) == pytest.approx(1.0)
    assert found.together(0, 1, 1)[:4] == pytest.approx([-0.5, 0.5, 0.5, -0.5])


def test_a_stump_has_no_interaction():
    x = np.array([[0.2, 0.2], [0.2, 0.8], [0.8, 0.2], [0.8, 0.8]])
    strengths = interactions(sklearn_model(x, x[:, 0] > 0.5), x).strengths(0)
    assert strengths == pytest.approx(np.array([[0.5, 0.0], [0.0, 0.0]]), abs=1e-9)
    assert share_together(strengths) == 0 and strongest_pair(strengths) == (0, 1)


def test_rounding_is_no_interaction_and_a_model_that_never_varies_has_no_effects():
    spec = toys.make_spec(toys.unit_features(2), 2)
    noisy = np.array([[0.5, 1e-17], [1e-17, 0.2]])
    assert share_together(noisy) == 0
    assert finding(spec, noisy, 0)[0] == "For a, every feature acts alone."
    x = np.array([[0.2, 0.2], [0.8, 0.8], [0.2, 0.8]])
    strengths = interactions(sklearn_model(x[[0, 0, 0, 1]] * 0, [0, 1, 1, 1]), x).strengths(0)
    assert finding(spec, strengths, 0)[0] == "For a, no feature does anything on these rows."


def test_a_model_without_trees_is_refused():
    plain = toys.HandModel(toys.make_spec(toys.unit_features(2), 2, "gradients"))
    for ask in (values_of_rows, interactions_of_rows):
        with pytest.raises(MethodError, match="made of decision trees"):
            ask(plain, np.zeros((1, 2)))
