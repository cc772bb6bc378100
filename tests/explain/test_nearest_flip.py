import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.features import Feature
from explain.rows.flip_search import search_forest
from explain.rows.nearest_flip import nearest_flip, unsupported
from models.spec import ModelSpec
from tests.explain import toys

# Two questions: B first at 0.55, then on its high side A at 0.25.
#   B <= 0.55                 -> a  (6 of 6)
#   B >  0.55 and A <= 0.25   -> b  (3 of 4)
#   B >  0.55 and A >  0.25   -> c  (5 of 5)
NESTED = (1, 0.55, [6, 0, 0], (0, 0.25, [1, 3, 0], [0, 0, 5]))


def hand_model(nested=NESTED, n_features=2, n_classes=3, features=None):
    features = features or toys.unit_features(n_features)
    return toys.HandModel(toys.make_spec(features, n_classes), toys.tree_of(nested, n_classes))


def grid_by_hand(feature):
    n = round((feature.high - feature.low) / feature.step)
    return [round(feature.low + k * feature.step, 3) for k in range(n + 1)]


def brute_force(model, row, wanted, locked):
    """Try every point of the grid; steps are counted as grid values passed on the way."""
    choices = []
    for index, feature in enumerate(model.spec.features):
        here, options = float(row[index]), [(0, float(row[index]))]
        values = grid_by_hand(feature)
        for value in [] if index in locked else values:
            passed = [g for g in values if (here < g <= value) or (value <= g < here)]
            if passed:
                options.append((len(passed), value))
        choices.append(options)
    flipping = []
    points = list(itertools.product(*choices))
    answers = model.predict_proba(np.array([[value for _, value in point] for point in points]))
    for point, answer in zip(points, answers, strict=True):
        if int(np.argmax(answer)) not in wanted:
            continue
        moved = [index for index, (steps, _) in enumerate(point) if steps]
        key = (
            sum(steps for steps, _ in point),
            len(moved),
            tuple(moved),
            tuple(point[index][1] for index in moved),
        )
        flipping.append((key, np.array([value for _, value in point])))
    fewest = min((key[0] for key, _ in flipping), default=None)
    return sorted(((key, changed) for key, changed in flipping if key[0] == fewest), key=lambda one: one[0])


def region(model, row):
    """Where a row lies: the leaf of a single tree, of a forest the cell between all of its thresholds."""
    if len(model.trees) > 1:
        return tuple(
            bool(np.float32(row[feature]) <= limit)
            for tree in model.trees
            for feature, limit in zip(tree.feature, tree.threshold, strict=True)
            if feature >= 0
        )
    (tree,), node = model.trees, 0
    while tree.left[node] >= 0:
        low = np.float32(row[tree.feature[node]]) <= tree.threshold[node]
        node = int((tree.left if low else tree.right)[node])
    return node


def key_of(flip):
    if not flip.found:
        return None
    return (
        flip.steps,
        len(flip.changes),
        tuple(change.feature for change in flip.changes),
        tuple(change.after for change in flip.changes),
    )


@st.composite
def random_trees(draw, n_features, n_classes, features):
    def limit(feature):
        value = draw(st.sampled_from(grid_by_hand(feature)))
        single = np.float32(value)
        return float(
            draw(
                st.sampled_from(
                    [
                        value,
                        float(single),
                        float(np.nextafter(single, np.float32(-9))),
                        float(np.nextafter(single, np.float32(9))),
                        np.nextafter(value, -9),
                        value + feature.step / 2,
                    ]
                )
            )
        )

    def part(depth):
        if depth == 0 or draw(st.integers(0, 4)) == 0:
            # Counts from 0 to 2 make ties between classes common.
            counts = draw(st.lists(st.integers(0, 2), min_size=n_classes, max_size=n_classes))
            return counts if sum(counts) else [1] * n_classes
        index = draw(st.integers(0, n_features - 1))
        return (index, limit(features[index]), part(depth - 1), part(depth - 1))

    return toys.tree_of(part(3), n_classes)


@st.composite
def problems(draw, n_trees):
    n_features, n_classes = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    features = [
        Feature(f"f{i}", f"F{i}", "cm", 0.0, 0.6, draw(st.sampled_from([0.1, 0.2])), 0.2)
        for i in range(n_features)
    ]
    trees = [draw(random_trees(n_features, n_classes, features)) for _ in range(n_trees)]
    spec = toys.make_spec(features, n_classes, "tree" if n_trees == 1 else "trees")
    row = [draw(st.sampled_from([*grid_by_hand(feature), 0.27, 0.4000001])) for feature in features]
    locked = draw(st.sets(st.integers(0, n_features - 1), max_size=n_features - 1))
    return toys.HandModel(spec, *trees), np.array(row), locked, draw(st.integers(0, n_classes))


