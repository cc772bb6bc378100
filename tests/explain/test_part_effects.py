"""Effects of parts, on a model whose every effect can be worked out from pixels."""

import numpy as np
import pytest

from data import bakery
from data.bakery import Part, Scene
from explain.attributions.attribution import MethodError
from explain.truth.part_effects import SMALLEST_SHARE, part_effects, unsupported
from tests.explain import image_toys, toys
from tests.explain.part_toys import SIDE, SPEC, ToyScenes, reader_of

pytestmark = pytest.mark.usefixtures("one_torch_thread")

MUFFIN = Scene.of("muffin", 5, berry_size=1.5, berry_spacing=2.6)
DOG = Scene.of("chihuahua", 3, eye_size=1.5)


@pytest.mark.parametrize("scene", [MUFFIN, DOG])
def test_effects_of_a_sum_are_sums_of_changes(scene):
    weights = np.random.default_rng(2).normal(size=(SIDE, SIDE, 3)) / SIDE
    found = part_effects(ToyScenes(weights), scene, target=1)
    before = bakery.render(scene, SIDE).image
    ways = {
        "eyes": {"without": [Part.EYE]},
        "nose": {"without": [Part.NOSE]},
        "ears": {"without": [Part.EAR]},
        "fur": {"painted": [Part.FUR]},
        "berries": {"without": [Part.BERRY]},
        "cup": {"without": [Part.CUP]},
        "dome": {"painted": [Part.DOME]},
        "background": {"painted": [Part.BACKGROUND]},
    }
    assert len(found.names) == len(bakery.INTERVENTIONS[scene.kind])
    for row, name in enumerate(found.names):
        after = bakery.render(scene, SIDE, **ways[name]).image
        assert found.effects[row] == pytest.approx(float(((before - after) * weights).sum()), abs=1e-4)
        assert np.array_equal(found.pictures[row + 1], after)
    assert found.output == pytest.approx(float((before * weights).sum()), abs=1e-4)
    assert np.array_equal(found.pictures[0], before)


def test_a_model_that_reads_the_berries_is_moved_by_the_berries_alone():
    model, weights = reader_of(Part.BERRY, MUFFIN)
    found = part_effects(model, MUFFIN, target=1)
    bare = bakery.render(MUFFIN, SIDE, without=[Part.BERRY]).image
    expected = float(((bakery.render(MUFFIN, SIDE).image - bare) * weights).sum())
    effects = dict(zip(found.names, found.effects, strict=True))
    assert effects["berries"] == pytest.approx(expected, abs=1e-5) and abs(expected) > 1
    assert effects["dome"] == effects["background"] == 0
    assert abs(effects["cup"]) < 0.02 * abs(expected)  # the cup shades the dough above it a little
    against = part_effects(model, MUFFIN, target=0)
    np.testing.assert_allclose(against.effects, -found.effects, atol=1e-6)


def test_the_predicted_class_is_measured_unless_another_is_asked_for():
    dark, _ = reader_of(Part.BERRY, MUFFIN)
    assert dark.predict_proba(bakery.render(MUFFIN, SIDE).image[None])[0].argmax() == 1
    assert part_effects(dark, MUFFIN).target == 1
    assert part_effects(ToyScenes(-dark.network.weights.numpy().transpose(1, 2, 0)), MUFFIN).target == 0
    with pytest.raises(ValueError, match="Target 2"):
        part_effects(dark, MUFFIN, target=2)


def test_answers_and_passes_are_those_of_the_model():
    model, _ = reader_of(Part.EYE, DOG)
    found = part_effects(model, DOG)
    assert model.network.seen == len(found.effects) + 1 == 6
    np.testing.assert_allclose(found.probabilities, model.predict_proba(found.pictures), atol=1e-12)


def test_parts_that_are_hardly_seen_are_left_alone():
    mask = bakery.render(DOG, SIDE).mask
    assert (mask == Part.NOSE).mean() >= SMALLEST_SHARE
    plain = Scene.of("muffin", 5, flavour="plain")
    model, _ = reader_of(Part.DOME, plain)
    assert part_effects(model, plain).names == ("dome", "cup", "background")
    close = Scene.of("chihuahua", 4, framing=1.0)  # no ear is in sight
    assert set(part_effects(model, close).names) <= {"eyes", "nose", "fur", "background"}


def test_masks_and_shares_are_those_of_the_scene():
    model, _ = reader_of(Part.DOME, MUFFIN)
    found = part_effects(model, MUFFIN)
    mask = bakery.render(MUFFIN, SIDE).mask
    parts = (Part.BERRY, Part.DOME, Part.CUP, Part.BACKGROUND)
    np.testing.assert_array_equal(found.masks, [mask == part for part in parts])
    np.testing.assert_allclose(found.shares, [np.mean(mask == part) for part in parts])
    assert found.shares.sum() == pytest.approx(1)
    bare = bakery.render(MUFFIN, SIDE, without=[Part.BERRY]).image
    change = np.abs(found.pictures[0].astype(float) - bare).sum(axis=2)
    assert found.outside[0] == pytest.approx(change[mask != Part.BERRY].sum() / change.sum())
    assert 0.1 < found.outside[0] < 0.5  # the juice


def test_changes_of_the_pixels_come_after_the_rendering():
    weights = np.ones((SIDE, SIDE, 3)) / SIDE**2
    usual = part_effects(ToyScenes(weights), MUFFIN, 1)
    halved = part_effects(ToyScenes(weights), MUFFIN, 1, finish=lambda picture: picture / 2)
    np.testing.assert_allclose(halved.effects, usual.effects / 2, atol=1e-6)
    np.testing.assert_allclose(halved.pictures, usual.pictures / 2)
    np.testing.assert_allclose(halved.outside, usual.outside)


def test_models_that_do_not_fit_are_told_why():
    assert unsupported(SPEC) is None
    other = unsupported(image_toys.small().spec)
    assert other is not None and "knows a, b, c" in other and "scenes are of chihuahua and muffin" in other
    assert unsupported(toys.fitted_tree().spec) is not None
    blind = ToyScenes(np.zeros((SIDE, SIDE, 3)))
    blind.spec = type(SPEC)("toy", "Blind", "image", bakery.KINDS, (), SIDE, frozenset())
    with pytest.raises(MethodError, match="needs a network that gives logits, and Blind offers none"):
        part_effects(blind, MUFFIN)
