"""Response maps over two concepts, on models whose decision line is a formula."""

import json

import altair
import numpy as np
import pytest

from draw.charts.concept_map import CHOSEN, concept_map_chart
from draw.palette import LIGHT
from explain.cancelling import Cancelled
from explain.concepts.concept_map import concept_map
from explain.numbers import percent
from models.spec import ModelSpec
from tests.explain.concept_toys import SPEC, Scored, Shop, concept, concepts

A, B = concept("a"), concept("b", 0.0, 40.0, 1.0, "min")


def found(score, features=(A, B), now=None, target=1, **more):
    shop = Shop(features)
    question = concepts(shop, **(now or {feature.name: feature.low for feature in features}))
    names = [feature.name for feature in features[:2]]
    return concept_map(Scored(shop, score), question, *names, target, **more), shop


def straight(values):
    return 0.3 * values[:, 0] + 0.1 * values[:, 1] - 3.7


def test_a_straight_decision_line_is_found_exactly():
    got, _ = found(straight)
    points = np.concatenate(got.line)
    assert len(points) > 10
    assert np.abs(0.3 * points[:, 0] + 0.1 * points[:, 1] - 3.7).max() < 1e-5
    # It runs from edge to edge: b is 37 at a = 0, and a is 10 at b = 7.
    ends = points[[0, -1]][np.argsort(points[[0, -1]][:, 0])]
    assert ends.ravel() == pytest.approx([0, 37, 10, 7], abs=1e-4)


def test_probabilities_are_the_models_own_where_it_was_asked_and_interpolated_elsewhere():
    got, _ = found(straight)
    assert (got.x_values[[0, -1]].tolist(), got.y_values[[0, -1]].tolist()) == ([0, 10], [0, 40])
    grid_a, grid_b = np.meshgrid(got.x_values, got.y_values)
    logit = straight(np.stack([grid_a.ravel(), grid_b.ravel()], 1)).reshape(grid_a.shape)
    # A logit that is linear in both concepts is interpolated without error.
    yes = 1 / (1 + np.exp(-logit))
    assert np.abs(got.probabilities[..., 1] - yes)[got.asked].max() < 1e-6
    assert np.sum(~got.asked) > 0 and np.abs(got.probabilities[..., 1] - yes).max() < 1e-5
    assert np.allclose(got.probabilities.sum(axis=2), 1)
    assert np.array_equal(got.classes, (logit > 0).astype(int))


def test_few_pictures_are_rendered_each_once_and_all_are_counted():
    got, shop = found(straight)
    assert got.renders == len(shop.rendered) == len({tuple(v.values()) for v in shop.rendered})
    # The present picture is the coarse map's corner.
    assert got.renders == got.asked.sum()
    assert got.renders < got.asked.size / 2
    # Where the answer is the same everywhere, only the coarse map is asked.
    same, _ = found(lambda v: v[:, 0] + 1)
    assert same.renders == 36 and same.line == ()


def circle(values):
    return 12 - (values[:, 0] - 5) ** 2 - ((values[:, 1] - 20) / 4) ** 2


def test_every_cell_that_the_line_crosses_is_as_fine_as_can_be():
    got, _ = found(circle)
    grid_a, grid_b = np.meshgrid(got.x_values, got.y_values)
    logit = circle(np.stack([grid_a.ravel(), grid_b.ravel()], 1)).reshape(grid_a.shape)
    truth = logit > 0
    assert np.array_equal(got.classes == 1, truth)
    # What was asked is shown as it was answered, also on the edge of a coarser cell.
    own = 1 / (1 + np.exp(-logit))
    assert np.abs(got.probabilities[..., 1] - own)[got.asked].max() < 1e-6
    # Both sides of every change of class were asked.
    across = truth[:, 1:] != truth[:, :-1]
    assert (got.asked[:, 1:] & got.asked[:, :-1])[across].all()
    up = truth[1:] != truth[:-1]
    assert (got.asked[1:] & got.asked[:-1])[up].all()
    points = np.concatenate(got.line)
    radius = np.sqrt((points[:, 0] - 5) ** 2 + ((points[:, 1] - 20) / 4) ** 2)
    assert np.abs(radius - np.sqrt(12)).max() < 0.05


