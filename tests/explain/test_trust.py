"""The whole pack: each badge can occur, placebos get none that is good, and what it costs is counted."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from data import bakery, scenes
from data.dataset_types import Split
from data.failures import UserMistake
from explain import methods
from explain.attributions.image_method import ImageMethod, Map, Passes
from explain.neighbours.learned import Learned
from explain.targets import ClassTarget
from explain.trust import asked_again, placebos, trust_thresholds
from explain.trust.checks.pixel_removal import PixelRemoval
from explain.trust.report import assess
from explain.trust.trust_verdict import REMOVAL, Limits, MeasuredOn
from models import networks
from models.spec import ModelSpec
from tests import answering_toys, picture_toys
from tests.explain import image_toys

pytestmark = pytest.mark.usefixtures("one_torch_thread")


GIVEN = image_toys.picture()
LIMITS = {"randomisation": 0.2, REMOVAL: 0.001, "stability": 0.3}
THRESHOLDS = {"limits": LIMITS, "scenes": 200}
MASK = np.zeros((32, 32), dtype=bool)


MASK[8:24, 4:20] = True


class Sham(ImageMethod):
    """A method that never asks the model."""

    signed, cost, normalisation, needs = False, "nothing", "none", "probabilities"

    def __init__(self, of_picture):
        self.name = self.title = "sham"
        self._of_picture = of_picture

    def _passes(self, spec, chosen):
        return Passes(0)

    def _map(self, question):
        return Map(self._of_picture(question.picture), 0.0)


SHAMS = {
    "edges": placebos.edges,
    "blob": lambda picture: placebos.centre_blob(picture.shape[:2]),
    "random map": lambda picture: placebos.random_map(picture.shape[:2], 5),
    "empty": lambda picture: np.zeros(picture.shape[:2]),
}


def checked(model, method="grad_cam", target=0, picture=GIVEN, settings=None, **more):
    one = methods.image_method(method) if isinstance(method, str) else method
    return assess(
        model, picture, one, one.attribute(model, picture, ClassTarget(target), **(settings or {})), **more
    )


def bakery_model(width=4):
    network = networks.ResidualNetwork(2, width)
    network.initialise(torch.Generator().manual_seed(3), "none")
    nn.init.normal_(network.head.weight, std=2.0, generator=torch.Generator().manual_seed(4))
    spec = ModelSpec("b", "B", "image", bakery.KINDS, (), 32, frozenset({"gradients", "layers"}))
    return networks.NetworkModel(spec, network)


@pytest.fixture(scope="module")
def linear():
    return image_toys.linear()[0]


def test_the_pack_holds_a_map_to_the_blob_of_its_own_picture(linear):
    low = {"limits": {**LIMITS, REMOVAL: -99.0}, "scenes": 200}
    blob = PixelRemoval(linear, GIVEN, ClassTarget(0)).lift(placebos.centre_blob((32, 32)))
    found = checked(linear, "saliency", thresholds=low)
    assert found.limits == Limits(low["limits"], MeasuredOn(200), blob)
    assert found.verdict.passed[REMOVAL] == (found.scores[REMOVAL] > blob)
    right = checked(linear, "integrated_gradients", settings={"steps": 3}, thresholds=low)
    assert right.verdict.passed[REMOVAL] and right.scores[REMOVAL] > blob
    # What is told as the limit is what was measured.
    assert found.to_json()["removal"]["limit"] == -99.0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("value", [0.0, 0.5])
def test_a_map_that_is_the_same_everywhere_fails_whatever_luck_its_order_has(toy_cnn, value, seed):
    class Blank(Sham):
        """Looks at the weights, and finds nothing in those that were learned."""

        def _map(self, question):
            if question.model is toy_cnn:
                return Map(np.full((32, 32), value), 0.0)
            return Map(placebos.random_map((32, 32), 1), 0.0)

    easy = {"limits": {**LIMITS, REMOVAL: -9.0, "stability": 9.0}, "scenes": 200}
    found = checked(toy_cnn, Blank(None), thresholds=easy, seed=seed)
    assert found.scores["randomisation"] == 1, "by its figures it would depend on the weights"
    assert found.verdict.badge == "fails" and not any(found.verdict.passed.values())
    assert "the same everywhere" in found.verdict.sentence
    assert "the same everywhere" in found.verdict.in_short


def test_a_map_that_is_exactly_right_is_strong(linear):
    # Weight times change is what a linear network's answer is made of, pixel by pixel.
    found = checked(linear, "integrated_gradients", settings={"steps": 3}, thresholds=THRESHOLDS)
    assert found.verdict.badge == "strong", found.verdict.sentence
    assert found.gap_share == pytest.approx(0, abs=1e-4)
    hard = {"limits": {**LIMITS, REMOVAL: found.scores[REMOVAL]}, "scenes": 200}
    assert (
        checked(linear, "integrated_gradients", settings={"steps": 3}, thresholds=hard).verdict.badge
        == "weak"
    )


@pytest.mark.parametrize("thresholds", [THRESHOLDS, None])
@pytest.mark.parametrize("name", SHAMS)
def test_no_placebo_passes_as_a_method(linear, name, thresholds):
    found = checked(linear, Sham(SHAMS[name]), thresholds=thresholds)
    assert found.scores["randomisation"] == pytest.approx(0)
    assert found.verdict.badge == "fails"


def test_a_grad_cam_pack_takes_300_passes_at_most_by_count():
    model = bakery_model()
    seen = {"forward": 0, "backward": 0}

    class Counted(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            seen["forward"] += len(x)
            if torch.is_grad_enabled():
                seen["backward"] += len(x)
            return self.inner(x)

    model.network, model.last_conv = Counted(model.network).eval(), f"inner.{model.last_conv}"
    for thresholds in (THRESHOLDS, None):
        seen.update(forward=0, backward=0)
        found = checked(model, thresholds=thresholds)
        assert len(found.randomisation.stages) == 8
        assert seen["forward"] + 2 * seen["backward"] <= 300
        # The map itself is one pass forward and one back.
        assert found.passes == Passes(seen["forward"] - 1, seen["backward"] - 1)


def test_curves_are_shared_by_the_methods_of_one_input_and_each_is_told_of_as_if_it_were_alone(
    toy_cnn, monkeypatch
):
    made = []
    ask = PixelRemoval._ask
    monkeypatch.setattr(PixelRemoval, "_ask", lambda self, x: made.append(len(x)) or ask(self, x))
    removal = PixelRemoval(toy_cnn, GIVEN, ClassTarget(0))
    checked(toy_cnn, "grad_cam", removal=removal, thresholds=THRESHOLDS)
    first = sum(made)
    second = checked(toy_cnn, "saliency", removal=removal, thresholds=THRESHOLDS)
    # What is new are the curves of the map, and of its method on random weights.
    assert first - (sum(made) - first) == 3 + 22 * 6
    assert second.to_json() == checked(toy_cnn, "saliency", thresholds=THRESHOLDS).to_json()


def test_the_same_question_gets_the_same_answer_and_another_seed_another(toy_cnn):
    one, two, other = (checked(toy_cnn, "saliency", seed=seed).to_json() for seed in (1, 1, 2))
    assert one == two and one["randomisation"]["draws"] != other["randomisation"]["draws"]


def test_json_holds_what_the_report_holds(toy_cnn):
    found = checked(toy_cnn, "integrated_gradients", settings={"steps": 4}, mask=MASK)
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert {"badge", "sentence", "randomisation", "deletion", "insertion", "removal", "stability"} < set(told)
    assert told["deletion"]["curve"] == pytest.approx(found.curves.deletion)
    assert told["removal"]["difference_of_probability"] == pytest.approx(
        told["insertion"]["auc"] - told["deletion"]["auc"]
    )
    random = [one.evidence for one in found.random]
    assert told["removal"]["score"] == pytest.approx(found.curves.evidence - np.mean(random))
    spread = sum((one - np.mean(random)) ** 2 for one in random) / 2
    assert told["removal"]["lift_standard_error"] == pytest.approx((spread / 3) ** 0.5)
    assert told["stability"]["score"] == found.sensitivity
    assert told["completeness_gap_share"] >= 0
    # A method that costs more is looked at after fewer stages.
    assert len(told["randomisation"]["stages"]) == 3
    assert set(told["localisation"]) == {"mass", "rank", "pointing"}
    mass = told["localisation"]["mass"]
    assert mass["score"] == pytest.approx(mass["map"] - mass["centre_blob"])
    assert set(told["placebos"]) == {"edges", "centre_blob", "random_map", "random_weights"}
    assert told["placebos"]["centre_blob"]["localisation_mass"] == 0
    assert told["compared_with"] == {"scenes": None}


@pytest.mark.parametrize("mask", [None, np.ones((32, 32), dtype=bool), np.zeros((32, 32), dtype=bool)])
def test_without_a_place_to_lie_off_nothing_is_said_of_places(toy_cnn, mask):
    found = checked(toy_cnn, mask=mask, thresholds=THRESHOLDS)
    assert found.localisation is None and "localisation" not in found.to_json()


def test_progress_is_told_and_can_end_the_work(toy_cnn):
    seen = []
    checked(toy_cnn, report=seen.append)
    assert [one.done for one in seen] == list(range(1, len(seen) + 1))
    assert all(one.step == asked_again.STEP and one.done <= one.total for one in seen)

    def stop(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checked(toy_cnn, report=stop)


def test_a_method_with_a_background_is_asked_with_it(toy_cnn):
    background = image_toys.background(3)
    found = checked(
        toy_cnn, "gradient_shap", settings={"samples": 4, "background": background}, background=background
    )
    assert found.method == "gradient_shap" and found.gap_share is not None


def test_limits_are_percentiles_of_all_placebos_over_the_scenes():
    model, seen = bakery_model(), []
    found = trust_thresholds.measure(model, 4, 7, seen.append)
    assert [(one.done, one.total) for one in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    json.dumps(found, allow_nan=False)
    lifts, masses = [], []
    for number, scene in enumerate(scenes.held_out(4)):
        rendered = bakery.render(scene, 32)
        picture, mask = rendered.image, rendered.mask != bakery.Part.BACKGROUND
        target = int(np.argmax(model.predict_proba(picture[None])[0]))
        report = checked(model, "grad_cam", target, picture, mask=mask, seed=7 + number)
        others = report.placebo_scores
        for name in ("edges", "centre_blob", "random_map"):
            lifts.append(others[name][REMOVAL])
            masses.append(others[name]["localisation_mass"])
    # Three of the four placebos do not depend on how weights are drawn: their spread is found again.
    edges = found["placebos"]["edges"][REMOVAL]
    assert [edges["p5"], edges["p50"], edges["p95"]] == pytest.approx(np.percentile(lifts[::3], (5, 50, 95)))
    assert found["placebos"]["random_map"]["localisation_mass"]["p50"] == pytest.approx(
        np.median(masses[2::3])
    )
    assert found == trust_thresholds.measure(model, 4, 7, lambda progress: None)


def test_the_limit_pools_every_placebos_scores(monkeypatch):
    numbers = iter(range(100))

    def scored(*_):
        start = next(numbers) * 10.0
        return {"edges": {REMOVAL: start, "stability": 1.0}, "centre_blob": {REMOVAL: start + 1}}

    monkeypatch.setattr(trust_thresholds, "_of_picture", scored)
    monkeypatch.setattr(trust_thresholds, "METRICS", (REMOVAL, "stability"))
    found = trust_thresholds.measure(bakery_model(), 3, 0, lambda progress: None)
    # 0, 1, 10, 11, 20, 21: three quarters of the way from 20 to 21.
    assert found["limits"] == {REMOVAL: pytest.approx(20.75), "stability": 1.0}
    assert found["placebos"]["centre_blob"][REMOVAL]["p50"] == 11


@pytest.mark.parametrize("network", [True, False])
def test_limits_of_other_models_are_measured_on_their_held_out_pictures(network):
    definition = picture_toys.DEFINITION if network else answering_toys.COLOURS
    dataset = picture_toys.load()
    learned = Learned(dataset, dataset.split.train, dataset.split.test)
    model = definition.fit(dataset, {}, 0, lambda progress: None).model
    found = trust_thresholds.measure(model, 200, 5, lambda progress: None, learned=learned)
    json.dumps(found, allow_nan=False)
    assert (found["pictures"], found["dataset"]) == (9, "toy_patches") and "scenes" not in found
    assert set(found["limits"]) == {"randomisation", REMOVAL, "stability"}
    assert set(found["placebos"]) == {"edges", "centre_blob", "random_map"} | (
        {"random_weights"} if network else set()
    )
    lifts = []
    for number, picture in enumerate(dataset.pixels(lambda done, total: None, dataset.split.test)):
        x = (picture / np.float32(255)).astype(np.float32)
        target = int(np.argmax(model.predict_proba(x[None])[0]))
        lifts.append(
            PixelRemoval(model, x, ClassTarget(target), 5 + number).lift(placebos.centre_blob((32, 32)))
        )
    spread = found["placebos"]["centre_blob"][REMOVAL]
    assert [spread["p5"], spread["p50"], spread["p95"]] == pytest.approx(np.percentile(lifts, (5, 50, 95)))
    few = trust_thresholds.measure(model, 3, 5, lambda progress: None, learned=learned)
    assert few["pictures"] == 3


def test_limits_are_not_measured_on_pictures_that_may_have_been_learned():
    dataset = picture_toys.load()
    changed = Learned(dataset, dataset.split.train, dataset.split.test, "The pictures are no longer those.")
    with pytest.raises(
        UserMistake, match=r"those\. Limits are measured on pictures that a version never saw"
    ):
        trust_thresholds.measure(image_toys.small(), 3, 0, lambda progress: None, learned=changed)
    alone = replace(dataset, split=Split(np.arange(29), np.arange(29, 30)))
    with pytest.raises(UserMistake, match="toy_patches holds back 1 pictures"):
        kept = Learned(alone, alone.split.train, alone.split.test)
        trust_thresholds.measure(image_toys.small(), 3, 0, lambda progress: None, learned=kept)


def test_limits_are_measured_for_every_model_of_pictures(toy_cnn, toy_tree):
    assert trust_thresholds.unsupported(bakery_model().spec) is None
    assert not trust_thresholds.needs_pictures(bakery_model().spec)
    assert trust_thresholds.unsupported(toy_cnn.spec) is None
    assert trust_thresholds.needs_pictures(toy_cnn.spec)
    assert "Toy tree answers for rows" in trust_thresholds.unsupported(toy_tree.spec)
