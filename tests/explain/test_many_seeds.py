"""Many seeds of one training, on rows where it is known what chance decides."""

import dataclasses

import numpy as np
import pytest

from explain.overall.many_seeds import explained_by_each, first_question, many_seeds, train_seeds
from tests import toys as table_toys
from tests.explain import toys

SETTINGS = {"max_depth": 1, "ccp_alpha": 0.0, "criterion": "gini"}
SEEDS = range(12)


def twins():
    """Two columns that say the same, three of noise: a stump must pick one of the two by chance."""
    random = np.random.default_rng(0)
    x = random.uniform(0, 10, size=(80, 5)).round(1)
    x[:, 1] = x[:, 0]
    return x, np.where(x[:, 0] > 5, 1, 0)


@pytest.fixture(scope="module")
def stumps():
    x, y = twins()
    return train_seeds(table_toys.DEFINITION, SETTINGS, SEEDS, x, y, resample=False)


def test_equally_accurate_models_lean_on_different_twins(stumps):
    x, y = twins()
    found = many_seeds(stumps, x, y)
    assert set(found.accuracies) == {1.0}
    assert set(found.structures) == {0, 1}
    leaned = found.reliances > 0
    assert np.all(leaned[:, :2].sum(axis=1) == 1) and not leaned[:, 2:].any()
    # Who asks for the same feature is the same model.
    kinds = np.array(found.structures)
    assert all(len(set(leaned[kinds == kind, 0])) == 1 for kind in (0, 1))
    assert len(set(found.first_questions)) == 2


def test_the_explanation_of_a_row_parts_and_its_answer_does_not(stumps):
    x, y = twins()
    probabilities, attributions = explained_by_each(stumps, x[0])
    assert np.all(probabilities.argmax(axis=1) == y[0])
    first, second = attributions[:, 0, y[0]], attributions[:, 1, y[0]]
    assert np.all((first == 0) != (second == 0))
    assert first + second == pytest.approx(np.full(len(stumps), first.max()))


def test_resampling_draws_each_class_as_often_and_repeats_with_its_seed():
    x, y = twins()
    seen = []

    def watched(some_x, some_y, settings, seed):
        seen.append((np.bincount(some_y).tolist(), some_x.tobytes()))
        return table_toys.DEFINITION.train(some_x, some_y, settings, seed)

    definition = dataclasses.replace(table_toys.DEFINITION, train=watched)
    for _ in range(2):
        train_seeds(definition, SETTINGS, range(3), x, y, resample=True)
    assert {tuple(counts) for counts, _ in seen} == {tuple(np.bincount(y))}
    assert seen[:3] == seen[3:] and len({rows for _, rows in seen}) == 3


def test_which_models_are_as_accurate():
    x, y = twins()
    found = many_seeds(train_seeds(table_toys.DEFINITION, SETTINGS, range(3), x, y, False), x, y)
    found = dataclasses.replace(found, accuracies=np.array([0.95, 0.9, 0.88]))
    assert found.as_accurate_as(0.9, 0.0).tolist() == [True, True, False]
    assert found.as_accurate_as(0.9, 0.02).tolist() == [True, True, True]


def test_first_question_of_trees_and_of_forests():
    spec = toys.make_spec(toys.unit_features(2), 2, "trees")
    trees = [toys.tree_of(nested, 2) for nested in ((0, 0.5, [1, 0], [0, 1]),) * 2]
    trees.append(toys.tree_of((1, 0.25, [1, 0], [0, 1]), 2))
    assert first_question(toys.HandModel(spec, *trees)) == "Feature A ≤ 0.5 cm (in 2 of 3 trees)"
    assert first_question(toys.HandModel(spec, trees[2])) == "Feature B ≤ 0.25 cm"
    assert first_question(toys.HandModel(spec, toys.tree_of([1, 1], 2))) == "nothing"


def test_a_model_that_cannot_be_trained_in_memory_is_refused():
    slow = dataclasses.replace(table_toys.DEFINITION, train=None)
    with pytest.raises(ValueError, match="cannot be trained in memory"):
        train_seeds(slow, SETTINGS, range(2), *twins(), False)
