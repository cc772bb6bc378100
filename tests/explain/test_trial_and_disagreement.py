"""Trials against scikit-learn's own cross-validation; disagreement against counts made by hand."""

import dataclasses

import numpy as np
import pytest
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier

from explain.overall import trial
from explain.overall.disagreement import disagreement, finding
from tests import toys as table_toys
from tests.explain import toys

SETTINGS = {"max_depth": 3, "ccp_alpha": 0.0, "criterion": "entropy"}


def test_a_trial_is_judged_as_scikit_learn_judges_it():
    x, y = toys.five_feature_data(n=120)
    found = trial.trial(table_toys.DEFINITION, SETTINGS, 7, x, y)
    estimator = DecisionTreeClassifier(**SETTINGS, random_state=7)
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=10, random_state=0)
    scores = cross_val_score(estimator, x, y, cv=folds)
    assert found.cross_validation["folds"] == pytest.approx(scores.tolist())
    estimator.fit(x, y)
    assert found.training["value"] == pytest.approx(estimator.score(x, y))
    assert np.array_equal(found.model.predict_proba(x), estimator.predict_proba(x))


def test_a_model_that_cannot_be_trained_in_memory_says_so():
    slow = dataclasses.replace(table_toys.DEFINITION, train=None)
    assert trial.unsupported(table_toys.DEFINITION) is None
    assert "takes too long" in str(trial.unsupported(slow))
    with pytest.raises(ValueError, match="takes too long"):
        trial.trial(slow, SETTINGS, 0, *toys.five_feature_data(n=40))


def pair():
    """First: b above 0.3. Second: b above 0.6."""
    spec = toys.make_spec(toys.unit_features(1), 2)
    return [toys.HandModel(spec, toys.tree_of((0, limit, [9, 1], [1, 9]), 2)) for limit in (0.3, 0.6)]


def test_disagreement_by_hand():
    # Between the limits they part: the first says b, the second says a. One of those six rows is b.
    x = np.array([[0.1], [0.2], [0.4], [0.4], [0.4], [0.5], [0.5], [0.5], [0.9]])
    y = np.array([0, 1, 1, 0, 0, 0, 0, 0, 1])
    found = disagreement(*pair(), x, y)
    assert found.rows.tolist() == [2, 3, 4, 5, 6, 7]
    assert (found.both_right, found.only_first, found.only_second, found.both_wrong) == (2, 1, 5, 1)
    # Two-sided: at most 1 of 6 fair coins, or at least 5: 2 (1 + 6) / 64.
    assert found.p_value == pytest.approx(14 / 64)
    # 90 % against 10 % for each class: half of 0.8 + 0.8.
    assert found.distances == pytest.approx([0, 0, *[0.8] * 6, 0])


def test_a_small_chance_is_never_told_as_none():
    first, second = pair()
    x = np.full((12, 1), 0.5)  # the first says b, the second a
    found = disagreement(first, second, x, np.ones(12, dtype=int))
    assert found.p_value == pytest.approx(2 / 2**12)
    assert (
        "with a probability of under 0.01 (McNemar's exact test), which is unlikely"
        in finding(found, ("one", "two"))[1]
    )
    even = disagreement(first, second, x, np.repeat([0, 1], 6))
    assert "with a probability of 1.00" in finding(even, ("one", "two"))[1]


def test_a_model_agrees_with_itself():
    model, _ = pair()
    found = disagreement(model, model, np.array([[0.1], [0.9]]), np.array([1, 1]))
    assert (len(found.rows), found.both_right, found.both_wrong, found.p_value) == (0, 1, 1, 1.0)


def test_models_that_answer_other_questions_are_refused():
    model, _ = pair()
    other = toys.HandModel(toys.make_spec(toys.unit_features(1), 3), toys.tree_of([1, 1, 1], 3))
    with pytest.raises(ValueError, match="same question"):
        disagreement(model, other, np.array([[0.1]]), np.array([0]))
