"""Regions of a picture: what covering them does, on a model whose effects follow from its weights."""

import json

import altair
import numpy as np
import pytest

from draw.charts.regions import CHOSEN, regions_chart
from draw.palette import LIGHT
from explain.attributions.superpixels import superpixels
from explain.concepts.regions import RegionEffects, covered, rectangles, region_effects
from tests.explain import image_toys

SIDE = 8


def quarters():
    labels = np.zeros((SIDE, SIDE), dtype=np.int64)
    labels[:, 4:] += 1
    labels[4:] += 2
    return labels


def test_covered_regions_are_filled_and_nothing_else_changes():
    picture, labels = image_toys.picture(side=SIDE), quarters()
    before = picture.copy()
    made = covered(picture, labels, [1, 2], "mean")
    inside = np.isin(labels, [1, 2])
    assert made[inside] == pytest.approx(np.broadcast_to(picture.mean((0, 1)), (32, 3)))
    assert np.array_equal(made[~inside], picture[~inside]) and np.array_equal(picture, before)
    assert np.array_equal(covered(picture, labels, [], "mean"), picture)
    with pytest.raises(ValueError, match=r"regions 0 to 3 .* \[4\]"):
        covered(picture, labels, [4], "mean")
    with pytest.raises(ValueError, match="'tartan'"):
        covered(picture, labels, [0], "tartan")


def test_effects_on_a_linear_model_are_weight_times_what_is_covered(one_torch_thread):
    model, weights = image_toys.linear(side=SIDE)
    picture, labels = image_toys.picture(side=SIDE), quarters()
    got = region_effects(model, picture, labels, 1, "black")
    flat = np.einsum("chwx,hwx->c", weights, picture.astype(np.float64))
    bias = np.log(model.predict_proba(picture[None])[0]) - flat
    for region in range(4):
        kept = np.where((labels == region)[..., None], 0, picture)
        logits = np.einsum("chwx,hwx->c", weights, kept.astype(np.float64)) + bias
        shares = np.exp(logits) / np.exp(logits).sum()
        assert got.without[region] == pytest.approx(shares, abs=1e-6)
        full = flat + bias
        drop = (full[1] - max(full[0], full[2])) - (logits[1] - max(logits[0], logits[2]))
        assert got.weight[region] == pytest.approx(drop, abs=1e-4)
    assert got.before == pytest.approx(model.predict_proba(picture[None])[0])


def test_every_region_is_asked_once(one_torch_thread, monkeypatch):
    model, asked = image_toys.small(), []
    original = model.predict_proba
    monkeypatch.setattr(model, "predict_proba", lambda batch: asked.append(len(batch)) or original(batch))
    picture = image_toys.picture()
    labels = superpixels(picture, 12)
    region_effects(model, picture, labels, 0, "blurred")
    assert sum(asked) == labels.max() + 2


def test_rectangles_cover_each_pixel_once_with_its_region():
    labels = np.random.default_rng(0).integers(0, 4, (9, 11))
    painted = np.full(labels.shape, -1)
    for region, x0, x1, y0, y1 in rectangles(labels):
        assert (painted[y0:y1, x0:x1] == -1).all()
        painted[y0:y1, x0:x1] = region
    assert np.array_equal(painted, labels)
    assert len(rectangles(quarters())) == 4


def test_the_chart_is_valid_can_be_clicked_and_tells_its_finding(one_torch_thread):
    model, picture = image_toys.small(), image_toys.picture()
    labels = superpixels(picture, 12)
    assert labels.max() >= 6, "noise is cut into regions too"
    before = np.array([0.7, 0.2, 0.1])
    without = np.tile(before, (labels.max() + 1, 1))
    without[4] = [0.25, 0.65, 0.1]
    weight = np.where(np.arange(len(without)) == 4, 2.2, -0.1)
    found = RegionEffects(labels, 0, before, without, weight)
    chart = regions_chart(model.spec, found, picture, {3}, LIGHT)
    altair.Chart.from_dict({**chart, "$schema": altair.SCHEMA_URL})
    json.dumps(chart, allow_nan=False)
    assert chart["description"].endswith(
        "Most depends on region 5: covering it alone takes a from 70\u00a0% to 25\u00a0%."
    )
    (layer,) = [one for one in chart["layer"] if "params" in one]
    assert layer["params"][0]["name"] == CHOSEN
    tint = {one["region"]: (one["color"], one["strength"]) for one in layer["data"]["values"]}
    assert tint[5] == (LIGHT.positive, 0.55) and tint[1][0] == LIGHT.negative
    assert tint[4][1] == 0.0, "what is covered is not tinted"
