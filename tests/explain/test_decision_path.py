import numpy as np
import pytest

from data.features import Feature
from explain.attributions.decision_path import decision_path
from explain.numbers import comparison, exact, moving, percent, points, share, threshold
from tests.explain import toys

CM = Feature("petal_length", "Petal length", "cm", 0.5, 7.5, 0.1, 4.3)


def path_of(nested, row, n_classes=2, features=None):
    spec = toys.make_spec(features or toys.unit_features(len(row)), n_classes)
    return decision_path(toys.tree_of(nested, n_classes), spec, np.array(row))


def test_words_of_a_step_and_of_the_leaf():
    path = path_of((0, 2.45, [7, 0], (0, 4.95, [1, 3], [0, 1])), [4.3], features=[CM])
    assert path.sentences == (
        "Petal length ≤ 2.45 cm? No, it is 4.3 cm.",
        "Petal length ≤ 4.95 cm? Yes, it is 4.3 cm.",
        "This leaf holds 4 training rows, and 75\u00a0% of them are b.",
    )


@pytest.mark.parametrize(
    ("row", "closing"),
    [
        (1.0, "This leaf holds 7 training rows, and all of them are a."),
        (6.0, "This leaf holds 1 training row, and it is b."),
    ],
)
def test_closing_sentences(row, closing):
    assert path_of((0, 2.45, [7, 0], (0, 4.95, [1, 3], [0, 1])), [row], features=[CM]).closing == closing


def test_values_of_a_step():
    path = path_of((1, 0.5, [2, 0], (0, 0.5, [1, 1], [1, 3])), [0.2, 0.9])
    first, second = path.steps
    assert (first.node, first.child, first.feature, first.went_left) == (0, 2, 1, False)
    assert (first.samples_before, first.samples_after) == (8, 6)
    assert first.shares_before.tolist() == [0.5, 0.5]
    assert (second.feature, second.went_left, second.compared) == (0, True, float(np.float32(0.2)))
    assert path.nodes == (0, 2, 3) and path.leaf == 3
    assert path.shares.tolist() == [0.5, 0.5] and path.samples == 2


def test_a_tree_without_questions():
    path = path_of([3, 1], [0.2])
    assert path.steps == () and path.sentences == (
        "This leaf holds 4 training rows, and 75\u00a0% of them are a.",
    )


def test_compares_as_scikit_learn_does(toy_tree):
    rng = np.random.default_rng(0)
    # Rows on and beside the thresholds themselves, where only float32 decides.
    tree = toy_tree.trees[0]
    rows = rng.uniform(0, 10, size=(200, 5))
    asked = np.flatnonzero(tree.feature >= 0)
    for row in rows:
        node = rng.choice(asked)
        row[tree.feature[node]] = tree.threshold[node] + rng.choice([-1e-8, 0, 1e-8, 1e-6])
    leaves = toy_tree.estimator.apply(rows)
    assert [decision_path(tree, toy_tree.spec, row).leaf for row in rows] == leaves.tolist()


def test_printed_numbers_compare_like_the_real_ones():
    # float32(2.45) = 2.4500000477 is above 2.4499999881, though both print as 2.45.
    fine = Feature("x", "X", "cm", 0.0, 9.0, 0.01, 1.0)
    value, limit = comparison(fine, 2.45, 2.449999988079071)
    assert float(value.split()[0]) > float(limit.split()[0])
    assert comparison(fine, 2.4, 2.449999988079071) == ("2.40 cm", "2.45 cm")
    below = [float(text.split()[0].replace("−", "-")) for text in comparison(fine, -2.45, -2.4500001)]
    assert below[0] > below[1]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (percent(0.984), "98\u00a0%"),
        (percent(0.9999), "over 99\u00a0%"),
        (percent(1.0), "100\u00a0%"),
        (percent(0.0001), "under 1\u00a0%"),
        (percent(0.0), "0\u00a0%"),
        (share(0.984), "0.98"),
        (share(0.999), "over 0.99"),
        (share(1.0), "1.00"),
        (share(0.001), "under 0.01"),
        (share(0.0), "0.00"),
        (points(0.4824), "+48.2 points"),
        (points(-0.02), "−2.0 points"),
        (points(-0.0001), "0.0 points"),
        (exact(CM, 4.3), "4.3 cm"),
        (exact(CM, 5.05), "5.05 cm"),
        (exact(CM, 1 / 3), "0.333333333 cm"),
        (exact(CM, -4.3), "−4.3 cm"),
        (exact(CM, -1 / 3), "−0.333333333 cm"),
        (exact(CM, -0.0), "0.0 cm"),
        (threshold(CM, 2.449999988079071), "2.45 cm"),
        (threshold(CM, -2.45), "−2.45 cm"),
        (moving([]), "Moving"),
        (moving(["Petal width"]), "With petal width kept as it is, moving"),
        (moving(["Age", "BMI", "Dose"]), "With age, BMI and dose kept as they are, moving"),
        (threshold(CM, 5.0), "5 cm"),
    ],
)
def test_numbers(text, wanted):
    assert text == wanted
