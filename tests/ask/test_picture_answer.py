import hashlib
import json
import struct

import numpy as np
import pytest

from ask.answer import values_digest
from ask.question import pairs_of, picture_digest
from data.dataset_types import Split
from data.failures import UserMistake
from data.images import ImageDataset
from explain import methods
from explain.attributions import background
from explain.attributions.attribution import Attribution, MethodError
from explain.picture_words import concentration, picture_finding, place
from explain.targets import ClassTarget
from models.spec import ModelSpec
from tests.ask.asking import answer_of, version_of
from tests.explain import image_toys

SPEC = ModelSpec("toy", "Toy", "image", ("a", "b", "c"), (), 9)
SURE = np.array([0.1, 0.8, 0.1])


@pytest.fixture(scope="module")
def model():
    return image_toys.small()


def explain(model, method="saliency", seed=0, settings=None, background=None, **more):
    chosen = pairs_of(settings or {})
    facts = {"pictures": background}
    return answer_of(model, image_toys.picture(seed), method=method, settings=chosen, facts=facts, **more)


def words(values, probabilities=SURE, signed=True, truth=None):
    attribution = Attribution(
        np.array(values, dtype=float), 0.0, ClassTarget(1), 1.0, "m", {}, 1, 1.0, "logit"
    )
    return picture_finding(SPEC, np.array(probabilities), attribution, signed, truth)


def corner(weight=1.0, elsewhere=0.0):
    values = np.full((9, 9), elsewhere)
    values[:3, :3] = weight
    return values


def test_json_has_the_public_shape(model):
    one = explain(model, "integrated_gradients", target="c", settings={"steps": 5})
    told = json.loads(json.dumps(one.document(), allow_nan=False))
    assert (told["method"], told["target"], told["version"]) == ("integrated_gradients", "c", "toy@1")
    assert np.array_equal(told["values"], one.attribution.values) and told["shape"] == [32, 32]
    assert told["trust"]["completeness_gap"] == pytest.approx(
        abs(told["base_value"] + np.sum(told["values"]) - told["output"])
    )
    assert told["passes"] == {"forward": 7, "backward": 5}
    assert list(told["probabilities"]) == ["a", "b", "c"]
    assert told["probabilities"]["a"] == model.predict_proba(image_toys.picture()[None])[0, 0]
    written = one.document("map.npy")
    assert written["out"] == "map.npy" and "values" not in written
    assert "completeness_gap" not in explain(model).document()["trust"]


def test_the_receipt_is_the_same_for_the_same_question_and_no_other(model):
    ids = [
        explain(model, "occlusion", target="b").receipt_id,
        explain(model, "occlusion", target="b").receipt_id,
        explain(model, "occlusion", target="c").receipt_id,
        explain(model, "saliency", target="b").receipt_id,
        explain(model, "occlusion", target="b", settings={"stride": 3}).receipt_id,
        explain(model, "occlusion", target="b", version=version_of(reference="toy@2")).receipt_id,
        explain(model, "occlusion", target="b", version=version_of(weights_digest="cd34")).receipt_id,
        explain(model, "occlusion", target="b", seed=1).receipt_id,
    ]
    assert ids[0] == ids[1] and len(set(ids)) == 7
    one = explain(model)
    assert one.receipt["values_digest"] == values_digest(one.attribution.values)


def test_the_background_stands_in_the_receipt_by_its_digest(model):
    pictures = image_toys.background(3)
    one = explain(model, "gradient_shap", settings={"samples": 4}, background=pictures)
    digest = hashlib.sha256(pictures.astype("<f4").tobytes()).hexdigest()
    assert one.receipt["settings"]["background"] == {"pictures": 3, "digest": digest}
    # A method that needs none is not bothered with it.
    assert explain(model, background=pictures).receipt_id == explain(model).receipt_id
    with pytest.raises(MethodError, match="no background"):
        methods.image_method("gradient_shap").attribute(model, image_toys.picture(), ClassTarget(0))


def test_picture_digest_is_over_shape_and_little_endian_float32():
    values = [0.5, 1.0, 0.25, 0.0, 0.125, 0.75]
    content = struct.pack("<3I", 1, 2, 3) + struct.pack("<6f", *values)
    assert picture_digest(np.array(values).reshape(1, 2, 3)) == hashlib.sha256(content).hexdigest()
    assert picture_digest(np.array(values).reshape(2, 1, 3)) != picture_digest(
        np.array(values).reshape(1, 2, 3)
    )


