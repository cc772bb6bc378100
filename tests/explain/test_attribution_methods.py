"""One contract for every method of the catalogue, then each method against its own truth."""

import gc
import itertools
import math
import weakref

import numpy as np
import pytest

from draw.waterfall import waterfall
from explain import methods
from explain.attributions import tree_shap
from explain.attributions.attribution import AttributionError, MethodError
from explain.attributions.background import of_rows
from explain.targets import ClassTarget
from models.spec import ModelSpec
from tests.explain import toys

ROWS = (np.full(5, 5.0), np.array([1.0, 9.0, 2.5, 7.0, 3.3]))


BACKGROUND = of_rows(*toys.five_feature_data())


@pytest.fixture(params=["toy_tree", "toy_forest", "toy_linear", "toy_boosted"])
def model(request):
    return request.getfixturevalue(request.param)


def more(method):
    """What a method needs besides the row."""
    return {"background": BACKGROUND} if method.needs_background else {}


def test_every_model_for_rows_has_a_method(model):
    assert any(fit.reason is None for fit in methods.for_spec(model.spec))


@pytest.mark.parametrize("name", methods.names())
@pytest.mark.parametrize("row", ROWS, ids=["middle", "corner"])
def test_contract(name, model, row):
    method = methods.method(name)
    if method.unsupported(model.spec) is not None:
        with pytest.raises(MethodError):
            method.attribute(model, row, ClassTarget(0))
        return
    given = row.copy()
    for target in range(4):
        one, two = (method.attribute(model, given, ClassTarget(target), **more(method)) for _ in range(2))
        assert np.array_equal(given, row)
        assert one.values.shape == (5,) and np.isfinite(one.values).all()
        assert np.array_equal(one.values, two.values) and one.base_value == two.base_value
        assert one.output == model.predict_proba(row[None])[0, target]
        assert (one.target, one.method, one.units) == (ClassTarget(target), name, "probability")
        assert one.passes > 0 and one.milliseconds > 0
        if method.complete:
            assert one.completeness_gap < 1e-9
        if not method.signed:
            assert (one.values >= 0).all()


@pytest.mark.parametrize("name", methods.names())
def test_refuses_with_a_sentence(name, model):
    method = methods.method(name)
    image = ModelSpec("cnn", "The CNN", "image", ("a", "b"), (), 96, frozenset())
    reason = method.unsupported(image)
    if name in ("occlusion", "superpixel_shap"):
        assert reason is None, "they need answers alone"
    else:
        assert "The CNN" in reason and reason.endswith(".")
    if method.unsupported(model.spec) is None:
        with pytest.raises(MethodError, match=r"takes no settings.*, but was given depth"):
            method.attribute(model, ROWS[0], ClassTarget(0), depth=3, **more(method))
        with pytest.raises(ValueError, match="Target 4"):
            method.attribute(model, ROWS[0], ClassTarget(4), **more(method))
        with pytest.raises(ValueError, match="not a number"):
            method.attribute(model, np.array([1, 2, 3, 4, np.nan]), ClassTarget(0), **more(method))


def test_catalogue(toy_forest):
    with pytest.raises(MethodError, match="Did you mean tree_shap"):
        methods.method("treeshap")
    fits = methods.for_spec(toy_forest.spec)
    assert [(fit.method.name, fit.reason is None) for fit in fits] == [
        ("tree_shap", True),
        ("permutation_shap", True),
        ("decision_path", False),
    ]


def expected_when_known(tree, row, known, node=0):
    """Mean answer when only some features are known: others follow the training rows' shares."""
    if tree.left[node] < 0:
        return tree.value[node]
    left, right = int(tree.left[node]), int(tree.right[node])
    if tree.feature[node] in known:
        goes_left = np.float64(np.float32(row[tree.feature[node]])) <= tree.threshold[node]
        return expected_when_known(tree, row, known, left if goes_left else right)
    a, b = tree.samples[left], tree.samples[right]
    return (
        a * expected_when_known(tree, row, known, left) + b * expected_when_known(tree, row, known, right)
    ) / (a + b)


def shapley_by_enumeration(tree, row, n):
    """Shapley's formula over all coalitions, ndarray of shape (n_features, n_classes)."""
    worth = {
        frozenset(known): expected_when_known(tree, row, set(known))
        for size in range(n + 1)
        for known in itertools.combinations(range(n), size)
    }
    values = []
    for i in range(n):
        total = 0.0
        for known, before in worth.items():
            if i not in known:
                weight = math.factorial(len(known)) * math.factorial(n - len(known) - 1) / math.factorial(n)
                total = total + weight * (worth[known | {i}] - before)
        values.append(total)
    return np.array(values), worth[frozenset()]


