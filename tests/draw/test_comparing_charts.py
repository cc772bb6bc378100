"""Charts that compare models and measures: valid, legible, and saying what the values say."""

import json

import altair
import numpy as np
import pytest

from draw.beeswarm_layout import offsets
from draw.charts import response_chart, surface_chart, waterfall_chart
from draw.charts.accuracies import Measured, accuracy_chart
from draw.charts.beeswarm import beeswarm_chart
from draw.charts.importance import importance_chart
from draw.charts.interactions import interaction_chart, pair_chart
from draw.charts.ranges import range_chart
from draw.charts.versus import versus_chart
from draw.palette import DARK, LIGHT
from draw.waterfall import waterfall
from explain import methods
from explain.attributions.tree_shap import values_of_rows
from explain.overall.interactions import interactions
from explain.rows.response import response
from explain.rows.surface import surface
from explain.targets import ClassTarget
from tests.explain import toys

ROW = np.array([4.0, 3.0, 5.0, 5.0, 5.0])
ORDER = [1, 0, 2, 3, 4]


def charts(model, palette):
    spec = model.spec
    x, _ = toys.five_feature_data(n=40)
    values = values_of_rows(model, x)[0][..., 1]
    found = interactions(model, x)
    strengths = found.strengths(1)
    importance = np.array([0.2, 0.3, 0.0, -0.01, 0.0])
    method = methods.method("tree_shap")
    pair = (method.attribute(model, ROW, ClassTarget(1)), method.attribute(model, ROW + 1, ClassTarget(1)))
    measured = [Measured("Training", 0.9, 0.8, 0.95, False), Measured("Test", 0.6, 0.4, 0.8, True)]
    return {
        "importance": importance_chart(
            spec,
            "Permutation",
            "points lost",
            importance,
            ORDER,
            palette,
            (importance - 0.1, importance + 0.1),
        ),
        "importance alone": importance_chart(spec, "Impurity", "share", np.zeros(5), ORDER, palette),
        "beeswarm": beeswarm_chart(spec, x, values, 1, ORDER, palette),
        "interactions": interaction_chart(spec, strengths, 1, palette),
        "pair": pair_chart(spec, x, (0, 1), found.together(0, 1, 1), 1, palette),
        "versus": versus_chart(spec, ROW, pair, ("one@1", "two@1"), palette),
        "ranges": range_chart(spec, values[:7], values[7], "Points", ORDER, palette),
        "accuracies": accuracy_chart(measured, palette),
    }


@pytest.fixture(scope="module")
def drawn(toy_tree):
    return charts(toy_tree, LIGHT)


def values_of(chart, layer):
    return chart["layer"][layer]["data"]["values"]


def texts(chart):
    """What is written in a chart."""
    layers = [layer for layer in chart["layer"] if layer["mark"]["type"] == "text"]
    return [one["text"] for layer in layers for one in layer["data"]["values"] if "text" in one]


def test_every_chart_is_valid_and_keeps_the_rules_of_the_house(drawn):
    for name, chart in drawn.items():
        altair.LayerChart.from_dict(chart, validate=True)
        assert chart["width"] == "container" and chart["background"] == "transparent", name
        assert len(chart["description"]) > 40 and any(sign.isdigit() for sign in chart["description"])
        written = json.dumps(chart, allow_nan=False)
        assert not set(written.split('"')) & {DARK.text, DARK.muted, DARK.background, DARK.surface}


