"""Charts against the public schema of Vega-Lite, the house's rules, and the values that they show."""

import itertools
import json

import altair
import numpy as np
import pytest

from draw.charts import probability_chart, response_chart, surface_chart, tree_chart, waterfall_chart
from draw.palette import DARK, LIGHT
from draw.tree_layout import tree_layout
from draw.waterfall import waterfall
from explain import methods
from explain.rows.nearest_flip import nearest_flip
from explain.rows.response import response
from explain.rows.surface import surface
from explain.targets import ClassTarget, MarginTarget
from tests.explain import toys

ROW = np.array([4.0, 3.0, 5.0, 5.0, 5.0])
START = np.full(5, 6.0)


def charts(model, palette):
    x, y = toys.five_feature_data(n=30)
    spec, now, before = model.spec, *model.predict_proba(np.array([ROW, START]))
    attribution = methods.method("tree_shap").attribute(model, ROW, ClassTarget(int(np.argmax(now))))
    curve, regions = response(model, ROW, "weight"), surface(model, ROW, "height", "weight")
    flip = nearest_flip(model, ROW, locked=["age", "ratio", "dose"])
    return {
        "probabilities": probability_chart(spec, now, palette, before),
        "probabilities alone": probability_chart(spec, now, palette),
        "waterfall": waterfall_chart(spec, ROW, attribution, waterfall(attribution), palette),
        "tree": tree_chart(spec, tree_layout(model.trees[0], spec, ROW), palette),
        "tree without a row": tree_chart(spec, tree_layout(model.trees[0], spec), palette),
        "surface": surface_chart(spec, regions, palette, (x, y), START, flip),
        "surface alone": surface_chart(spec, regions, palette),
        "response": response_chart(spec, curve, palette, (0.5, 9.5)),
        "response alone": response_chart(spec, curve, palette),
    }


@pytest.fixture(scope="module", params=["toy_tree", "toy_forest"])
def drawn(request):
    return charts(request.getfixturevalue(request.param), LIGHT)