def test_a_tongue_between_the_corners_of_a_coarse_cell_is_followed_from_its_root():
    # Only the finer points of the neighbour to the left touch it; no corner of a coarse cell does.
    def tongue(v):
        return np.where((v[:, 0] < 0.5) | ((v[:, 0] < 5.5) & (np.abs(v[:, 1] - 20) < 3)), 1.0, -1.0)

    got, _ = found(tongue)
    row = got.y_values.tolist().index(20)
    assert got.classes[row].tolist() == [1] * 6 + [0] * 5


def test_the_present_values_need_not_lie_on_the_map():
    got, _ = found(straight, now={"a": 3.3, "b": 12.5})
    assert got.now == (3.3, 12.5)
    assert got.now_probabilities[1] == pytest.approx(1 / (1 + np.exp(3.7 - 0.99 - 1.25)))


def test_the_line_of_a_target_among_three_classes():
    shop = Shop((A, B))

    class Three:
        spec = ModelSpec("toy", "Toy", "image", ("low", "middle", "high"), (), 4)

        def predict_proba(self, batch):
            a = np.round(shop.read(batch)[:, 0], 9)
            logits = np.stack([-a, np.full(len(a), -4.2), a - 11.7], axis=1)
            return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

    question = concepts(shop, a=0.0, b=0.0)
    for target, at in ((0, {4.2}), (1, {4.2, 7.5}), (2, {7.5})):
        got = concept_map(Three(), question, "a", "b", target)
        assert {round(float(value), 6) for piece in got.line for value in piece[:, 0]} == at
    assert [(name, round(x)) for name, x, _ in got.names] in (
        [(0, 2), (1, 6), (2, 9)],
        [(0, 1), (1, 6), (2, 9)],
        [(0, 2), (1, 5), (2, 9)],
    )


def test_drafts_grow_finer_progress_is_told_and_cancelling_stops():
    drafts, told = [], []
    got, _ = found(straight, draft=drafts.append, report=told.append)
    counts = [one.renders for one in drafts] + [got.renders]
    assert counts[0] == 36 and len(counts) == 3 and counts == sorted(set(counts))
    assert len(told) == got.renders and all(one.done <= one.total for one in told)
    shop = Shop((A, B))
    with pytest.raises(Cancelled):
        concept_map(
            Scored(shop, straight),
            concepts(shop, a=0.0, b=0.0),
            "a",
            "b",
            1,
            cancelled=lambda: len(shop.rendered) == 7,
        )
    assert len(shop.rendered) == 7


def test_sliders_with_few_values_have_all_of_them_asked():
    got, _ = found(lambda v: v[:, 0] - v[:, 1] - 0.5, (concept("a", 0, 2), concept("b", 0, 1)))
    assert got.asked.all() and got.asked.shape == (2, 3) and got.renders == 6


def test_refuses_what_makes_no_map():
    with pytest.raises(ValueError, match="two different concepts"):
        found(straight, (A, A))
    with pytest.raises(ValueError, match="not a position"):
        found(straight, target=2)


def test_the_chart_is_valid_can_be_clicked_and_tells_its_finding():
    got, _ = found(straight, now={"a": 3.0, "b": 12.0})
    chart = concept_map_chart(SPEC, got, LIGHT)
    altair.Chart.from_dict({**chart, "$schema": altair.SCHEMA_URL})
    json.dumps(chart, allow_nan=False)
    assert f"yes on {percent(np.mean(got.classes == 1))}" in chart["description"]
    assert chart["description"].endswith("Now, at 3 cm and 12 min, the answer is no, 83\u00a0%.")
    (param,) = [param for layer in chart["layer"] for param in layer.get("params", [])]
    assert param["name"] == CHOSEN
    (cells,) = [layer["data"]["values"] for layer in chart["layer"] if "params" in layer]
    assert all({cell["at_x"], cell["at_y"]} <= {*got.x_values, *got.y_values} for cell in cells)
    assert all(cell["x"] <= cell["at_x"] <= cell["x2"] for cell in cells)
    assert not any("params" in one for one in concept_map_chart(SPEC, got, LIGHT, movable=False)["layer"])
