import numpy as np
import pytest

from data.features import Feature
from explain.rows.response import response
from explain.rows.surface import surface
from tests.explain import toys

# A <= 0.25: a. Above it, B <= 0.55: b, else c (with 1 of 4 rows of a).
NESTED = (0, 0.25, [4, 0, 0], (1, 0.55, [0, 4, 0], [1, 0, 3]))


class Slope:
    """A model without trees: the probability of b is the first feature itself."""

    def __init__(self, features):
        self.spec = toys.make_spec(features, 2, "gradients")

    def predict_proba(self, batch):
        return np.stack([1 - batch[:, 0], batch[:, 0]], axis=1)


def hand_model(nested=NESTED, n_classes=3):
    return toys.HandModel(toys.make_spec(toys.unit_features(2), n_classes), toys.tree_of(nested, n_classes))


def test_response_of_a_tree_flips_at_its_thresholds():
    got = response(hand_model(), np.array([0.1, 0.9]), "f0")
    assert [(flip.at, flip.before, flip.after) for flip in got.flips] == [(0.25, 0, 2)]
    assert [(one.begin, one.end, one.class_index) for one in got.segments] == [(0.0, 0.25, 0), (0.25, 1.0, 2)]
    assert got.exact and got.current == 0.1 and got.current_probabilities.tolist() == [1, 0, 0]
    assert got.values.tolist() == [round(k / 10, 1) for k in range(11)]
    assert np.argmax(got.probabilities, axis=1).tolist() == [0] * 3 + [2] * 8
    assert got.line_values.tolist() == [0.0, 0.25, 0.25, 1.0]
    assert got.line_probabilities[:, 2].tolist() == [0, 0, 0.75, 0.75]
    # Class a is most probable over [0, 0.25], b nowhere, c over [0.25, 1].
    assert got.peaks[[0, 2]].tolist() == [[0.125, 1.0], [0.625, 0.75]]
    assert got.peaks[1, 1] == 0


def test_a_peak_is_the_middle_of_the_whole_stretch():
    # b has 3/4 over two pieces, from 0.25 to 0.75, and less before and after.
    nested = (0, 0.25, [4, 0], (0, 0.5, [1, 3], (0, 0.75, [1, 3], [1, 1])))
    got = response(hand_model(nested, 2), np.array([0.1, 0.9]), "f0")
    assert got.peaks[1].tolist() == [0.5, 0.75]


def test_response_asks_the_model_at_every_step(toy_forest):
    row = np.array([4.0, 3.0, 5.0, 5.0, 5.0])
    got = response(toy_forest, row, "weight")
    for value, probabilities in zip(got.values, got.probabilities, strict=True):
        changed = row.copy()
        changed[1] = value
        assert probabilities.tolist() == toy_forest.predict_proba(changed[None])[0].tolist()
    for before, after in zip(got.segments, got.segments[1:], strict=False):
        # One float32 on either side of a flip point: the classes are as they are told.
        sides = np.tile(row, (2, 1))
        sides[:, 1] = before.end, np.nextafter(np.float32(before.end), np.float32(99))
        assert np.argmax(toy_forest.predict_proba(sides), axis=1).tolist() == [
            before.class_index,
            after.class_index,
        ]


def test_response_of_a_model_without_trees_flips_on_the_grid():
    got = response(Slope(toys.unit_features(2)), np.array([0.2, 0.2]), "f0")
    # At 0.5 both are equal, and the first class wins; 0.6 is the first step with the other.
    assert [(flip.at, flip.before, flip.after) for flip in got.flips] == [(0.6, 0, 1)]
    assert not got.exact
    assert got.line_values.tolist() == got.values.tolist()


def test_surface_of_a_tree_is_cut_at_its_thresholds():
    got = surface(hand_model(), np.array([0.1, 0.9]), "f0", "f1")
    assert got.exact
    assert got.x_edges.tolist() == [0.0, 0.25, 1.0] and got.y_edges.tolist() == [0.0, 0.55, 1.0]
    assert got.classes.tolist() == [[0, 1], [0, 2]]
    assert got.row_probabilities.tolist() == [1, 0, 0]
    regions = {(one.class_index, one.x0, one.x1, one.y0, one.y1, one.probability) for one in got.rectangles}
    # Both cells of a are joined along y.
    assert regions == {
        (0, 0.0, 0.25, 0.0, 1.0, 1.0),
        (1, 0.25, 1.0, 0.0, 0.55, 1.0),
        (2, 0.25, 1.0, 0.55, 1.0, 0.75),
    }
    assert set(got.borders) == {(0.25, 0.0, 0.25, 1.0), (0.25, 0.55, 1.0, 0.55)}
    assert {one.class_index: one.x0 for one in got.largest} == {0: 0.0, 1: 0.25, 2: 0.25}


def test_surface_with_swapped_axes_is_transposed():
    row = np.array([0.1, 0.9])
    one, two = surface(hand_model(), row, "f0", "f1"), surface(hand_model(), row, "f1", "f0")
    assert np.array_equal(one.classes, two.classes.T)


def test_surface_holds_the_other_features_at_the_row(toy_forest):
    row = np.array([4.0, 3.0, 5.0, 5.0, 5.0])
    got = surface(toy_forest, row, "weight", "height")
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 10, size=(200, 2))
    rows = np.tile(row, (200, 1))
    rows[:, [1, 0]] = points
    at_x = np.searchsorted(got.x_edges, points[:, 0]) - 1
    at_y = np.searchsorted(got.y_edges, points[:, 1]) - 1
    assert got.probabilities[at_y, at_x] == pytest.approx(toy_forest.predict_proba(rows))
    area = sum((one.x1 - one.x0) * (one.y1 - one.y0) for one in got.rectangles)
    assert area == pytest.approx(100)


def test_surface_is_thinned_where_there_are_too_many_cells(toy_forest):
    got = surface(toy_forest, np.full(5, 5.0), "height", "weight", resolution=6)
    # 21 steps of 0.5 from 0 to 10, every fourth of them: 0, 2, 4, 6, 8, 10.
    assert not got.exact and got.classes.shape == (6, 6)
    assert got.x_edges.tolist() == [0, 1, 3, 5, 7, 9, 10]


def test_surface_of_a_model_without_trees():
    features = [*toys.unit_features(1), Feature("g", "G", "", 0.0, 2.0, 1.0, 1.0)]
    got = surface(Slope(features), np.array([0.2, 0.0]), "f0", "g")
    assert got.classes.tolist() == [[0] * 6 + [1] * 5] * 3


def test_surface_needs_two_features():
    with pytest.raises(ValueError, match="two different features"):
        surface(hand_model(), np.array([0.1, 0.9]), "f0", "f0")
