"""Trees with thresholds moved by hand, against a tree of three nodes worked out on paper."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from draw.tree_layout import tree_layout
from explain.attributions.decision_path import decision_path
from explain.rows.surface import surface
from explain.trees.edited_tree import edited_tree, impurity
from models.sklearn_trees import SklearnTreeModel
from tests.explain import toys

X = np.array([[0.1, 0.0], [0.3, 0.0], [0.6, 0.0], [0.9, 0.0]])
Y = np.array([0, 0, 1, 1])


def stump(criterion="gini"):
    """One question, Feature A ≤ 0.45, with two rows on either side."""
    estimator = DecisionTreeClassifier(max_depth=1, criterion=criterion, random_state=0).fit(X, Y)
    return SklearnTreeModel(toys.make_spec(toys.unit_features(2), 2), estimator)


@pytest.mark.parametrize(("criterion", "of_two_to_one"), [("gini", 4 / 9), ("entropy", 0.9182958340544896)])
def test_three_nodes_by_hand(criterion, of_two_to_one):
    # With the limit at 0.7 the rows 0.1, 0.3 and 0.6 go left (two of class a, one of b), and 0.9 goes right.
    edited = edited_tree(stump(criterion), {0: 0.7}, X, Y)
    (tree,) = edited.trees
    assert tree.threshold[0] == 0.7
    assert tree.samples.tolist() == [4, 3, 1]
    assert tree.value == pytest.approx(np.array([[1 / 2, 1 / 2], [2 / 3, 1 / 3], [0, 1]]))
    # Of halves, Gini is 1/2 and entropy 1.
    assert tree.impurity == pytest.approx([0.5 if criterion == "gini" else 1.0, of_two_to_one, 0.0])
    assert edited.predict_proba(np.array([[0.5, 0.0], [0.8, 0.0]])) == pytest.approx(
        np.array([[2 / 3, 1 / 3], [0, 1]])
    )


def test_the_model_itself_is_not_changed():
    model = stump()
    before = model.predict_proba(X)
    edited_tree(model, {0: 0.7}, X, Y)
    assert np.array_equal(model.predict_proba(X), before)
    assert model.trees[0].threshold[0] == pytest.approx(0.45)


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_without_a_change_every_number_comes_out_as_the_training_left_it(criterion):
    x, y = toys.five_feature_data()
    estimator = DecisionTreeClassifier(max_depth=4, criterion=criterion, random_state=0).fit(x, y)
    learned = SklearnTreeModel(toys.make_spec(toys.five_features(), 4), estimator)
    again = edited_tree(learned, {}, x, y)
    for name in ("left", "right", "feature", "threshold", "value", "samples", "impurity"):
        found, wanted = (getattr(model.trees[0], name) for model in (again, learned))
        assert found == pytest.approx(wanted, abs=1e-12), name
    assert again.estimator.feature_importances_ == pytest.approx(estimator.feature_importances_)


def test_scikit_learn_answers_as_the_arrays_say(toy_tree):
    x, y = toys.five_feature_data()
    (tree,) = toy_tree.trees
    asked = np.flatnonzero(tree.left >= 0)
    moved = {int(node): float(tree.threshold[node]) + 1.3 for node in asked[:4]}
    edited = edited_tree(toy_tree, moved, x, y)
    by_hand = toys.HandModel(toy_tree.spec, *edited.trees)
    rows = np.random.default_rng(1).uniform(0, 10, size=(300, 5))
    assert edited.predict_proba(rows) == pytest.approx(by_hand.predict_proba(rows))
    assert edited.trees[0].samples[edited.trees[0].left < 0].sum() == len(x)


def test_a_leaf_without_rows_answers_as_the_question_above_it():
    edited = edited_tree(stump(), {0: 0.95}, X, Y)
    (tree,) = edited.trees
    assert tree.samples.tolist() == [4, 4, 0]
    assert edited.predict_proba(np.array([[0.99, 0.0]])) == pytest.approx(np.array([[0.5, 0.5]]))
    path = decision_path(tree, edited.spec, np.array([0.99, 0.0]))
    assert path.closing.startswith("No training row reaches this leaf.")
    details = [node.detail for node in tree_layout(tree, edited.spec).nodes]
    assert details == ["50\u00a0% of 4 rows", "", "no training row"]


def test_surface_and_path_follow_the_moved_threshold():
    edited = edited_tree(stump(), {0: 0.7}, X, Y)
    row = np.array([0.6, 0.0])
    assert surface(edited, row, "f0", "f1").borders == ((0.7, 0.0, 0.7, 1.0),)
    path = decision_path(edited.trees[0], edited.spec, row)
    assert path.sentences[0] == "Feature A ≤ 0.7 cm? Yes, it is 0.6 cm."


@pytest.mark.parametrize(
    ("thresholds", "sentence"),
    [
        ({1: 0.5}, "Node 1 is no question"),
        ({9: 0.5}, "Node 9 is no"),
        ({0: np.nan}, "finite number, not nan"),
    ],
)
def test_what_cannot_be_moved_is_refused(thresholds, sentence):
    with pytest.raises(ValueError, match=sentence):
        edited_tree(stump(), thresholds, X, Y)


def test_a_forest_and_an_empty_table_are_refused(toy_forest):
    with pytest.raises(ValueError, match="not one readable tree"):
        edited_tree(toy_forest, {}, X, Y)
    with pytest.raises(ValueError, match="needs training rows"):
        edited_tree(stump(), {}, X[:0], Y[:0])


def test_impurity_of_an_unknown_criterion_is_refused():
    with pytest.raises(ValueError, match="neither gini nor entropy"):
        impurity(np.array([[0.5, 0.5]]), "twoing")
