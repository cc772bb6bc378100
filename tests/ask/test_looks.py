"""Each look's values: worked out by hand where the model is a formula, else those of the functions on their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ask.looks.picture import maps_of
from data import bakery
from data.bakery import Part, Scene
from explain.attributions.superpixels import superpixels
from explain.concepts import perturbations
from explain.concepts.regions import REGIONS, region_effects
from explain.neighbours.examples import Examples
from explain.neighbours.features import penultimate
from explain.targets import ClassTarget
from explain.truth.agreement import agreement
from explain.truth.part_effects import part_effects
from explain.typicality import feature_typicality
from explain.typicality.typicality import of_scene
from tests.ask.asking import answer_of, tell
from tests.explain import image_toys
from tests.explain.part_toys import SIDE, ToyScenes, reader_of

pytestmark = pytest.mark.usefixtures("one_torch_thread")


MUFFIN = Scene.of("muffin", 5, berry_size=1.5, berry_spacing=2.6)


def test_methods_and_regions_are_those_of_the_functions(
    toy_cnn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = image_toys.picture(2)
    asked = answer_of(toy_cnn, picture, facts={"pictures": image_toys.background()})
    told = tell("methods", asked)
    maps = {name: one.attribution for name, one in maps_of(asked, lambda progress: None).items()}
    assert list(told.values["methods"]) == list(maps)
    found = agreement({name: one.values for name, one in maps.items()})
    for pair, expected in zip(told.values["pairs"], found.pairs, strict=True):
        assert (pair["one"], pair["rank"], pair["overlap"]) == (expected.one, expected.rank, expected.overlap)
    alone = image_toys.run("occlusion", toy_cnn, picture, ClassTarget(asked.target))
    assert np.array_equal(maps["occlusion"].values, alone.values)
    regions = tell("regions", asked)
    labels = superpixels(picture, REGIONS)
    for fill in ("mean", "blurred"):
        effects = region_effects(toy_cnn, picture, labels, asked.target, fill)
        assert regions.values["fills"][fill]["weights"] == effects.weight.tolist()
    first = regions.values["regions"][0]
    y, x = np.nonzero(labels == 0)
    assert first == {"region": 1, "pixels": len(x), "box": [x.min(), y.min(), x.max() + 1, y.max() + 1]}


def test_the_adversarial_example_of_a_linear_network_is_as_long_as_the_way_to_its_border() -> None:
    weights = np.random.default_rng(0).normal(0, 0.05, (SIDE, SIDE, 3))
    picture = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    model = ToyScenes(weights)
    told = tell("adversarial", answer_of(model, picture))
    away = abs((weights * picture).sum()) / np.linalg.norm(weights)
    assert told.values["smallest"]["l2"] == pytest.approx(away, rel=0.03)
    assert told.values["smallest"]["before"]["class"] != told.values["smallest"]["after"]["class"]
    assert told.values["soft"]["l2"] > told.values["smallest"]["l2"]
    assert told.words.count("This does not explain the answer. It shows how thin it is.") == 1


def test_parts_are_measured_by_rendering_and_laid_beside_the_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    model, weights = reader_of(Part.BERRY, MUFFIN)
    picture = bakery.render(MUFFIN, SIDE).image
    facts = {"pictures": picture[None] / 2}
    asked = answer_of(model, scene=MUFFIN, facts=facts)
    told = tell("parts", asked)
    effects = {one["part"]: one["effect"] for one in told.values["parts"]}
    change = next(one for one in bakery.INTERVENTIONS["muffin"] if one.name == "berries")
    without = change.render(MUFFIN, SIDE).image
    sign = 1 if asked.target == 1 else -1
    assert effects["berries"] == pytest.approx(sign * (weights * (picture - without)).sum(), abs=1e-4)
    assert told.values["output"] == pytest.approx(sign * (weights * picture).sum(), abs=1e-4)
    found = part_effects(model, MUFFIN)
    values = maps_of(asked, lambda progress: None)["saliency"].attribution.values
    shares = np.abs([values[mask].sum() for mask in found.masks])
    assert list(told.values["methods"]["saliency"]["weights"].values()) == pytest.approx(
        shares / shares.sum()
    )
    first = next(iter(told.values["methods"].values()))
    assert told.words[0].endswith(first["sentence"]) and "once in" in told.words[1]


def test_changes_of_the_pixels_are_made_to_every_picture_that_a_look_renders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, weights = reader_of(Part.BERRY, MUFFIN)
    picture = bakery.render(MUFFIN, SIDE).image
    facts = {"pictures": picture[None] / 2}
    # Half the contrast halves what every part does, and the weight of grey comes on top of the whole.
    changes = {"contrast": 0.5}
    plain, changed = (
        tell("parts", answer_of(model, scene=MUFFIN, target="muffin", changes=one, facts=facts)).values
        for one in ({}, changes)
    )
    for before, after in zip(plain["parts"], changed["parts"], strict=True):
        assert after["effect"] == pytest.approx(before["effect"] / 2, abs=1e-4)
    assert changed["output"] == pytest.approx((plain["output"] + 0.5 * weights.sum()) / 2, abs=1e-3)
    flipped = tell("flip", answer_of(model, scene=MUFFIN, changes=changes))
    answer = model.predict_proba(perturbations.apply(picture, changes)[None])[0]
    assert list(flipped.values["before"]["probabilities"].values()) == pytest.approx(answer)


def test_how_usual_a_scene_with_changed_pixels_is_is_the_worse_of_both(
    toy_cnn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Examples(
        features=np.ones((2, 2)),
        labels=np.zeros(2, dtype=np.int64),
        names=("a", "b"),
        digests=("", ""),
        source=np.zeros(2, dtype=np.int64),
        sources=("scenes",),
        apart=(np.full(20, 1e-9),),
        instead="",
    )
    facts = {"stored_examples": found}
    monkeypatch.setattr(
        "explain.typicality.feature_typicality.penultimate", lambda model, pictures: np.array([[1.0, 0.0]])
    )
    scene = Scene.of("muffin", 5)
    plain = tell("typicality", answer_of(toy_cnn, scene=scene, facts=facts))
    assert plain.words == (of_scene(scene).sentence,) and plain.values["level"] != "far"
    changed = tell("typicality", answer_of(toy_cnn, scene=scene, changes={"noise": 0.1}, facts=facts))
    assert changed.values["level"] == "far" and "of the training" in changed.words[0]


class Darkness:
    """Says muffin where the picture's mean is below a limit, with the distance as its logit."""

    spec = replace(ToyScenes.spec, capabilities=frozenset())

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def predict_proba(self, batch: np.ndarray) -> np.ndarray:
        yes = 1 / (1 + np.exp(-50 * (self.limit - batch.mean(axis=(1, 2, 3), dtype=np.float64))))
        return np.stack([1 - yes, yes], axis=1)


