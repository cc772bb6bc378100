"""Response curves along a concept, on a made-up renderer whose flips are known."""

import json

import altair
import numpy as np
import pytest

from data.features import Feature
from draw.charts.concept import concept_chart
from draw.palette import LIGHT
from explain.concepts.concept_response import Cancelled, concept_response
from models.spec import ModelSpec

SPACING = Feature("spacing", "Berry spacing", "cm", 1.0, 3.5, 0.1, 2.0)
SPEC = ModelSpec("toy", "Toy", "image", ("a", "b", "c"), (), 2)


class Steps:
    """Says a, b, c by the brightness of the picture: the class changes above each of two thresholds."""

    spec = SPEC

    def __init__(self, *thresholds):
        self.thresholds = thresholds

    def predict_proba(self, batch):
        brightness = batch.mean(axis=(1, 2, 3)) * 10
        winner = np.sum([brightness > limit for limit in self.thresholds], axis=0)
        return 0.1 + 0.7 * np.eye(3)[winner]


class Renderer:
    def __init__(self):
        self.asked = []

    def __call__(self, value):
        self.asked.append(value)
        return np.full((2, 2, 3), value / 10)


def curve(model=None, render=None, **more):
    return concept_response(
        model or Steps(1.84, 2.96), render or Renderer(), SPACING, **{"current": 2.0, **more}
    )


@pytest.mark.parametrize("n", [2, 3, 6, 26, 500])
def test_flips_are_found_to_one_step(n):
    render = Renderer()
    got = curve(render=render, n=n)
    if n > 2:  # from a to c there is a b between, which bisection meets
        assert [(flip.at, flip.before, flip.after) for flip in got.response.flips] == [
            (1.9, 0, 1),
            (3.0, 1, 2),
        ]
    for flip in got.response.flips:
        assert round(flip.at - 0.1, 1) in got.response.values
    assert got.renders == len(render.asked) == len(set(render.asked))
    assert {SPACING.snap(value) for value in render.asked} == set(render.asked)


def test_two_values_are_enough_where_each_class_follows_the_last():
    got = curve(n=2)
    assert [flip.at for flip in got.response.flips] == [1.9, 3.0]
    # 1.0, 3.5 and the present 2.0, then bisections of 10 and 15 steps.
    assert got.renders <= 3 + 4 + 4


def test_the_curve_holds_the_models_answers():
    model, got = Steps(1.84, 2.96), curve(n=6)
    for value, answer in zip(got.response.values, got.response.probabilities, strict=True):
        assert np.array_equal(answer, model.predict_proba(np.full((1, 2, 2, 3), value / 10))[0])
    assert (np.diff(got.response.values) > 0).all()
    assert {1.0, 1.5, 2.0, 2.5, 3.0, 3.5} <= set(got.response.values)
    assert [(one.begin, one.end, one.class_index) for one in got.response.segments] == [
        (1.0, 1.9, 0),
        (1.9, 3.0, 1),
        (3.0, 3.5, 2),
    ]
    assert got.response.current == 2.0
    assert got.response.current_probabilities.tolist() == pytest.approx([0.1, 0.8, 0.1])
    assert not got.response.exact


def test_a_present_value_between_two_steps_is_asked_as_it_is():
    got = curve(current=2.04)
    assert got.response.current == 2.04
    assert 2.04 in got.response.line_values and 2.04 not in got.response.values
    assert curve(current=2.0 + 1e-12).response.current == 2.0


def test_no_flip_where_the_answer_stays():
    got = curve(Steps(0.0, 9.0), n=5)
    assert got.response.flips == () and len(got.response.segments) == 1
    assert got.renders == 6  # five values, and the present one


def test_progress_is_told_after_every_picture_and_cancelling_stops_before_the_next():
    told, render = [], Renderer()
    got = curve(render=render, n=6, report=told.append)
    assert len(told) == got.renders
    assert (told[0].step, told[0].done, told[0].total) == ("Rendering along Berry spacing", 1, 6)
    assert (
        told[-1].step == "Locating where Berry spacing flips the answer" and told[-1].done == told[-1].total
    )
    render = Renderer()
    with pytest.raises(Cancelled, match="Berry spacing was cancelled"):
        curve(render=render, cancelled=lambda: len(render.asked) == 3)
    assert len(render.asked) == 3


def test_refuses_what_makes_no_curve():
    with pytest.raises(ValueError, match="at least 2 values"):
        curve(n=1)
    for outside in (0.9, 3.6, np.nan):
        with pytest.raises(ValueError, match=r"from 1 to 3\.5"):
            curve(current=outside)


def test_the_chart_is_valid_and_tells_its_finding():
    got = curve()
    chart = concept_chart(SPEC, got, LIGHT)
    altair.Chart.from_dict({**chart, "$schema": altair.SCHEMA_URL})
    json.dumps(chart, allow_nan=False)
    assert chart["description"] == (
        "Response curve along Berry spacing. At 2.0 cm the answer is b, 80\u00a0%. "
        "It flips from a to b at 1.9 cm; from b to c at 3 cm."
    )


def test_a_curve_along_a_concept_of_the_bakery():
    from data import bakery

    scene = bakery.Scene.of("muffin", seed=3)
    (feature,) = (one for one in bakery.CONCEPTS["muffin"] if one.name == "bake")

    class Darkness:
        spec = ModelSpec("toy", "Toy", "image", ("raw", "burnt"), (), 16)

        def predict_proba(self, batch):
            dark = 1 - batch[:, 4:12, 4:12].mean(axis=(1, 2, 3))
            return np.stack([1 - dark, dark], axis=1)

    def render(value):
        return bakery.render(scene.replace(bake=value), 16).image

    got = concept_response(Darkness(), render, feature, current=scene.value("bake"), n=5)
    assert got.response.values[[0, -1]].tolist() == [feature.low, feature.high]
    assert got.response.probabilities[-1, 1] > got.response.probabilities[0, 1]