def check_against_brute_force(problem):
    model, row, locked, choice = problem
    names = model.spec.classes
    now = int(np.argmax(model.predict_proba(row[None])[0]))
    to_class = None if choice == len(names) or choice == now else names[choice]
    wanted = {choice} if to_class else set(range(len(names))) - {now}
    flip = nearest_flip(model, row, to_class, locked={f"f{i}" for i in locked})
    smallest = brute_force(model, row, wanted, locked)
    assert key_of(flip) == (smallest[0][0] if smallest else None)
    assert flip.complete
    # Whatever else is as small is named: a way into each leaf or cell that any of them reaches.
    ways = [one.row for one in ([flip, *flip.equal] if flip.found else [])]
    assert sorted(region(model, way) for way in ways) == sorted({region(model, one) for _, one in smallest})
    reached = [tuple(one) for _, one in smallest]
    assert all(tuple(way) in reached for way in ways)
    for one in flip.equal:
        assert one.after == int(np.argmax(model.predict_proba(one.row[None])[0])) in wanted
    if flip.found:
        assert int(np.argmax(model.predict_proba(flip.row[None])[0])) == flip.after in wanted
        kept = [i for i in range(len(row)) if i not in {change.feature for change in flip.changes}]
        assert np.array_equal(flip.row[kept], row[kept])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(problems(n_trees=1))
def test_tree_agrees_with_every_point_of_the_grid(problem):
    check_against_brute_force(problem)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(problems(n_trees=3))
def test_forest_agrees_with_every_point_of_the_grid(problem):
    check_against_brute_force(problem)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(problems(n_trees=1))
def test_both_searches_find_the_same(problem):
    model, row, locked, _ = problem
    now = int(np.argmax(model.predict_proba(row[None])[0]))
    wanted = set(range(len(model.spec.classes))) - {now}
    free = set(range(len(row))) - locked
    ways, _, complete = search_forest(model, model.trees, row, free, wanted, budget=10**6)
    flip = nearest_flip(model, row, locked={f"f{i}" for i in locked})
    assert complete
    found = [(change.feature, change.after) for change in flip.changes] if flip.found else None
    assert ([(move.feature, move.after) for move in ways[0]] if ways else None) == found


def test_closed_form_of_two_questions():
    # From A = 0.1, B = 0.4 (class a): B to 0.6 is 2 steps and gives b; c also needs A to 0.3, 4 steps.
    flip = nearest_flip(hand_model(), np.array([0.1, 0.4]))
    assert (flip.steps, flip.after, flip.changes[0].after, flip.changes[0].threshold) == (2, 1, 0.6, 0.55)
    assert flip.probabilities.tolist() == [0.25, 0.75, 0.0]
    assert flip.summary == "Moving feature B from 0.4 cm to 0.6 cm flips a to b."
    assert flip.margin == "Nothing smaller than 2 steps flips it."
    assert "across the threshold 0.55 cm" in flip.changes[0].sentence
    to_c = nearest_flip(hand_model(), np.array([0.1, 0.4]), to_class="c")
    assert [(c.feature, c.before, c.after, c.steps) for c in to_c.changes] == [
        (0, 0.1, 0.3, 2),
        (1, 0.4, 0.6, 2),
    ]


def test_float32_decides_whether_the_threshold_is_crossed():
    # float32(0.3) = 0.300000012 is above 0.3 and right of it; float32(0.6) = 0.600000024 likewise.
    # float32(0.7) = 0.699999988 is not above 0.7: there one step more is needed.
    for limit, first_above in ((0.3, 0.3), (0.7, 0.8)):
        model = hand_model((0, limit, [4, 0], [0, 4]), n_features=1, n_classes=2)
        assert nearest_flip(model, np.array([0.1])).changes[0].after == first_above


def test_between_grid_values_either_neighbour_is_one_step():
    model = hand_model((0, 0.45, [4, 0], [0, 4]), n_features=1, n_classes=2)
    assert nearest_flip(model, np.array([0.43])).steps == 1
    assert nearest_flip(model, np.array([0.47])).changes[0].after == 0.4


def test_from_outside_the_range_every_step_counts():
    # From 1.35 back into [0, 1]: 1.0 is ceil(3.5) = 4 steps away, 0.4 six more.
    model = hand_model((0, 0.45, [4, 0], [0, 4]), n_features=1, n_classes=2)
    assert nearest_flip(model, np.array([1.35])).steps == 10


@pytest.mark.parametrize("n_trees", [1, 2])
def test_ties_go_to_fewer_features_then_to_the_first(n_trees):
    def changed(nested, n_features):
        spec = toys.make_spec(toys.unit_features(n_features), 2, "tree" if n_trees == 1 else "trees")
        model = toys.HandModel(spec, *[toys.tree_of(nested, 2)] * n_trees)
        flip = nearest_flip(model, np.full(n_features, 0.1))
        return flip.steps, [change.feature for change in flip.changes]

    # A alone or B alone flips with 2 steps each: A is chosen.
    either = (0, 0.25, (1, 0.25, [4, 0], [0, 4]), [0, 4])
    assert changed(either, 2) == (2, [0])
    # C alone in 2 steps beats A and B with one step each, though A comes first.
    both = (2, 0.25, (0, 0.15, [4, 0], (1, 0.15, [4, 0], [0, 4])), [0, 4])
    assert changed(both, 3) == (2, [2])


