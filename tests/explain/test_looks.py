"""Each look's values: worked out by hand where the model is a formula, else those of the functions on their own."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from data import bakery
from data.bakery import Part, Scene
from data.datasets import DatasetError
from data.failures import UserMistake
from explain.attributions.superpixels import superpixels
from explain.concepts import perturbations
from explain.concepts.regions import REGIONS, region_effects
from explain.looks import catalogue, near_picture, row, telling, whole
from explain.looks.base import Asked, Options, Told
from explain.nearby.examples import Examples
from explain.nearby.features import penultimate
from explain.nearby.typicality import of_row, of_scene
from explain.overall import importance
from explain.rows.table_rows import Rows
from explain.truth.agreement import agreement
from explain.truth.part_effects import part_effects
from tests import toys as table_toys
from tests.explain import image_toys, toys
from tests.explain.part_toys import SIDE, ToyScenes, reader_of
from tests.explain.toys import HandModel, make_spec, tree_of, unit_features

pytestmark = pytest.mark.usefixtures("one_torch_thread")
MUFFIN = Scene.of("muffin", 5, berry_size=1.5, berry_spacing=2.6)


def asked_of(model: Any, x: Any = None, *, definition: Any = None, **more: Any) -> Asked:
    """A question about a model that is stored nowhere; the target is the predicted class."""
    target = None if x is None else int(np.argmax(model.predict_proba(x[None])[0]))
    version: Any = SimpleNamespace(reference="toy@1", record_id="a", record={"data": {}, "parameters": {}})
    definition = definition or SimpleNamespace(spec=model.spec, dataset="toy")
    store: Any = None
    fields = {"x": x, "target": target, "options": Options(), **more}
    return Asked(store, version, model, definition, report=lambda progress: None, **fields)


def tell(name: str, asked: Asked) -> Told:
    """What a look tells; its values must be JSON, and its table a table."""
    told = catalogue.look(name, asked.definition).tell(asked)
    assert json.loads(json.dumps(told.values, allow_nan=False)) == told.values
    assert all(isinstance(one, str) and one for one in told.words)
    for cells in told.table.rows if told.table else ():
        assert len(cells) == len(told.table.columns) and all(isinstance(cell, str) for cell in cells)
    return told


# Rows: a tree of two questions, f0 <= 0.45 and then f1 <= 0.25, over two features from 0 to 1 by 0.1.
LEAVES = {"a": [8, 2], "b": [1, 9], "c": [9, 1]}
TREE = HandModel(
    make_spec(unit_features(2), 2), tree_of((0, 0.45, LEAVES["a"], (1, 0.25, LEAVES["b"], LEAVES["c"])), 2)
)
TREE.estimator = SimpleNamespace(feature_importances_=[0.2, 0.8])
ROW = np.array([0.2, 0.1])


def test_the_flip_of_a_row_is_the_one_worked_out_by_hand_and_locks_hold() -> None:
    told = tell("flip", asked_of(TREE, ROW))
    (change,) = told.values["changes"]
    assert change == {"name": "f0", "before": 0.2, "after": 0.5, "steps": 3, "threshold": 0.45}
    assert told.values["after"]["class"] == "b" and told.values["after"]["row"] == {"f0": 0.5, "f1": 0.1}
    assert told.words[:2] == (
        "Moving feature A from 0.2 cm to 0.5 cm flips a to b.",
        "Nothing smaller than 3 steps flips it.",
    )
    assert told.words[2:] == (
        "Feature A up from 0.2 cm to 0.5 cm (3 steps of 0.1 cm), across the threshold 0.45 cm.",
    )
    locked = tell("flip", asked_of(TREE, ROW, options=Options(locked=("f0",))))
    assert not locked.values["found"] and locked.values["locked"] == ["f0"] and locked.table is None


def test_the_curve_and_the_surface_of_a_row_are_cut_at_the_thresholds() -> None:
    curve = tell("curve", asked_of(TREE, ROW, options=Options(along=("f0",))))
    assert curve.values["flips"] == [{"at": 0.45, "before": "a", "after": "b"}]
    assert curve.values["values"] == pytest.approx(np.arange(11) / 10)
    assert curve.values["probabilities"]["b"] == pytest.approx([0.2] * 5 + [0.9] * 6)
    assert curve.values["now"] == {"value": 0.2, "class": "a", "probabilities": {"a": 0.8, "b": 0.2}}
    # Without a name it goes along what tells most, as on the page.
    assert tell("curve", asked_of(TREE, ROW)).values["along"] == "f1"
    surface = tell("curve", asked_of(TREE, ROW, options=Options(along=("f0", "f1"))))
    assert (surface.values["x_edges"], surface.values["y_edges"]) == ([0, 0.45, 1], [0, 0.25, 1])
    assert surface.values["classes"] == [["a", "b"], ["a", "a"]]
    assert surface.table and surface.table.rows == [("a", "86\u00a0%"), ("b", "14\u00a0%")]


def test_what_lies_near_a_row_is_measured_in_spreads_of_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    # Standard deviations 2 and 1: the distances from (0, 0) are 0.5, 1, 1.5, 2, and so on.
    x = np.array([[1.0, 0], [0, 1], [3, 0], [0, 2], [-4, 0], [0, -3]])
    x = np.concatenate([x, -x])
    scale = x.std(axis=0)
    rows = Rows(x, np.arange(12) % 2, tuple(f"row {i}" for i in range(12)), np.arange(12), np.arange(0))
    monkeypatch.setattr(row, "rows_of", lambda data: rows)
    asked = asked_of(TREE, np.zeros(2))
    near = tell("neighbours", asked).values["neighbours"]
    by_hand = sorted(((float(np.hypot(*(one / scale))), i) for i, one in enumerate(x)), key=lambda p: p[0])[
        :5
    ]
    assert [one["distance"] for one in near] == pytest.approx([distance for distance, _ in by_hand])
    assert (
        near[0]["class"] == "a" and near[0]["row"] == {"f0": 1.0, "f1": 0.0} and near[0]["example"] == "row 0"
    )
    typical = of_row(TREE, np.zeros(2), x)
    told = tell("typicality", asked)
    assert told.words == (typical.sentence,)
    assert told.values == {"level": typical.level, "beyond": typical.beyond}


def test_rows_that_are_gone_are_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(data: Any) -> Rows:
        raise DatasetError("gone")

    monkeypatch.setattr(row, "rows_of", gone)
    with pytest.raises(UserMistake, match="The rows of toy@1 are gone"):
        tell("typicality", asked_of(TREE, ROW))


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Rows:
    """Five features and four classes, of which every third row is held out."""
    x, y = toys.five_feature_data()
    rows = Rows(
        x,
        y,
        tuple(f"row {i}" for i in range(len(y))),
        np.flatnonzero(np.arange(240) % 3),
        np.arange(0, 240, 3),
    )
    monkeypatch.setattr(row, "rows_of", lambda data: rows)
    return rows


def test_importance_is_measured_in_three_ways(table: Rows, toy_tree: Any) -> None:
    told = tell("importance", asked_of(toy_tree))
    names = [feature.name for feature in toy_tree.spec.features]
    assert list(told.values["impurity"].values()) == pytest.approx(toy_tree.estimator.feature_importances_)
    x, y = table.held_out
    right = np.mean(toy_tree.estimator.predict(x) == y)
    assert told.values["accuracy"] == pytest.approx(right)
    # By every row's value once: worked out here for one feature.
    shuffled = x.repeat(len(x), axis=0)
    shuffled[:, 0] = np.tile(x[:, 0], len(x))
    lost = right - np.mean(toy_tree.estimator.predict(shuffled) == y.repeat(len(x)))
    assert told.values["permutation"][names[0]]["value"] == pytest.approx(lost)
    shap = pytest.importorskip("shap")
    values = np.abs(shap.TreeExplainer(toy_tree.estimator).shap_values(table.x)).mean(axis=0)
    assert list(told.values["mean_absolute_shap"].values()) == pytest.approx(values.mean(axis=1))
    assert list(told.values["mean_absolute_shap_by_class"]["b"].values()) == pytest.approx(values[:, 1])
    measures = {"permutation": np.array([v["value"] for v in told.values["permutation"].values()])}
    measures |= {"TreeSHAP": values.mean(axis=1), "impurity": toy_tree.estimator.feature_importances_}
    assert told.words == (importance.agreement(toy_tree.spec, measures),)


def test_interactions_are_of_the_target_else_of_the_first_class(table: Rows, toy_tree: Any) -> None:
    import shap

    values = shap.TreeExplainer(toy_tree.estimator).shap_interaction_values(table.x)
    for target, asked in ((0, asked_of(toy_tree)), (2, asked_of(toy_tree, target=2))):
        told = tell("interactions", asked)
        assert told.values["target"] == "abcd"[target]
        pair = 2 * np.abs(values[:, 0, 1, :, ...][..., target]).mean()
        assert told.values["strengths"]["height"]["weight"] == pytest.approx(pair)
        assert told.values["strongest_pair"] == ["height", "weight"]
        assert f"For {'abcd'[target]}, " in told.words[0]


def test_other_seeds_are_trained_as_the_definition_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    made = table_toys.rows()
    x = np.array([one[1:-1] for one in made], dtype=float)
    y = np.array([table_toys.CLASSES.index(one[-1]) for one in made])
    rows = Rows(x, y, tuple(map(str, range(160))), np.arange(0, 120), np.arange(120, 160))
    monkeypatch.setattr(row, "rows_of", lambda data: rows)
    definition = table_toys.DEFINITION
    settings = {"max_depth": 4, "ccp_alpha": 0.0, "criterion": "gini"}
    train: Any = definition.train
    model = train(x[:120], y[:120], settings, 0)
    asked = asked_of(model, x[130], definition=definition, options=Options(seed=4))
    asked.version.record["parameters"].update(settings=settings, chosen={})
    told = tell("seeds", asked)
    assert told.values["seeds"] == list(range(4, 24))
    for place, seed in ((0, 4), (19, 23)):
        tree = DecisionTreeClassifier(max_depth=4, random_state=seed).fit(x[:120], y[:120])
        assert told.values["same_rows"]["accuracies"][place] == tree.score(x[120:], y[120:])
    answers = told.values["same_rows"]["input"]["answers"]
    assert len(answers) == sum(told.values["same_rows"]["as_accurate"])
    assert told.words[0].startswith("Same rows, another seed: ") and "toy@1" in told.words[0]
    assert told.words[2].endswith("for this input.")
    assert told.values["resampled_rows"]["accuracies"] != told.values["same_rows"]["accuracies"]


def test_a_second_opinion_says_who_is_right_where_they_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    other = HandModel(TREE.spec, tree_of((0, 0.45, LEAVES["a"], LEAVES["b"]), 2))
    # They differ where f0 > 0.45 and f1 > 0.25: on three rows the first is right, on none the second.
    x = np.array([[0.1, 0.1], [0.8, 0.1], [0.8, 0.8], [0.6, 0.9], [0.9, 0.4], [0.3, 0.9]])
    rows = Rows(x, np.array([0, 1, 0, 0, 0, 1]), tuple("uvwxyz"), np.arange(0), np.arange(6))
    monkeypatch.setattr(row, "rows_of", lambda data: rows)
    record = {"data": {"fingerprint": "f", "test_digest": "t"}}
    rival = SimpleNamespace(reference="rival@2", record_id="b", record=record)
    monkeypatch.setattr(whole.setup, "version_for", lambda *_: rival)
    monkeypatch.setattr(whole.loading, "load", lambda *_: other)
    asked = asked_of(TREE, options=Options(other="rival"))
    asked.version.record["data"].update(record["data"])
    told = tell("second_opinion", asked)
    found = told.values["test_rows"]
    counts = [found[name] for name in ("both_right", "only_first_right", "only_second_right", "both_wrong")]
    assert counts == [2, 3, 0, 1]
    # Three heads in three tosses, or three tails: 2 / 8.
    assert found["p_value"] == pytest.approx(0.25)
    differs = {"truth": "a", "toy@1": "a", "rival@2": "b"}
    assert found["different"] == [{"row": name, **differs} for name in "wxy"]
    assert found["distances"]["w"] == pytest.approx(0.8) and found["distances"]["u"] == 0
    assert told.words[0] == "They answer 3 of 6 test rows differently."
    assert "only rival@2 on 0" in told.words[1] and told.words[2].startswith(
        "Their probabilities lie farthest"
    )
    rival.record = {"data": {"fingerprint": "f", "test_digest": "another"}}
    apart = tell("second_opinion", asked)
    assert "test_rows" not in apart.values and apart.words[0].startswith("They kept other rows back")
    rival.record_id = "a"
    with pytest.raises(UserMistake, match="is rival@2 itself"):
        tell("second_opinion", asked)


# Pictures.


def test_methods_and_regions_are_those_of_the_functions(
    toy_cnn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = image_toys.picture(2)
    monkeypatch.setattr(
        "explain.attributions.background.of_dataset", lambda name, spec: image_toys.background()
    )
    asked = asked_of(toy_cnn, picture)
    told = tell("methods", asked)
    assert list(told.values["methods"]) == list(asked.maps)
    found = agreement({name: one.values for name, one in asked.maps.items()})
    for pair, expected in zip(told.values["pairs"], found.pairs, strict=True):
        assert (pair["one"], pair["rank"], pair["overlap"]) == (expected.one, expected.rank, expected.overlap)
    alone = image_toys.run("occlusion", toy_cnn, picture, asked.target_of_input)
    assert np.array_equal(asked.maps["occlusion"].values, alone.values)
    regions = tell("regions", asked)
    labels = superpixels(picture, REGIONS)
    for fill in ("mean", "blurred"):
        effects = region_effects(toy_cnn, picture, labels, asked.target_of_input, fill)
        assert regions.values["fills"][fill]["weights"] == effects.weight.tolist()
    first = regions.values["regions"][0]
    y, x = np.nonzero(labels == 0)
    assert first == {"region": 1, "pixels": len(x), "box": [x.min(), y.min(), x.max() + 1, y.max() + 1]}


def test_the_nudge_of_a_linear_network_is_as_long_as_the_way_to_its_border() -> None:
    weights = np.random.default_rng(0).normal(0, 0.05, (SIDE, SIDE, 3))
    picture = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    model = ToyScenes(weights)
    told = tell("nudge", asked_of(model, picture))
    away = abs((weights * picture).sum()) / np.linalg.norm(weights)
    assert told.values["smallest"]["l2"] == pytest.approx(away, rel=0.03)
    assert told.values["smallest"]["before"]["class"] != told.values["smallest"]["after"]["class"]
    assert told.values["soft"]["l2"] > told.values["smallest"]["l2"]
    assert told.words.count("This does not explain the answer. It shows how thin it is.") == 1


def test_parts_are_measured_by_rendering_and_laid_beside_the_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    model, weights = reader_of(Part.BERRY, MUFFIN)
    picture = bakery.render(MUFFIN, SIDE).image
    monkeypatch.setattr("explain.attributions.background.of_dataset", lambda name, spec: picture[None] / 2)
    asked = asked_of(model, picture, scene=MUFFIN)
    told = tell("parts", asked)
    effects = {one["part"]: one["effect"] for one in told.values["parts"]}
    change = next(one for one in bakery.INTERVENTIONS["muffin"] if one.name == "berries")
    without = change.render(MUFFIN, SIDE).image
    sign = 1 if asked.target == 1 else -1
    assert effects["berries"] == pytest.approx(sign * (weights * (picture - without)).sum(), abs=1e-4)
    assert told.values["output"] == pytest.approx(sign * (weights * picture).sum(), abs=1e-4)
    found = part_effects(model, MUFFIN)
    values = asked.maps["saliency"].values
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
    monkeypatch.setattr("explain.attributions.background.of_dataset", lambda name, spec: picture[None] / 2)
    # Half the contrast halves what every part does, and the weight of grey comes on top of the whole.
    options = Options(changes={"contrast": 0.5})
    plain, changed = (
        tell("parts", asked_of(model, picture, scene=MUFFIN, target=1, options=one)).values
        for one in (Options(), options)
    )
    for before, after in zip(plain["parts"], changed["parts"], strict=True):
        assert after["effect"] == pytest.approx(before["effect"] / 2, abs=1e-4)
    assert changed["output"] == pytest.approx((plain["output"] + 0.5 * weights.sum()) / 2, abs=1e-3)
    flipped = tell("flip", asked_of(model, picture, scene=MUFFIN, options=options))
    answer = model.predict_proba(perturbations.apply(picture, options.changes)[None])[0]
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
    monkeypatch.setattr(near_picture, "_examples", lambda asked: found)
    monkeypatch.setattr(
        "explain.nearby.feature_typicality.penultimate", lambda model, pictures: np.array([[1.0, 0.0]])
    )
    x, scene = image_toys.picture(2), Scene.of("muffin", 5)
    plain = tell("typicality", asked_of(toy_cnn, x, scene=scene))
    assert plain.words == (of_scene(scene).sentence,) and plain.values["level"] != "far"
    changed = tell("typicality", asked_of(toy_cnn, x, scene=scene, options=Options(changes={"noise": 0.1})))
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
    asked = asked_of(model, bakery.render(scene, SIDE).image, scene=scene, options=Options(along=("bake",)))
    told = tell("curve", asked)
    (flip,) = told.values["flips"]
    assert (flip["before"], flip["after"]) == ("chihuahua", "muffin")
    assert brightness(bake=flip["at"]) < model.limit <= brightness(bake=flip["at"] - 1)
    assert told.values["now"]["value"] == 10.0 and told.values["unit"] == "min"
    only_bake = tuple(feature.name for feature in scene.live_concepts if feature.name != "bake")
    flipped = tell("flip", replace(asked, options=Options(locked=only_bake)))
    (change,) = flipped.values["changes"]
    assert (change["name"], change["before"], change["after"]) == ("bake", 10.0, flip["at"])


def test_a_map_over_two_concepts_holds_what_a_rendered_picture_is_answered() -> None:
    model = Darkness((brightness(bake=10.0) + brightness(bake=30.0)) / 2)
    x = bakery.render(MUFFIN, SIDE).image
    told = tell("curve", asked_of(model, x, scene=MUFFIN, options=Options(along=("bake", "berry_size"))))
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
        asked_of(model, np.full((SIDE, SIDE, 3), 0.4, np.float32), options=Options(along=("brightness",))),
    )
    # 0.4 less what is taken away: at −0.10 it is at the limit, and below it from the next step of 0.02.
    (flip,) = told.values["flips"]
    assert flip["before"] == "muffin" and flip["at"] == pytest.approx(-0.1, abs=0.021)
    assert (
        tell("curve", asked_of(model, np.full((SIDE, SIDE, 3), 0.4, np.float32))).values["along"]
        == "pixel_blur"
    )


def test_how_usual_a_scene_is_is_exact_and_a_photo_is_compared_with_photos(
    toy_cnn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = MUFFIN.replace(bake=44.0)
    asked = asked_of(Darkness(0.3), bakery.render(scene, SIDE).image, scene=scene)
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
    monkeypatch.setattr(near_picture.feature_typicality, "stored", lambda store, version: made)
    photo = asked_of(toy_cnn, pictures[3] * 0.9)
    assert tell("typicality", photo).values == {"level": "usual", "beyond": 0.5}
    near = tell("neighbours", photo).values["neighbours"]
    distances = np.linalg.norm(made.features - penultimate(toy_cnn, photo.input[None]), axis=1)
    assert [one["distance"] for one in near] == pytest.approx(np.sort(distances)[:6])
    assert near[0] == {"example": "train/3.jpg", "public": None, "class": "a", "distance": distances[3]}
    # Scenes do not say how usual a photo is where photos were learned from and are gone.
    gone = replace(made, sources=("scenes",), instead="The photos are gone.")
    monkeypatch.setattr(near_picture.feature_typicality, "stored", lambda store, version: gone)
    told = tell("typicality", photo)
    assert told.values == {"level": None} and told.words == (near_picture.feature_typicality.UNKNOWN,)
    assert tell("neighbours", photo).words[2] == "The photos are gone."


def test_text_has_a_heading_the_sentences_and_columns_of_one_width() -> None:
    asked = asked_of(TREE, ROW, options=Options(along=("f0",)))
    look = catalogue.look("curve", asked.definition)
    lines = telling.as_text(look, look.tell(asked))
    assert lines[:3] == ["", "How the answer changes", "----------------------"]
    assert lines[-2:] == ["Feature A, above  Before  After", "0.45 cm                a      b"]