@pytest.mark.parametrize("row", ROWS, ids=["middle", "corner"])
def test_tree_shap_is_shapleys_formula(toy_tree, row):
    values, base = shapley_by_enumeration(toy_tree.trees[0], row, 5)
    for target in range(4):
        got = tree_shap.METHOD.attribute(toy_tree, row, ClassTarget(target))
        assert got.values == pytest.approx(values[:, target], abs=1e-12)
        assert got.base_value == pytest.approx(base[target], abs=1e-12)


def test_tree_shap_of_a_forest_is_the_mean_over_trees():
    from models.sklearn_trees import SklearnTreeModel

    x, y = toys.five_feature_data()
    from sklearn.ensemble import RandomForestClassifier

    # Without bootstrap, unique rows and weighted rows are the same, which the oracle needs.
    estimator = RandomForestClassifier(3, max_depth=3, max_features=2, bootstrap=False, random_state=0).fit(
        x, y
    )
    model = SklearnTreeModel(toys.make_spec(toys.five_features(), 4, "trees"), estimator)
    values = np.mean([shapley_by_enumeration(tree, ROWS[1], 5)[0] for tree in model.trees], axis=0)
    assert tree_shap.METHOD.attribute(model, ROWS[1], ClassTarget(2)).values == pytest.approx(
        values[:, 2], abs=1e-12
    )


@pytest.mark.parametrize("n_classes", [1, 2])
def test_tree_shap_with_few_classes(n_classes):
    from sklearn.tree import DecisionTreeClassifier

    from models.sklearn_trees import SklearnTreeModel

    x, y = toys.five_feature_data()
    estimator = DecisionTreeClassifier(max_depth=2, random_state=0).fit(x, y % n_classes)
    model = SklearnTreeModel(toys.make_spec(toys.five_features(), n_classes), estimator)
    assert tree_shap.METHOD.attribute(model, ROWS[1], ClassTarget(n_classes - 1)).completeness_gap < 1e-9


def test_tree_shap_refuses_a_sum_that_is_wrong():
    class Liar:
        def __init__(self, honest):
            self.spec, self.trees, self.estimator = honest.spec, honest.trees, honest.estimator

        def predict_proba(self, batch):
            return np.full((len(batch), 4), 0.25)

    with pytest.raises(AttributionError, match=r"but Toy tree answers 0\.250000"):
        tree_shap.METHOD.attribute(Liar(toys.fitted_tree(2)), ROWS[1], ClassTarget(0))


def test_tree_shap_does_not_keep_models_alive():
    model = toys.fitted_tree(2)
    tree_shap.METHOD.attribute(model, ROWS[0], ClassTarget(0))
    seen = weakref.ref(model)
    del model
    gc.collect()
    assert seen() is None


def test_decision_path_credits_the_feature_that_was_asked():
    # Root 8 rows (4 of b: 1/2). B > 0.5 leaves 6 rows (4 of b: 2/3). A > 0.5 leaves 4 (3 of b: 3/4).
    nested = (1, 0.5, [2, 0], (0, 0.5, [1, 1], [1, 3]))
    model = toys.HandModel(toys.make_spec(toys.unit_features(2), 2), toys.tree_of(nested, 2))
    got = methods.method("decision_path").attribute(model, np.array([0.9, 0.9]), ClassTarget(1))
    assert got.base_value == 1 / 2
    assert got.values == pytest.approx([3 / 4 - 2 / 3, 2 / 3 - 1 / 2])
    assert got.output == 3 / 4


def test_waterfall_goes_from_base_to_sum_by_size():
    attribution = methods.method("decision_path").attribute(toys.fitted_tree(), ROWS[1], ClassTarget(1))
    steps = waterfall(attribution)
    sizes = [abs(stair.end - stair.begin) for stair in steps.stairs]
    assert sizes == sorted(sizes, reverse=True)
    assert steps.stairs[0].begin == steps.base == attribution.base_value
    assert steps.total == steps.stairs[-1].end == pytest.approx(attribution.output)
    assert sorted(i for stair in steps.stairs for i in stair.features) == [0, 1, 2, 3, 4]


def test_waterfall_puts_small_steps_together():
    attribution = methods.method("decision_path").attribute(toys.fitted_tree(), ROWS[1], ClassTarget(1))
    steps = waterfall(attribution, most_steps=2)
    largest = int(np.argmax(np.abs(attribution.values)))
    assert steps.stairs[0].features == (largest,)
    assert sorted(steps.stairs[1].features) == [i for i in range(5) if i != largest]
    assert steps.total == pytest.approx(attribution.output)