def test_charts_of_one_class_and_two_features_that_do_nothing():
    model = toys.HandModel(toys.make_spec(toys.unit_features(2), 1), toys.tree_of([5], 1))
    x, nothing = np.array([[0.2, 0.2], [0.2, 0.4]]), np.zeros((2, 2))
    for chart in (
        importance_chart(model.spec, "Impurity", "share", np.zeros(2), [0, 1], LIGHT),
        beeswarm_chart(model.spec, x, nothing, 0, [0, 1], LIGHT),
        interaction_chart(model.spec, nothing, 0, LIGHT),
        pair_chart(model.spec, x, (0, 1), np.zeros(2), 0, LIGHT),
        range_chart(model.spec, nothing, np.zeros(2), "Points", [0, 1], LIGHT),
    ):
        altair.LayerChart.from_dict(chart, validate=True)
        for layer in chart["layer"]:
            for channel in ("x", "y"):
                domain = layer["encoding"].get(channel, {}).get("scale", {}).get("domain", [0, 1])
                assert domain[0] != domain[1]


def test_importance_prints_rank_value_and_interval(drawn):
    assert drawn["importance"]["description"].startswith(
        "Importance by Permutation, in points lost, with ranks: 1. Weight 30.0 (95\u00a0% interval +20.0 to +40.0); "
        "2. Height 20.0 (95\u00a0% interval +10.0 to +30.0); 3. Age 0.0"
    )
    assert {"1. Weight", "3. Age", "3. Dose", "5. Ratio", "30.0", "−1.0"} <= set(texts(drawn["importance"]))
    assert [one["x"] for one in values_of(drawn["importance"], 0)] == [0.3, 0.2, 0.0, -0.01, 0.0]


def test_beeswarm_has_a_dot_a_row_and_feature_at_its_value(drawn, toy_tree):
    x, _ = toys.five_feature_data(n=40)
    values = values_of_rows(toy_tree, x)[0][..., 1]
    dots = values_of(drawn["beeswarm"], 1)
    assert len(dots) == 40 * 5
    weight = [one for one in dots if one["feature"] == "Weight"]
    assert sorted(one["x"] for one in weight) == pytest.approx(sorted(values[:, 1]), abs=1e-6)
    # Weight is on the first line, and no dot leaves its line.
    assert all(abs(one["row"]) < 0.3 for one in weight)
    darkest = max(weight, key=lambda one: one["share"])
    assert (darkest["share"], darkest["value"]) == (1.0, f"{x[:, 1].max():.1f} kg")


def test_dots_that_would_overlap_pile_up_to_both_sides():
    away = offsets(np.array([0.0, 0.0, 0.0, 0.5]), -1.0, 1.0, bins=4)
    assert sorted(away[:3]) == pytest.approx([-1 / 6, 0, 1 / 6]) and away[3] == 0
    crowded = offsets(np.zeros(101), -1.0, 1.0)
    assert crowded.min() == pytest.approx(-1) and crowded.max() == pytest.approx(1)
    assert len(set(crowded)) == 101


def test_interactions_print_each_pair_once_and_the_strongest(drawn, toy_tree):
    x, _ = toys.five_feature_data(n=40)
    strengths = interactions(toy_tree, x).strengths(1)
    assert len(values_of(drawn["interactions"], 0)) == 15
    assert f"Height with Weight: {strengths[0, 1] * 100:.1f} points" in drawn["interactions"]["description"]


def test_two_attributions_share_one_scale(drawn, toy_tree):
    one, two = (
        methods.method("tree_shap").attribute(toy_tree, row, ClassTarget(1)).values for row in (ROW, ROW + 1)
    )
    chart = drawn["versus"]
    filled, hollow = (values_of(chart, layer) for layer in (1, 2))
    order = np.argsort(-np.maximum(np.abs(one), np.abs(two)), kind="stable")
    assert [bar["x"] for bar in filled] == pytest.approx(list(one[order]))
    assert [bar["x"] for bar in hollow] == pytest.approx(list(two[order]))
    lines = {one["row"]: one["name"] for one in values_of(chart, -1)}
    labels = [toy_tree.spec.features[index].label for index in order]
    assert [lines[row].split()[0] for row in range(5)] == labels
    scales = [chart["layer"][layer]["encoding"]["x"]["scale"]["domain"] for layer in (1, 2)]
    reach = max(np.abs(one).max(), np.abs(two).max())
    assert scales[0] == scales[1] == pytest.approx([-reach, reach])
    assert all(bar["color"] == (LIGHT.positive if bar["x"] >= 0 else LIGHT.negative) for bar in filled)
    assert {bar["fill"] for bar in hollow} == {LIGHT.background}