def brightness(**concepts: float) -> float:
    return float(bakery.render(MUFFIN.replace(**concepts), SIDE).image.mean(dtype=np.float64))


def test_the_curve_along_a_concept_flips_where_the_rendered_picture_does() -> None:
    bright, dark = brightness(bake=10.0), brightness(bake=30.0)
    model = Darkness((bright + dark) / 2)
    scene = MUFFIN.replace(bake=10.0)
    asked = answer_of(model, scene=scene, along=("bake",))
    told = tell("curve", asked)
    (flip,) = told.values["flips"]
    assert (flip["before"], flip["after"]) == ("chihuahua", "muffin")
    assert brightness(bake=flip["at"]) < model.limit <= brightness(bake=flip["at"] - 1)
    assert told.values["now"]["value"] == 10.0 and told.values["unit"] == "min"
    only_bake = tuple(feature.name for feature in scene.live_concepts if feature.name != "bake")
    flipped = tell("flip", answer_of(model, scene=scene, locked=only_bake))
    (change,) = flipped.values["changes"]
    assert (change["name"], change["before"], change["after"]) == ("bake", 10.0, flip["at"])


def test_a_map_over_two_concepts_holds_what_a_rendered_picture_is_answered() -> None:
    model = Darkness((brightness(bake=10.0) + brightness(bake=30.0)) / 2)
    told = tell("curve", answer_of(model, scene=MUFFIN, along=("bake", "berry_size")))
    values = told.values
    asked = np.argwhere(values["asked"])
    for j, i in asked[:: len(asked) // 6]:
        dark = brightness(bake=values["x_values"][i], berry_size=values["y_values"][j]) < model.limit
        assert values["classes"][j][i] == ("muffin" if dark else "chihuahua")
    assert values["now"]["bake"] == MUFFIN.value("bake") and values["pictures"] > len(asked) - 1


def test_a_photo_s_curve_goes_along_its_pixels() -> None:
    model = Darkness(0.3)
    told = tell(
        "curve",
        answer_of(model, np.full((SIDE, SIDE, 3), 0.4, np.float32), along=("brightness",)),
    )
    # 0.4 less what is taken away: at −0.10 it is at the limit, and below it from the next step of 0.02.
    (flip,) = told.values["flips"]
    assert flip["before"] == "muffin" and flip["at"] == pytest.approx(-0.1, abs=0.021)
    assert (
        tell("curve", answer_of(model, np.full((SIDE, SIDE, 3), 0.4, np.float32))).values["along"]
        == "pixel_blur"
    )


def test_how_usual_a_scene_is_is_exact_and_a_photo_is_compared_with_photos(
    toy_cnn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = MUFFIN.replace(bake=44.0)
    asked = answer_of(Darkness(0.3), scene=scene)
    assert tell("typicality", asked).words == (of_scene(scene).sentence,)
    pictures = np.stack([image_toys.picture(seed) for seed in range(8)])
    made = Examples(
        features=penultimate(toy_cnn, pictures),
        labels=np.arange(8) % 3,
        names=tuple(f"train/{i}.jpg" for i in range(8)),
        digests=("0" * 16,) * 8,
        source=np.zeros(8, np.int64),
        sources=("photos",),
        apart=(np.array([0.0, 9.0]),),
    )
    photo = answer_of(toy_cnn, pictures[3] * 0.9, facts={"stored_examples": made})
    assert tell("typicality", photo).values == {"level": "usual", "beyond": 0.5}
    near = tell("neighbours", photo).values["neighbours"]
    distances = np.linalg.norm(made.features - penultimate(toy_cnn, photo.input[None]), axis=1)
    assert [one["distance"] for one in near] == pytest.approx(np.sort(distances)[:6])
    assert near[0] == {"example": "train/3.jpg", "public": None, "class": "a", "distance": distances[3]}
    # Scenes do not say how usual a photo is where photos were learned from and are gone.
    gone = replace(made, sources=("scenes",), instead="The photos are gone.")
    photo = answer_of(toy_cnn, pictures[3] * 0.9, facts={"stored_examples": gone})
    told = tell("typicality", photo)
    assert told.values == {"level": None} and told.words == (feature_typicality.UNKNOWN,)
    assert tell("neighbours", photo).words[2] == "The photos are gone."
