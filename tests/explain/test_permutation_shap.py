"""Permutation SHAP: Shapley's formula written out, shap's own interventional values, and what is refused."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from data.features import Feature
from explain import methods
from explain.attributions import permutation_shap
from explain.attributions.attribution import AttributionError, MethodError
from explain.attributions.background import of_rows
from explain.targets import ClassTarget
from tests.explain import toys

ROW = np.array([1.0, 9.0, 2.5, 7.0, 3.3])
BACKGROUND = of_rows(*toys.five_feature_data(), n=12)


def by_enumeration(answer, row, background):
    """Shapley's formula over all orders, for one output of a model."""
    n = len(row)

    def won(known):
        mixed = background.copy()
        mixed[:, list(known)] = row[list(known)]
        return answer(mixed).mean()

    worth = {known: won(known) for k in range(n + 1) for known in itertools.combinations(range(n), k)}
    values = np.zeros(n)
    for order in itertools.permutations(range(n)):
        for place, feature in enumerate(order):
            before, after = (tuple(sorted(order[:end])) for end in (place, place + 1))
            values[feature] += worth[after] - worth[before]
    return values / math.factorial(n), worth[()]


@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_is_the_mean_gain_over_all_orders(kind):
    model = toys.fitted_answers(kind)
    for target in range(4):
        got = permutation_shap.METHOD.attribute(model, ROW, ClassTarget(target), background=BACKGROUND)
        values, base = by_enumeration(lambda rows, t=target: model.predict_proba(rows)[:, t], ROW, BACKGROUND)
        assert got.values == pytest.approx(values, abs=1e-12)
        assert got.base_value == pytest.approx(base, abs=1e-12)
        assert got.passes == 2**5 * len(BACKGROUND)


def test_is_what_shap_gives_for_a_forest(toy_forest):
    import shap

    theirs = shap.TreeExplainer(toy_forest.estimator, BACKGROUND, feature_perturbation="interventional")
    got = permutation_shap.METHOD.attribute(toy_forest, ROW, ClassTarget(2), background=BACKGROUND)
    # shap compares in float32 and adds up in it.
    assert got.values == pytest.approx(theirs.shap_values(ROW[None])[0, :, 2], abs=1e-6)


def test_drawn_orders_are_exact_where_no_three_act_together():
    random = np.random.default_rng(0)
    n, single = 12, random.normal(size=12)
    pairs = np.triu(random.normal(size=(n, n)), 1)

    def won(coalitions):
        given = coalitions.astype(float)
        return 3 + given @ single + np.einsum("ki,ij,kj->k", given, pairs, given)

    orders = np.stack([random.permutation(n) for _ in range(3)])
    values, base = permutation_shap.along_orders(won, orders)
    assert base == pytest.approx(3)
    assert values == pytest.approx(single + (pairs.sum(axis=0) + pairs.sum(axis=1)) / 2)
    assert permutation_shap.exact(won, n)[0] == pytest.approx(values)


def test_many_features_are_walked_in_drawn_orders_and_still_add_up():
    features = [Feature(f"f{i}", f"F{i}", "", 0.0, 1.0, 0.1, 0.5) for i in range(12)]
    spec = toys.make_spec(features, 2, title="Wide")
    weights = np.arange(12) / 12

    class Wide:
        def __init__(self):
            self.spec = spec

        def predict_proba(self, batch):
            p = 1 / (1 + np.exp(-(batch @ weights - 3)))
            return np.stack([1 - p, p], axis=1)

    background = np.random.default_rng(1).random((6, 12))
    got = permutation_shap.METHOD.attribute(Wide(), np.full(12, 0.9), ClassTarget(1), background=background)
    assert got.completeness_gap < 1e-12
    assert got.settings["orders"] == permutation_shap.ORDERS and got.settings["seed"] == 0
    assert got.passes == 6 * (2 + 2 * permutation_shap.ORDERS * 11)
    again = permutation_shap.METHOD.attribute(Wide(), np.full(12, 0.9), ClassTarget(1), background=background)
    assert np.array_equal(again.values, got.values)


def test_refuses_a_background_that_does_not_fit(toy_linear):
    method = methods.method("permutation_shap")
    with pytest.raises(MethodError, match="was given no background"):
        method.attribute(toy_linear, ROW, ClassTarget(0))
    for wrong, why in (
        (BACKGROUND[:, :4], r"shape \(n, 5\), not an array of shape \(12, 4\)"),
        (BACKGROUND[:0], r"shape \(n, 5\), not"),
        (np.where(BACKGROUND > 5, np.inf, BACKGROUND), "finite numbers"),
    ):
        with pytest.raises(MethodError, match=why):
            method.attribute(toy_linear, ROW, ClassTarget(0), background=wrong)


def test_refuses_a_sum_that_misses_the_answer():
    class Moody:
        """Answers otherwise when a row comes alone."""

        def __init__(self):
            self.spec = toys.fitted_answers().spec

        def predict_proba(self, batch):
            return np.tile([0.7, 0.1, 0.1, 0.1] if len(batch) == 1 else [0.25] * 4, (len(batch), 1))

    with pytest.raises(AttributionError, match=r"but Toy linear answers 0\.700000"):
        permutation_shap.METHOD.attribute(Moody(), ROW, ClassTarget(0), background=BACKGROUND)


def test_the_background_holds_each_class_alike_and_nothing_else():
    x, y = toys.five_feature_data()
    drawn = of_rows(x, y, n=10, seed=3)
    labels = [int(y[np.flatnonzero((x == row).all(axis=1))[0]]) for row in drawn]
    assert sorted(np.bincount(labels, minlength=4)) == [2, 2, 3, 3]
    assert np.array_equal(drawn, of_rows(x, y, n=10, seed=3))
    assert not np.array_equal(drawn, of_rows(x, y, n=10, seed=4))
    assert len(of_rows(x[:6], y[:6])) == 6