def walk(part):
    """Every (key, value) in a nested spec."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield key, value
            yield from walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)


def values_of(chart):
    """All data values of a chart, layer by layer."""
    return [layer["data"]["values"] for layer in chart["layer"]]


def texts(chart):
    return [value["text"] for layer in values_of(chart) for value in layer if "text" in value]


def test_every_chart_fits_the_schema_of_vega_lite(drawn):
    for chart in drawn.values():
        altair.LayerChart.from_dict(chart, validate=True)


def test_every_chart_keeps_the_rules_of_the_house(drawn):
    for chart in drawn.values():
        assert chart["width"] == "container" and chart["height"] > 0
        assert chart["background"] == "transparent"
        assert len(chart["description"]) > 40 and any(sign.isdigit() for sign in chart["description"])
        json.dumps(chart, allow_nan=False)
        sizes = [value for key, value in walk(chart) if key in {"fontSize", "labelFontSize", "titleFontSize"}]
        assert min(sizes) >= 13


def test_colours_come_from_the_palette(toy_tree):
    for palette, other in ((LIGHT, DARK), (DARK, LIGHT)):
        for chart in charts(toy_tree, palette).values():
            assert not set(json.dumps(chart).split('"')) & colours(other)


def colours(palette):
    named = {getattr(palette, name) for name in palette.__slots__ if name != "classes"}
    return named | set(palette.classes)


def test_charts_of_one_class_and_of_no_questions():
    model = toys.HandModel(toys.make_spec(toys.unit_features(2), 1), toys.tree_of([5], 1))
    row = np.array([0.2, 0.2])
    attribution = methods.method("decision_path").attribute(model, row, ClassTarget(0))
    for chart in (
        probability_chart(model.spec, np.array([1.0]), LIGHT),
        waterfall_chart(model.spec, row, attribution, waterfall(attribution), LIGHT),
        tree_chart(model.spec, tree_layout(model.trees[0], model.spec, row), LIGHT),
        surface_chart(model.spec, surface(model, row, "f0", "f1"), LIGHT),
        response_chart(model.spec, response(model, row, "f0"), LIGHT),
    ):
        altair.LayerChart.from_dict(chart, validate=True)
        assert all(low != high for key, (low, high) in pairs(chart, "domain"))


def pairs(chart, wanted):
    return [(key, value) for key, value in walk(chart) if key == wanted and isinstance(value, list)]


def test_probability_chart_says_how_it_was():
    spec = toys.make_spec(toys.unit_features(1), 3)
    chart = probability_chart(spec, np.array([0.7, 0.3, 0.0]), LIGHT, np.array([0.2, 0.8, 0.0]))
    assert chart["description"] == (
        "Bars: the model answers a. Probabilities: a 70\u00a0%, b 30\u00a0%, c 0\u00a0%. "
        "At the start: a 20\u00a0%, b 80\u00a0%, c 0\u00a0%."
    )
    # Class c is as it was, so nothing is said about it.
    figures = [f"{figure}\u00a0%" for figure in ("70", "30", "0", "was 20", "was 80")]
    assert sorted(texts(chart)) == sorted(["a", "b", "c", *figures])


def test_waterfall_of_a_margin_may_lead_below_zero():
    # Half of 8 rows are of each class at the root; in the leaf 1 of 4 is a, and 3 are b: 1/4 - 3/4.
    nested = (1, 0.5, [2, 0], (0, 0.5, [1, 1], [1, 3]))
    model = toys.HandModel(toys.make_spec(toys.unit_features(2), 2), toys.tree_of(nested, 2))
    row = np.array([0.9, 0.9])
    attribution = methods.method("decision_path").attribute(model, row, MarginTarget(0, 1))
    chart = waterfall_chart(model.spec, row, attribution, waterfall(attribution), LIGHT)
    assert "to a difference of probabilities of −50.0\u00a0% for a rather than b" in chart["description"]
    x = chart["layer"][1]["encoding"]["x"]
    assert x["scale"]["domain"] == [-0.5, 1.0] and x["axis"]["values"][:2] == [-0.5, -0.25]
    assert x["title"] == "Probability of a less that of b"


def test_waterfall_prints_base_changes_and_sum():
    # Root 8 rows (half b); B > 0.5 to 6 rows (2/3 b); A > 0.5 to 4 rows (3/4 b).
    nested = (1, 0.5, [2, 0], (0, 0.5, [1, 1], [1, 3]))
    model = toys.HandModel(toys.make_spec(toys.unit_features(2), 2), toys.tree_of(nested, 2))
    row = np.array([0.9, 0.9])
    attribution = methods.method("decision_path").attribute(model, row, ClassTarget(1))
    chart = waterfall_chart(model.spec, row, attribution, waterfall(attribution), LIGHT)
    assert chart["description"] == (
        "Waterfall: from 50.0\u00a0% to a probability of 75.0\u00a0% for b. "
        "Feature B 0.9 cm +16.7 points; Feature A 0.9 cm +8.3 points."
    )
    assert {"50.0\u00a0%", "+16.7 points", "+8.3 points", "75.0\u00a0%", "Sum, for b"} <= set(texts(chart))
    against = methods.method("decision_path").attribute(model, row, ClassTarget(0))
    bars = waterfall_chart(model.spec, row, against, waterfall(against), LIGHT)["layer"][1]["data"]["values"]
    assert [bar["color"] for bar in bars[1:-1]] == [LIGHT.negative] * 2


def test_tree_chart_describes_the_path():
    nested = (1, 0.5, [6, 0, 0], (0, 0.25, [1, 3, 0], [0, 0, 5]))
    spec = toys.make_spec(toys.unit_features(2), 3)
    chart = tree_chart(spec, tree_layout(toys.tree_of(nested, 3), spec, np.array([0.1, 0.9])), LIGHT)
    assert chart["description"] == (
        "Drawing of a decision tree of Toy: 2 questions, 3 leaves. "
        "Path: Feature B ≤ 0.5 cm: no; Feature A ≤ 0.25 cm: yes; b, 75\u00a0% of 4 rows."
    )
    bold = {
        value["text"]
        for layer in chart["layer"]
        if layer["mark"].get("fontWeight") == "bold"
        for value in layer["data"]["values"]
    }
    assert bold == {"Feature B ≤ 0.5 cm", "no", "Feature A ≤ 0.25 cm", "yes", "b · 75\u00a0% of 4 rows"}


def test_surface_draws_a_flip_only_where_it_is_a_flip():
    nested = (2, 0.5, (0, 0.5, [4, 0], [0, 4]), [0, 9])
    model = toys.HandModel(toys.make_spec(toys.unit_features(3), 2), toys.tree_of(nested, 2))
    row = np.array([0.2, 0.2, 0.4])
    hidden = nearest_flip(model, row)
    shown = nearest_flip(model, row, locked=["f2"])
    regions = surface(model, row, "f0", "f1")
    assert "flips to b" not in texts(surface_chart(model.spec, regions, LIGHT, flip=hidden))
    assert "flips to b" in texts(surface_chart(model.spec, regions, LIGHT, flip=shown))
    assert regions.row_probabilities.tolist() == [1, 0]


def test_response_chart_names_every_class_once_and_every_flip():
    nested = (0, 0.55, [4, 0, 0], (0, 0.65, [0, 4, 0], [0, 1, 3]))
    model = toys.HandModel(toys.make_spec(toys.unit_features(1), 3), toys.tree_of(nested, 3))
    chart = response_chart(model.spec, response(model, np.array([0.2]), "f0"), LIGHT)
    # The stretch of b is too narrow for a name on the strip, so b is named at its curve.
    assert {"a", "b", "c", "0.55 cm", "0.65 cm", "now 0.2 cm"} == set(texts(chart))
    assert "It flips from a to b at 0.55 cm; from b to c at 0.65 cm." in chart["description"]


def luminance(colour):
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return np.dot([0.2126, 0.7152, 0.0722], [linear(channel) for channel in channels])


def linear(channel):
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one, two):
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_legible_and_marks_are_visible(palette):
    grounds = (palette.background, palette.surface)
    for text, ground in itertools.product((palette.text, palette.muted, palette.accent), grounds):
        assert contrast(text, ground) >= 4.5
    for mark in (palette.positive, palette.negative, *palette.classes):
        assert contrast(mark, palette.background) >= 3


# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
SIGHT = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(colour, sight):
    """CIELAB of a colour as an eye with that sight sees it."""
    rgb = np.clip(
        np.array(SIGHT[sight]) @ [linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5)], 0, 1
    )
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ rgb / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
def test_colours_stay_apart_for_colour_blind_eyes(palette, sight):
    # A distance of 2.3 is just noticeable; 15 is plain at a glance.
    groups = [palette.classes[:3], (palette.positive, palette.negative)]
    for one, two in itertools.chain.from_iterable(itertools.combinations(group, 2) for group in groups):
        assert np.linalg.norm(lab(one, sight) - lab(two, sight)) > 15
