"""Curves over many scenes, against scikit-learn's partial dependence and by hand."""

import json

import altair
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import partial_dependence

from draw.charts.concept_ice import concept_ice_chart
from draw.palette import LIGHT
from explain.cancelling import Cancelled
from explain.concepts.concept_ice import concept_ice
from tests.explain.concept_toys import SPEC, Scored, Shop, concept, concepts

A, B = concept("a"), concept("b")


def score(values):
    return (values[:, 0] - 5) * np.where(values[:, 1] > 5, 1.0, -1.0)


def curves(rows, **more):
    shop = Shop((A, B))
    scenes = [concepts(shop, {"a": (2.0, 8.0)}, a=float(a), b=float(b)) for a, b in rows]
    return concept_ice(Scored(shop, score), scenes, "a", 1, **more)


class Estimator(ClassifierMixin, BaseEstimator):
    def fit(self, x, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, x):
        yes = 1 / (1 + np.exp(-score(np.asarray(x, dtype=float))))
        return np.stack([1 - yes, yes], axis=1)


def test_curves_and_mean_agree_with_scikit_learn():
    rows = np.random.default_rng(3).integers(0, 11, (12, 2)).astype(float)
    got = curves(rows, n=6)
    estimator = Estimator().fit(rows, np.arange(12) % 2)
    peer = partial_dependence(
        estimator, rows, [0], kind="both", custom_values={0: got.values}, response_method="predict_proba"
    )
    assert got.values.tolist() == [0, 2, 4, 6, 8, 10]
    assert got.curves == pytest.approx(peer["individual"][0], abs=1e-6)
    assert got.mean == pytest.approx(peer["average"][0], abs=1e-6)


def test_a_flat_mean_of_curves_that_cross_is_seen_for_what_it_is():
    got = curves([(5, 0), (5, 10)], n=11)
    assert got.mean == pytest.approx(0.5)
    assert got.flipping == 2 and got.curves[0, 0] > 0.99 and got.curves[1, 0] < 0.01


def test_refuses_cancels_and_tells():
    with pytest.raises(ValueError, match="a scene and two values"):
        curves([])
    with pytest.raises(ValueError, match="a scene and two values"):
        curves([(1, 1)], n=1)
    told, rows = [], [(1, 1)] * 5
    curves(rows, n=3, report=told.append)
    assert (told[0].done, told[-1].done, told[-1].total) == (1, 15, 15)
    told.clear()
    with pytest.raises(Cancelled):
        curves(rows, n=3, report=told.append, cancelled=lambda: len(told) >= 6)
    assert len(told) == 6


def test_the_chart_is_valid_and_tells_its_finding():
    got = curves([(5, 0), (5, 10), (0, 10)], n=11)
    chart = concept_ice_chart(SPEC, got, LIGHT, now=(3.0, 0.2))
    altair.Chart.from_dict({**chart, "$schema": altair.SCHEMA_URL})
    json.dumps(chart, allow_nan=False)
    assert chart["description"] == (
        "Along a, over 3 scenes, the mean probability of yes goes from 34\u00a0% at 0 cm to 66\u00a0% at 10 cm; "
        "in 3 of them the answer changes on the way."
    )
