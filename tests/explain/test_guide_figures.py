"""The guides' figures against hand values, scipy and captum: a figure that teaches must be right."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

from data.failures import UserMistake
from draw.charts.figures import Bar, Line, bars_chart, lines_chart
from draw.outlines import outlined
from draw.palette import LIGHT
from explain.attributions import grad_cam
from explain.guide_figures import camera, cloud, convolution, game, overview, path, probes
from explain.guide_figures.wobble import wobble
from explain.targets import ClassTarget
from tests.explain import image_toys

pytestmark = pytest.mark.usefixtures("one_torch_thread")


def test_a_filter_answers_as_scipys_cross_correlation() -> None:
    from scipy.signal import correlate2d

    plane = np.random.default_rng(0).random((9, 7))
    kernel = convolution.weights("1 2 3, -4 5 6, 7 -8 0.5")
    assert np.array_equal(kernel, [[1, 2, 3], [-4, 5, 6], [7, -8, 0.5]])
    np.testing.assert_allclose(convolution.response(plane, kernel), correlate2d(plane, kernel, mode="valid"))


def test_the_filters_offered_do_what_they_are_called() -> None:
    step = np.zeros((6, 6))
    step[:, 3:] = 1
    spot = np.ones((5, 5))
    spot[2, 2] = 0
    answer = {
        name: convolution.response(step, convolution.weights(text))
        for name, text in convolution.FILTERS.items()
    }
    assert answer["Edges from left to right"].max() == 4
    assert not answer["Edges from top to bottom"].any()
    np.testing.assert_allclose(answer["Blur"][:, [0, -1]], [[0, 0.99]] * 4)
    dark = convolution.response(spot, convolution.weights(convolution.FILTERS["Dark spots"]))
    assert np.unravel_index(dark.argmax(), dark.shape) == (1, 1) and dark[1, 1] == 8


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 2 3",
        "1 2 3, 4 5 6",
        "1 2 3, 4 5 6, 7 8",
        "a b c, 1 2 3, 4 5 6",
        "1 2 3, 4 5 6, 7 8 nan",
        "1 2 3, 4 5 6, 7 8 1e9",
    ],
)
def test_what_is_no_filter_is_refused_with_what_to_give(text: str) -> None:
    with pytest.raises(UserMistake, match="Give three rows of three numbers from -100 to 100"):
        convolution.weights(text)


@pytest.mark.parametrize("together", [-30.0, 0.0, 20.0])
def test_shapley_values_of_the_game_are_the_closed_form_and_add_up(together: float) -> None:
    alone = (25.0, 15.0, 10.0)
    values = game.worth(alone, together)
    found = game.shares(values)
    # What two bring only together is shared in halves.
    np.testing.assert_allclose(found.shapley, [25 + together / 2, 15 + together / 2, 10])
    assert math.isclose(found.shapley.sum(), values[frozenset({0, 1, 2})])
    # Whoever comes in which order: all together add what all together reach.
    np.testing.assert_allclose(found.added.sum(axis=1), 50 + together)
    assert set(found.orders) == set(itertools.permutations(range(3)))


def test_shapley_values_of_any_game_are_the_weighted_sum_over_coalitions() -> None:
    random = np.random.default_rng(3)
    values = {
        frozenset(members): float(random.normal())
        for size in range(4)
        for members in itertools.combinations(range(3), size)
    }
    for player, found in enumerate(game.shares(values).shapley):
        others = [one for one in values if player not in one]
        weighted = sum(
            math.factorial(len(one))
            * math.factorial(2 - len(one))
            / 6
            * (values[one | {player}] - values[one])
            for one in others
        )
        assert math.isclose(found, weighted)


def test_grad_cam_in_steps_ends_where_the_method_ends() -> None:
    model, picture = image_toys.small(), image_toys.picture()
    for target in range(3):
        found = camera.steps(model, picture, target)
        np.testing.assert_allclose(
            found.heat,
            grad_cam.METHOD.attribute(model, picture, ClassTarget(target)).values,
            rtol=1e-5,
            atol=1e-9,
        )
        np.testing.assert_allclose(found.total, np.einsum("k,kyx->yx", found.weights, found.maps), atol=1e-7)
        # The toy's logit is a sum over maps of head times mean of max(map, 0)².
        head = model.network.head.weight.detach().numpy()[target]
        by_hand = head * 2 * np.maximum(found.maps, 0).mean(axis=(1, 2)) / found.maps[0].size
        np.testing.assert_allclose(found.weights, by_hand, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(found.added.sum(), found.total.sum(), rtol=1e-4)
    assert list(found.strongest(3)) == sorted(range(8), key=lambda k: -abs(found.added[k]))[:3]
    assert not any(image_toys.hooks(model.network))


def test_the_path_of_a_straight_model_is_straight() -> None:
    model, weights = image_toys.linear()
    picture, start = image_toys.picture(0), image_toys.picture(1)
    found = path.path(model, picture, start, 2, n_steps=8)
    np.testing.assert_allclose(found.shares, np.arange(9) / 8)
    climbed = float((weights[2] * (picture - start)).sum())
    np.testing.assert_allclose(found.logits - found.logits[0], found.shares * climbed, atol=1e-5)
    np.testing.assert_allclose(found.sums, found.shares * climbed, atol=1e-5)
    np.testing.assert_allclose(found.maps[4], (weights[2] * (picture - start)).sum(axis=2) / 2, atol=1e-6)
    assert found.gap < 1e-5


def test_the_path_of_a_network_is_captums_by_the_midpoint_rule() -> None:
    from captum.attr import IntegratedGradients

    model = image_toys.small()
    picture, start = image_toys.picture(0), np.full((32, 32, 3), 0.5, np.float32)
    found = path.path(model, picture, start, 1, n_steps=12)
    pixels, others = image_toys.as_tensor(picture), image_toys.as_tensor(start)
    wanted = IntegratedGradients(model.network).attribute(
        pixels, others, target=1, n_steps=12, method="riemann_middle"
    )
    np.testing.assert_allclose(found.maps[-1], wanted[0].sum(dim=0).numpy(), rtol=1e-4, atol=1e-6)
    assert math.isclose(found.gap, abs(found.maps[-1].sum() - (found.logits[-1] - found.logits[0])))
    ends = probes.logits(model, np.stack([start, picture]))[:, 1]
    np.testing.assert_allclose(found.logits[[0, -1]], ends, rtol=1e-5)


def test_a_window_covers_what_it_covers_with_the_mean_colour() -> None:
    picture = image_toys.picture()
    before = picture.copy()
    covered = probes.covered(picture, left=28, top=3, side=10)
    changed = (covered != picture).any(axis=2)
    assert changed[3:13, 28:].all() and changed.sum() == 10 * 4
    np.testing.assert_allclose(covered[5, 30], picture.mean(axis=(0, 1)), rtol=1e-5)
    assert np.array_equal(picture, before)


def test_noise_does_not_move_the_map_of_a_straight_model() -> None:
    model, _ = image_toys.linear()
    found = wobble(model, "saliency", image_toys.picture(), 0, noise=0.2, seed=1)
    assert np.abs(found.picture - image_toys.picture()).max() > 0.2
    assert found.change == 0 and math.isclose(found.similarity, 1)
    assert found.after.output != found.before.output


def test_noise_moves_the_map_of_a_network_by_what_can_be_counted() -> None:
    model, picture = image_toys.small(), image_toys.picture()
    still = wobble(model, "saliency", picture, 0, noise=0.0, seed=1)
    assert still.change == 0 and np.array_equal(still.picture, picture)
    found = wobble(model, "saliency", picture, 0, noise=0.05, seed=1)
    before, after = found.before.values, found.after.values
    assert math.isclose(found.change, math.sqrt(((after - before) ** 2).sum() / (before**2).sum()))
    assert 0 < found.similarity < 1


def test_the_cloud_without_noise_lies_on_its_two_shapes() -> None:
    x, y = cloud.cloud(40, seed=0, spread=0.0)
    assert (y == 0).sum() == 20
    np.testing.assert_allclose(np.hypot(*x[y == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*(x[y == 1] - [1, 0.5]).T), 1)
    assert (x[y == 0, 1] >= 0).all() and (x[y == 1, 1] <= 0.5).all()


def test_a_deeper_tree_is_righter_about_what_it_saw_and_not_about_the_rest() -> None:
    shallow, deep = cloud.tree(2), cloud.tree(12)
    assert shallow.leaves <= 4 and deep.right_seen > 0.98
    assert shallow.right_seen < deep.right_seen
    gaps = [one.right_seen - one.right_unseen for one in (shallow, deep)]
    assert gaps[1] > gaps[0] and deep.right_unseen < shallow.right_unseen
    answers = deep.model.predict_proba(deep.x).argmax(axis=1)
    assert np.mean(answers == deep.y) == deep.right_seen


def test_a_larger_forest_begins_with_the_smaller_one() -> None:
    few, more = cloud.forest(2), cloud.forest(4)
    for one, other in zip(few.model.trees, more.model.trees, strict=False):
        np.testing.assert_array_equal(one.threshold, other.threshold)
    assert len(few.model.trees) == 2 and len(more.model.trees) == 4
    assert more.leaves == sum((tree.left < 0).sum() for tree in more.model.trees)


@pytest.mark.parametrize("opposed", [0.0, 0.3, 1.0])
def test_single_curves_have_two_slopes_and_their_mean_has_the_mean_slope(opposed: float) -> None:
    found = overview.individual(opposed)
    slopes = (found.curves[:, -1] - found.curves[:, 0]) / 2
    np.testing.assert_allclose(np.unique(slopes.round(9)), np.unique(np.round([1 - 2 * opposed, 1], 9)))
    np.testing.assert_allclose(found.mean, (1 - opposed) * found.at, atol=1e-12)


@pytest.mark.parametrize(("a", "b", "c"), [(1.0, 0.5, 2.0), (1.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
def test_sobol_indices_are_close_to_the_closed_form(a: float, b: float, c: float) -> None:
    found = overview.sobol(a, b, c)
    assert found is not None
    single, together = np.array([a, b]) ** 2 / 3, c**2 / 9
    whole = single.sum() + together
    np.testing.assert_allclose(found.first, single / whole, atol=0.03)
    np.testing.assert_allclose(found.total, (single + together) / whole, atol=0.03)
    for value, (low, high) in ((found.first, found.first_interval), (found.total, found.total_interval)):
        assert (low <= value).all() and (value <= high).all()


def test_a_function_that_never_moves_has_no_sobol_indices() -> None:
    assert overview.sobol(0, 0, 0) is None


def test_shuffling_noise_costs_next_to_nothing() -> None:
    lost = overview.shuffled(repeats=4, seed=0)
    assert lost.shape == (3, 4)
    means = dict(zip(overview.COLUMNS, lost.mean(axis=1), strict=True))
    assert min(means["across"], means["up"]) > 0.1 > 0.04 > abs(means["noise"])


def test_lines_stand_between_patches_and_nowhere_else() -> None:
    picture = np.zeros((2, 3, 3))
    parts = np.array([[0, 0, 1], [0, 0, 1]])
    drawn = outlined(picture, parts, times=4)
    assert drawn.shape == (8, 12, 3)
    # The first column of the right patch.
    assert (drawn[:, 8] == 1).all() and drawn.sum() == 8 * 3
    assert not outlined(picture, np.zeros((2, 3), int), times=4).any()


def test_a_chart_of_lines_holds_its_lines_its_names_and_the_marker() -> None:
    x = np.array([0.0, 1.0, 2.0])
    drawn = lines_chart(
        [Line("one", x, x), Line("two", x, x * 1.01, "second"), Line("rest", x, -x, "faint")],
        ("Step", "Logit"),
        LIGHT,
        "Two lines.",
        now=1.0,
    )
    json.dumps(drawn)
    assert drawn["description"] == "Two lines."
    lines = [layer for layer in drawn["layer"] if layer["mark"]["type"] == "line"]
    assert [one["data"]["values"][-1]["y"] for one in lines] == [2.0, 2.02, -2.0]
    assert lines[0]["mark"]["color"] == LIGHT.positive
    (rule,) = (layer for layer in drawn["layer"] if layer["mark"]["type"] == "rule")
    assert rule["data"]["values"] == [{"x": 1.0}]
    names = [layer for layer in drawn["layer"] if layer["mark"]["type"] == "text"][-1]["data"]["values"]
    assert [one["text"] for one in names] == ["one", "two"]
    # Lines that end in nearly one point have names that can both be read, inside the frame.
    assert names[1]["y"] - names[0]["y"] > 0.3 and names[1]["y"] <= 2.02 + 1e-9


def test_a_chart_of_bars_has_colours_by_sign_intervals_and_ticks() -> None:
    bars = [Bar("up", 2.0, "+2", (1.5, 2.5), 1.8), Bar("down", -1.0, "−1")]
    drawn = bars_chart(bars, "Points", LIGHT, "Two bars.")
    json.dumps(drawn)
    kinds = {layer["mark"]["type"]: layer for layer in drawn["layer"] if layer["mark"]["type"] != "text"}
    rows = kinds["bar"]["data"]["values"]
    assert [one["color"] for one in rows] == [LIGHT.positive, LIGHT.negative]
    assert [(one["low"], one["high"]) for one in rows] == [(1.5, 2.5), (-1.0, -1.0)]
    assert [one["mark"] for one in kinds["tick"]["data"]["values"]] == [1.8]
    assert kinds["bar"]["encoding"]["x"]["scale"]["domain"] == [-1.0, 2.5]
