import numpy as np
import pytest

from data.features import Feature
from explain.grid import as_row, class_index, grid, steps_from
from explain.trees.boxes import cells, leaf_boxes, thresholds, trees_of
from tests.explain import toys


@pytest.mark.parametrize("name", ["toy_tree", "toy_forest"])
def test_boxes_answer_as_scikit_learn(name, request):
    model = request.getfixturevalue(name)
    rng = np.random.default_rng(1)
    rows = rng.uniform(-1, 11, size=(300, 5))
    for row in rows[:150]:
        tree = model.trees[rng.integers(len(model.trees))]
        node = rng.choice(np.flatnonzero(tree.feature >= 0))
        row[tree.feature[node]] = tree.threshold[node] + rng.choice([-1e-8, 0, 1e-8])
    boxes = leaf_boxes(model.trees, 5)
    assert boxes.probabilities(rows) == pytest.approx(model.predict_proba(rows), abs=1e-12)


def test_boxes_of_a_hand_built_tree():
    boxes = leaf_boxes([toys.tree_of((0, 0.5, [2, 0], (0, 0.7, [0, 1], [1, 1])), 2)], 2)
    inf = np.inf
    assert boxes.lower.tolist() == [[-inf, -inf], [0.5, -inf], [0.7, -inf]]
    assert boxes.upper.tolist() == [[0.5, inf], [0.7, inf], [inf, inf]]
    assert boxes.value.tolist() == [[1, 0], [0, 1], [0.5, 0.5]]


def test_cells_end_at_thresholds_and_are_asked_inside():
    tree = toys.tree_of((0, 0.25, [1, 0], (0, 0.75, [1, 0], (1, 0.5, [1, 0], [0, 1]))), 2)
    assert thresholds([tree, tree], 0).tolist() == [0.25, 0.75]
    edges, probes = cells([tree], 0, 0.0, 1.0)
    assert edges.tolist() == [0.0, 0.25, 0.75, 1.0]
    assert ((edges[:-1] < probes) & (probes <= edges[1:])).all()


def test_cells_without_a_float32_are_left_out():
    # Between two neighbouring float64 thresholds there is no float32, so no value is ever there.
    tree = toys.tree_of((0, 0.3, [1, 0], (0, np.nextafter(0.3, 1), [0, 1], [1, 0])), 2)
    assert len(cells([tree], 0, 0.0, 1.0)[1]) == 2


def test_grid_is_where_the_slider_snaps():
    feature = Feature("x", "X", "cm", 0.05, 1.0, 0.1, 0.5)
    values = grid(feature)
    assert values.tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert [feature.snap(value) for value in values] == values.tolist()


@pytest.mark.parametrize(
    ("value", "steps"),
    [
        (0.2, [2, 1, 0, 1, 2, 3]),
        (0.1 + 0.1 + 1e-12, [2, 1, 0, 1, 2, 3]),
        (0.25, [3, 2, 1, 1, 2, 3]),
        (-0.25, [3, 4, 5, 6, 7, 8]),
        (0.5, [5, 4, 3, 2, 1, 0]),
        (0.7, [7, 6, 5, 4, 3, 2]),
    ],
)
def test_steps_are_counted_on_the_grid(value, steps):
    assert steps_from(Feature("x", "X", "", 0.0, 0.5, 0.1, 0.2), value).tolist() == steps


def test_rows_are_checked_and_copied(toy_tree):
    row = np.arange(5.0)
    copy = as_row(toy_tree.spec, row)
    copy[0] = 9
    assert row[0] == 0
    with pytest.raises(ValueError, match=r"row of 5 values, not an array of shape \(1, 5\)"):
        as_row(toy_tree.spec, row[None])
    with pytest.raises(ValueError, match="Height is inf"):
        as_row(toy_tree.spec, np.array([np.inf, 0, 0, 0, 0]))
    with pytest.raises(ValueError, match="no class 'z'"):
        class_index(toy_tree.spec, "z")


def test_a_model_without_the_capability_has_no_trees(toy_tree):
    spec = toys.make_spec(toys.five_features(), 4, "gradients")
    assert trees_of(toys.HandModel(spec, *toy_tree.trees)) == ()