def test_what_is_as_small_is_named_with_its_class():
    # A above 0.25 gives b, B above 0.25 gives c; from 0.1 each is 2 steps away.
    model = hand_model((0, 0.25, (1, 0.25, [4, 0, 0], [0, 0, 4]), [0, 4, 0]))
    flip = nearest_flip(model, np.array([0.1, 0.1]))
    (other,) = flip.equal
    assert (flip.after, other.after) == (1, 2)
    assert other.row.tolist() == [0.1, 0.3] and other.probabilities.tolist() == [0.0, 0.0, 1.0]
    assert flip.summary == "Moving feature A from 0.1 cm to 0.3 cm flips a to b."
    assert flip.as_small == ("As small is: feature B from 0.1 cm to 0.3 cm, to c.",)
    assert nearest_flip(model, np.array([0.1, 0.1]), to_class="c").equal == ()


def test_of_many_that_are_as_small_the_rest_is_counted():
    nested = [4, 0]
    for feature in reversed(range(6)):
        nested = (feature, 0.25, nested, [0, 4])
    flip = nearest_flip(hand_model(nested, n_features=6, n_classes=2), np.full(6, 0.1))
    assert len(flip.equal) == 5
    assert flip.as_small[0].endswith("feature D from 0.1 cm to 0.3 cm, to b; and 2 more.")


def test_a_tie_between_classes_is_the_first_class():
    # Right of 0.45 classes a and b share the leaf: argmax says a, as before, so nothing flips there.
    model = hand_model((0, 0.45, [4, 0], (0, 0.75, [3, 3], [1, 4])), n_features=1, n_classes=2)
    assert nearest_flip(model, np.array([0.4])).changes[0].after == 0.8


def test_locked_features_stay():
    flip = nearest_flip(hand_model(), np.array([0.1, 0.7]), locked=["f0"])
    assert [(change.feature, change.after) for change in flip.changes] == [(1, 0.5)]
    # The claim holds among the others alone, and says so.
    assert flip.summary.startswith(
        "With feature A kept as it is, moving feature B from 0.7 cm to 0.5 cm flips "
    )
    assert flip.margin == "Nothing smaller than 2 steps flips it then."


def test_says_why_nothing_flips():
    model = hand_model()
    locked = nearest_flip(model, np.array([0.1, 0.4]), locked=["f0", "f1"])
    assert not locked.found and "Every feature is locked" in locked.summary
    stuck = nearest_flip(model, np.array([0.1, 0.4]), locked=["f1"])
    assert not stuck.found and stuck.complete and stuck.summary.endswith("make Toy answer another class.")
    single = hand_model([5], n_features=1, n_classes=1)
    assert "one class only" in nearest_flip(single, np.array([0.1])).summary


def test_an_exhausted_budget_says_how_far_it_looked():
    # Both trees turn at A > 0.75 only: 7 steps from 0.1. The cell of 0.8 is the only other one.
    # Both B thresholds make cells that are tried first: totals of 1 to 6 steps cost at most 2 tries.
    tree = toys.tree_of((0, 0.75, (1, 0.15, [4, 0], (1, 0.35, [4, 0], [4, 0])), [0, 4]), 2)
    model = toys.HandModel(toys.make_spec(toys.unit_features(2), 2, "trees"), tree, tree)
    found = nearest_flip(model, np.array([0.1, 0.1]))
    assert (found.steps, found.complete) == (7, True)
    # B reaches its cells with 1 step (0.2) and 3 steps (0.4): two tries before the one at 7.
    stopped = nearest_flip(model, np.array([0.1, 0.1]), budget=2)
    assert (stopped.found, stopped.complete, stopped.searched_steps) == (False, False, 6)
    assert stopped.margin == "No change of up to 6 steps flips it; larger ones were not tried."


def test_agrees_with_a_forest_of_scikit_learn(toy_forest):
    row = np.array([4.0, 3.0, 5.0, 5.0, 5.0])
    flip = nearest_flip(toy_forest, row, locked=["age", "ratio", "dose"])
    answers = {}
    for a, b in itertools.product(np.arange(21) / 2, repeat=2):
        changed = row.copy()
        changed[:2] = a, b
        steps = round(abs(a - row[0]) / 0.5 + abs(b - row[1]) / 0.5)
        answers.setdefault(steps, []).append(changed)
    now = int(np.argmax(toy_forest.predict_proba(row[None])))
    first = min(
        steps
        for steps, rows in answers.items()
        if (np.argmax(toy_forest.predict_proba(np.array(rows)), axis=1) != now).any()
    )
    assert flip.steps == first


def test_refuses_what_makes_no_sense():
    with pytest.raises(ValueError, match="predicts a already"):
        nearest_flip(hand_model(), np.array([0.1, 0.4]), to_class="a")
    with pytest.raises(ValueError, match="Did you mean f0"):
        nearest_flip(hand_model(), np.array([0.1, 0.4]), locked=["f00"])
    with pytest.raises(ValueError, match="row of 2 values"):
        nearest_flip(hand_model(), np.array([0.1]))
    image = ModelSpec("cnn", "CNN", "image", ("a", "b"), (), 96, frozenset({"gradients"}))
    assert "CNN has none" in unsupported(image)
