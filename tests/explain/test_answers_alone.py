"""Methods for pictures on a model that only answers: log-odds, worked out again window by window."""

from __future__ import annotations

import numpy as np
import pytest

from explain import methods
from explain.attributions.scores import LEAST, log_odds
from explain.levels import lacking, offers
from explain.targets import ClassTarget
from explain.trust.report import assess
from models.spec import ModelSpec
from tests import answering_toys
from tests.explain import image_toys
from tests.explain.image_toys import run

pytestmark = pytest.mark.usefixtures("one_torch_thread")
COLOURS = {"colours": np.array([[0.6, 0.3, 0.3], [0.3, 0.6, 0.3], [0.3, 0.3, 0.6]])}
MODEL = answering_toys.ArraysModel(answering_toys.COLOURS.spec, COLOURS, answering_toys.nearest_colour)


def odds(picture, target):
    shares = MODEL.predict_proba(picture[None])[0]
    return np.log(shares[target] / (1 - shares[target]))


def test_only_methods_that_need_no_more_fit():
    fits = {fit.method.name: fit.reason for fit in methods.for_spec(MODEL.spec)}
    assert [name for name, reason in fits.items() if reason is None] == ["occlusion", "superpixel_shap"]
    assert fits["saliency"] == (
        "Saliency needs a network whose gradients can be taken, and Toy colours offers none."
    )


def test_occlusion_is_the_fall_of_the_log_odds():
    picture, target = image_toys.picture(), 1
    got = run("occlusion", MODEL, picture, target, window=16, stride=16)
    assert got.units == "log-odds" and got.normalisation.endswith("count as 1e-06")
    assert got.output == pytest.approx(odds(picture, target))
    told = methods.image_method("occlusion").passes(MODEL.spec, {"window": 16, "stride": 16})
    assert got.passes == told.forward == 1 + 4
    for y in (0, 16):
        for x in (0, 16):
            covered = picture.copy()
            covered[y : y + 16, x : x + 16] = picture.mean(axis=(0, 1))
            fall = odds(picture, target) - odds(covered, target)
            assert got.values[y : y + 16, x : x + 16] == pytest.approx(np.full((16, 16), fall), abs=1e-5)


def test_superpixel_shap_adds_up_to_the_log_odds():
    picture = image_toys.picture()
    got = run("superpixel_shap", MODEL, picture, 2)
    assert got.units == "log-odds"
    assert got.output == pytest.approx(odds(picture, 2))
    assert got.completeness_gap < 1e-9


def test_of_two_classes_log_odds_are_the_difference_of_the_logits():
    logits = np.array([[2.0, -1.0], [0.3, 0.1]])
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert log_odds(shares, ClassTarget(0)) == pytest.approx([3.0, 0.2])
    assert log_odds(shares, ClassTarget(1)) == pytest.approx([-3.0, -0.2])


def test_what_is_called_impossible_has_a_finite_score():
    sure = np.array([[1.0, 0.0]])
    assert log_odds(sure, ClassTarget(0)) == pytest.approx([-np.log(LEAST)])
    assert log_odds(sure, ClassTarget(1)) == pytest.approx([np.log(LEAST)])


def test_levels_say_what_is_lacking():
    network = ModelSpec("n", "Net", "image", ("a",), (), 32, frozenset({"gradients"}))
    assert offers(network, "probabilities") and offers(network, "logits") and not offers(network, "layers")
    assert lacking("X", network, "gradients") is None
    assert lacking("X", network, "tree") == "X needs a model that is one readable tree, and Net is not."


def test_its_map_is_checked_as_far_as_that_can_be():
    method, picture = methods.image_method("occlusion"), image_toys.picture()
    target = int(np.argmax(MODEL.predict_proba(picture[None])[0]))
    found = assess(MODEL, picture, method, run("occlusion", MODEL, picture, target))
    assert found.randomisation is None and found.to_json()["randomisation"] is None
    assert {one.name for one in found.placebos} == {"edges", "centre_blob", "random_map"}
    assert found.verdict.badge in ("weak", "fails")
    assert "cannot be checked" in found.verdict.sentence
    # 81 windows + 1 for each of 4 pictures nearby; the curves come on top.
    assert found.passes.forward > 4 * 82 and found.passes.backward == 0