def test_explains_the_predicted_class_by_default(model):
    one = explain(model)
    assert one.attribution.target.index == one.predicted == int(np.argmax(one.probabilities))
    with pytest.raises(UserMistake, match="no class 'z'"):
        _ = explain(model, target="z").attribution


@pytest.mark.parametrize(
    ("row", "column", "name"),
    [
        (0, 0, "upper left"),
        (0, 1, "upper middle"),
        (1, 1, "middle"),
        (1, 2, "middle right"),
        (2, 0, "lower left"),
    ],
)
def test_place_names_the_ninth_with_most_weight(row, column, name):
    weight = np.full((9, 9), 1.0)
    weight[3 * row : 3 * row + 3, 3 * column : 3 * column + 3] = 8.0
    assert place(weight) == (name, pytest.approx(0.5))


def test_concentration_is_the_share_of_the_strongest_tenth():
    assert concentration(np.ones((10, 10))) == pytest.approx(0.1)
    one = np.zeros((10, 10))
    one[3, 4] = -2.0
    assert concentration(one) == 1
    assert concentration(np.arange(100.0).reshape(10, 10)) == pytest.approx(sum(range(90, 100)) / 4950)


def test_words_of_a_sure_answer():
    values = corner(3.0, 0.0)
    values[8, 8] = -9.0
    assert words(values) == (
        "The model says b, with a probability of 80\u00a0%.",
        "The upper left of the picture holds the largest part of what speaks for b (100\u00a0%); "
        "25\u00a0% of the map is what speaks against b.",
        # 8 of 81 pixels: one of 9 and seven of 3, of 36 in all.
        "The strongest 10\u00a0% of the pixels hold 83\u00a0% of the map.",
    )


def test_words_of_an_unsigned_map_claim_no_side():
    told = words(corner(), signed=False)
    assert told[1] == "The upper left of the picture holds the largest part of the map for b (100\u00a0%)."
    assert "speaks" not in " ".join(told)
    assert words(np.ones((9, 9)), signed=False)[1] == (
        "No part of the picture stands out: the map for b is spread over all of it."
    )


def test_words_of_one_sided_and_empty_maps():
    assert words(-corner())[1] == (
        "The upper left of the picture holds the largest part of what speaks against b, and so the whole map, "
        "(100\u00a0%)."
    )
    assert words(np.zeros((9, 9)))[1:] == ("The map for b is empty: no pixel counts for it.",)


@pytest.mark.parametrize(
    ("probabilities", "truth", "first"),
    [
        ((0.3, 0.5, 0.2), None, "The model is unsure: its best class has a probability of only 50\u00a0%."),
        (SURE, "a", "The answer is wrong: the picture shows a."),
    ],
)
def test_a_doubtful_answer_is_called_so_first_and_never_defended(probabilities, truth, first):
    told = words(corner(1.0, -0.5), probabilities, truth=truth)
    assert told[0] == first
    assert told[1].startswith("Do not rely on this answer. It is b")
    assert "moved the model towards b" in told[2] and "speaks" not in " ".join(told)
    assert words(corner(), SURE, truth="b")[0].startswith("The model says b")


def test_background_draws_training_pictures_of_each_class_alike():
    y = np.array([0] * 12 + [1] * 3 + [2] * 5)
    pixels = np.broadcast_to(np.arange(20, dtype=np.uint8)[:, None, None, None], (20, 4, 4, 3))
    dataset = ImageDataset(
        name="toy",
        card=None,
        classes=("a", "b", "c"),
        y=y,
        ids=(),
        sources=("s",),
        source=y * 0,
        size=4,
        pixels=lambda progressed, rows: pixels[rows],
        split=Split(np.array([0, 1, 2, 3, 4, 12, 13, 15, 16, 17]), np.arange(0)),
        fingerprint="",
        row_digests=(),
        origin={},
        transforms=(),
    )
    spec = ModelSpec("toy", "Toy", "image", ("a", "b", "c"), (), 4)

    def drawn(**more):
        found = background.background(dataset, spec, lambda done, total: None, **more)
        assert found.shape[1:] == (4, 4, 3) and found.dtype == np.float32
        return np.rint(found[:, 0, 0, 0] * 255).astype(int).tolist()

    six = drawn(n=6)
    assert np.bincount(y[six]).tolist() == [2, 2, 2] and set(six) <= set(dataset.split.train)
    assert drawn(n=6) == six and any(drawn(n=6, seed=seed) != six for seed in range(1, 4))
    assert drawn(n=99) == sorted(dataset.split.train)
