"""Sobol' indices, against functions whose indices are known in closed form."""

import json

import altair
import numpy as np
import pytest

from data import bakery
from draw.charts.concept_importance import concept_importance_chart
from draw.palette import LIGHT
from explain.concepts.concept_importance import REST, Skewed, indices, measure, unsupported
from models.spec import ModelSpec
from tests.explain import image_toys


def test_ishigamis_function_has_its_known_indices():
    a, b = 7.0, 0.1

    def ishigami(x):
        return np.sin(x[0]) + a * np.sin(x[1]) ** 2 + b * x[2] ** 4 * np.sin(x[0])

    one = 0.5 * (1 + b * np.pi**4 / 5) ** 2
    two, three = a**2 / 8, b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + three
    got = indices(ishigami, [Skewed(-np.pi, np.pi)] * 3, 1024, seed=0)
    assert got.first == pytest.approx([one / whole, two / whole, 0], abs=0.03)
    assert got.total == pytest.approx([(one + three) / whole, two / whole, three / whole], abs=0.03)
    for estimate, interval in ((got.first, got.first_interval), (got.total, got.total_interval)):
        assert (interval[:, 0] <= estimate).all() and (estimate <= interval[:, 1]).all()


def test_a_skewed_input_has_the_variance_of_its_power():
    # u ** s has the variance 1 / (2 s + 1) - 1 / (s + 1) ** 2, and a sum shares out the variance.
    def variance(s):
        return 1 / (2 * s + 1) - 1 / (s + 1) ** 2

    parts = np.array([9 * variance(1), 4 * variance(2), 25 * variance(4)])
    got = indices(
        lambda x: x.sum(axis=0), [Skewed(0, 3), Skewed(5, 7, 2.0), Skewed(-1, 4, 4.0)], 1024, seed=1
    )
    assert got.first == pytest.approx(parts / parts.sum(), abs=0.03)
    assert got.total == pytest.approx(parts / parts.sum(), abs=0.03)


def test_what_never_varies_has_no_share_and_n_must_be_a_power_of_two():
    idle = indices(lambda x: x[0], [Skewed(0, 1)] * 2, 16, seed=0)
    assert (idle.first[1], idle.total[1]) == pytest.approx((0, 0), abs=1e-9)
    assert idle.total_interval[1] == pytest.approx(0, abs=1e-9)
    got = indices(lambda x: np.ones(x.shape[1]), [Skewed(0, 1)] * 2, 16, seed=0)
    assert got.total.tolist() == [0, 0] and got.first_interval.tolist() == [[0, 0], [0, 0]]
    for n in (0, 1, 8, 100):
        with pytest.raises(ValueError, match="power of two"):
            indices(lambda x: x[0], [Skewed(0, 1)], n, seed=0)


class Oven:
    """Its logit for muffin is how dark the middle is."""

    spec = ModelSpec("toy", "Toy", "image", bakery.KINDS, (), 16)

    def predict_proba(self, batch):
        logit = 6 * (0.5 - batch[:, 5:11, 5:11].mean(axis=(1, 2, 3)))
        muffin = 1 / (1 + np.exp(-logit))
        return np.stack([1 - muffin, muffin], axis=1)


def test_measure_renders_what_it_says_and_gives_json(monkeypatch):
    # The intervals' width is not asked about here, and resampling takes longer than rendering.
    monkeypatch.setattr("explain.concepts.concept_importance._RESAMPLES", 20)
    told = []
    got = measure(Oven(), 16, seed=3, report=told.append)
    assert got["renders"] == len(told) == 2 * 16 * 12 == told[-1].total
    json.dumps(got, allow_nan=False)
    assert list(got["kinds"]) == list(bakery.KINDS)
    for kind, found in got["kinds"].items():
        assert [one["name"] for one in found["concepts"]] == [*bakery.PRIOR[kind], REST]
        assert found["sd"] > 0
    chart = concept_importance_chart(got["kinds"]["muffin"]["concepts"], "muffin", LIGHT)
    altair.Chart.from_dict({**chart, "$schema": altair.SCHEMA_URL})
    json.dumps(chart, allow_nan=False)


def test_the_chart_names_the_largest_first():
    concepts = [
        {"label": label, "first": f, "total": t, "first_interval": [f, f], "total_interval": [t, t]}
        for label, f, t in (("Bake", 0.1, 0.2), ("Blur", 0.5, 0.6), ("Ear size", -0.01, 0.0))
    ]
    chart = concept_importance_chart(concepts, "muffin", LIGHT)
    assert chart["description"] == (
        "Over scenes (muffin), most of the answer's variance hangs on blur 60\u00a0%, bake 20\u00a0%, "
        "ear size 0\u00a0%."
    )
    assert [one["text"] for one in chart["layer"][0]["data"]["values"]] == ["Blur", "Bake", "Ear size"]


def test_other_classes_have_no_concepts():
    spec = ModelSpec("t", "Toy CNN", "image", image_toys.CLASSES, (), 32)
    assert unsupported(spec) == (
        "Toy CNN knows a, b, c, which no scene shows: scenes are of chihuahua and muffin, so none can be drawn to see "
        "what matters."
    )
    assert unsupported(Oven.spec) is None