def test_ranges_print_lowest_and_highest(drawn, toy_tree):
    x, _ = toys.five_feature_data(n=40)
    values = values_of_rows(toy_tree, x)[0][:7, 1, 1] * 100
    low, high = (f"{value:.1f}".replace("-", "−") for value in (values.min(), values.max()))
    assert (
        f"over 7 models, lowest to highest: Weight {low} to {high}; Height" in drawn["ranges"]["description"]
    )
    assert len(values_of(drawn["ranges"], 1)) == 7 * 5


def test_accuracies_are_told_with_their_intervals(drawn):
    assert drawn["accuracies"]["description"] == (
        "Accuracies: Training 90.0\u00a0% (95\u00a0% interval 80.0 to 95.0); "
        "Test 60.0\u00a0% (95\u00a0% interval 40.0 to 80.0)."
    )
    fills = [one["fill"] for one in values_of(drawn["accuracies"], 1)]
    assert fills == [LIGHT.accent, LIGHT.background]


def labels(chart, wanted):
    """Places of texts."""
    return {
        one["text"]: (one["x"], one["y"])
        for layer in chart["layer"]
        for one in layer["data"]["values"]
        if one.get("text") in wanted
    }


def test_a_class_is_named_where_the_row_does_not_stand():
    nested = (0, 0.5, [4, 0], [0, 4])
    model = toys.HandModel(toys.make_spec(toys.unit_features(2), 2), toys.tree_of(nested, 2))
    # The row stands in the very middle of a's region, and of b's the next time.
    for row in ([0.25, 0.5], [0.75, 0.5]):
        chart = surface_chart(model.spec, surface(model, np.array(row), "f0", "f1"), LIGHT)
        places = labels(chart, {"a", "b", "now"})
        for name in ("a", "b"):
            across, up = np.abs(np.subtract(places[name], places["now"]))
            assert across >= 0.3 or up >= 0.12
        assert places["a"][0] < 0.5 < places["b"][0], "each stays in its own region"


def test_flips_that_crowd_are_not_all_labelled():
    a, b = [4, 0], [0, 4]
    nested = (0, 0.3, a, (0, 0.62, b, (0, 0.64, a, (0, 0.66, b, a))))
    model = toys.HandModel(toys.make_spec(toys.unit_features(1), 2), toys.tree_of(nested, 2))
    curve = response(model, np.array([0.1]), "f0")
    assert [flip.at for flip in curve.flips] == [0.3, 0.62, 0.64, 0.66]
    chart = response_chart(model.spec, curve, LIGHT)
    told = [
        float(text.split()[0]) for text in set(texts(chart)) if text.endswith(" cm") and "now" not in text
    ]
    assert sorted(told) == [0.3, 0.62]
    assert "0.64 cm" in chart["description"] and "0.66 cm" in chart["description"]


def test_the_name_on_the_strip_leaves_room_for_the_present_value():
    model = toys.HandModel(toys.make_spec(toys.unit_features(1), 2), toys.tree_of([4, 0], 2))
    chart = response_chart(model.spec, response(model, np.array([0.5]), "f0"), LIGHT)
    assert abs(labels(chart, {"a"})["a"][0] - 0.5) >= 0.12


def test_a_waterfalls_names_may_take_all_that_the_figures_leave(toy_tree):
    attribution = methods.method("tree_shap").attribute(toy_tree, ROW, ClassTarget(1))
    chart = waterfall_chart(toy_tree.spec, ROW, attribution, waterfall(attribution), LIGHT)
    limits = [layer["mark"]["limit"] for layer in chart["layer"] if "limit" in layer["mark"]]
    assert limits and all("datum.figure" in limit["expr"] for limit in limits)
