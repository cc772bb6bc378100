"""Targets: read off outputs, named and parsed; and every method explains a margin as what it is, a difference."""

from __future__ import annotations

import numpy as np
import pytest
from captum.attr import Saliency

from explain import methods
from explain.attributions.background import of_rows
from explain.attributions.scores import log_odds
from explain.targets import ClassTarget, MarginTarget, parse
from explain.trust.checks.pixel_removal import PixelRemoval
from tests.ask.asking import answer_of
from tests.explain import image_toys, toys
from tests.explain.image_toys import NAMES, as_tensor, run
from tests.explain.test_answers_alone import MODEL

pytestmark = pytest.mark.usefixtures("one_torch_thread")
SPEC = toys.make_spec(toys.unit_features(2), 4, title="Toy")
MARGIN = MarginTarget(2, 0)
ROW = np.array([1.0, 9.0, 2.5, 7.0, 3.3])


def test_a_target_is_read_off_outputs():
    outputs = np.array([[1.0, 2.0, 4.0], [0.0, 5.0, 3.0]])
    assert ClassTarget(1).of(outputs).tolist() == [2.0, 5.0]
    assert MARGIN.of(outputs).tolist() == [3.0, 3.0]
    assert MARGIN.of(outputs[0]) == 3.0
    shares = np.array([[0.5, 0.3, 0.2]])
    assert [side.tolist() for side in ClassTarget(2).sides(shares)] == [[0.2], [0.8]]
    assert [side.tolist() for side in MARGIN.sides(shares)] == [[0.2], [0.5]]
    assert log_odds(shares, MARGIN) == pytest.approx([np.log(0.4)])


@pytest.mark.parametrize("target", [ClassTarget(3), MARGIN])
def test_a_name_is_read_back(target):
    target.check(SPEC)
    assert parse(SPEC, target.name(SPEC)) == target


def test_names_and_words():
    assert (ClassTarget(1).name(SPEC), ClassTarget(1).words(SPEC)) == ("b", "b")
    assert (MARGIN.name(SPEC), MARGIN.words(SPEC)) == ("c over a", "c rather than a")
    assert MARGIN.quantity(SPEC) == "probability of c less that of a"


def test_a_class_may_have_the_word_in_its_own_name():
    spec = SPEC.__class__("t", "T", "tabular", ("left over", "x over y", "x", "y"))
    assert parse(spec, "x over y") == ClassTarget(1)
    assert parse(spec, "x over y over x") == MarginTarget(1, 2)
    assert parse(spec, "y over x over y") == MarginTarget(3, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q", "has no class 'q'"),
        ("a over q", "has no class 'q'"),
        ("b over b", "b over itself is no question. Name two different classes of Toy."),
    ],
)
def test_what_is_no_target_is_told(text, said):
    with pytest.raises(ValueError, match=said):
        parse(SPEC, text)


def test_positions_are_checked():
    with pytest.raises(ValueError, match="Target 4 is not a position among the 4 classes"):
        ClassTarget(4).check(SPEC)
    with pytest.raises(ValueError, match="Target -1 is not"):
        MarginTarget(0, -1).check(SPEC)


@pytest.mark.parametrize("name", ["tree_shap", "decision_path", "permutation_shap"])
def test_a_row_s_margin_is_the_difference_of_two_classes(name, toy_tree):
    method = methods.method(name)
    more = {"background": of_rows(*toys.five_feature_data())} if method.needs_background else {}
    got, one, other = (
        method.attribute(toy_tree, ROW, target, **more) for target in (MARGIN, ClassTarget(2), ClassTarget(0))
    )
    assert got.target == MARGIN
    assert got.values == pytest.approx(one.values - other.values, abs=1e-12)
    assert got.base_value == pytest.approx(one.base_value - other.base_value)
    assert got.output == pytest.approx(one.output - other.output)
    assert got.completeness_gap < 1e-9


# What is linear in the logits. Saliency and SmoothGrad take sizes, Grad-CAM drops what is negative.
@pytest.mark.parametrize("name", ["integrated_gradients", "occlusion", "gradient_shap", "superpixel_shap"])
def test_a_picture_s_margin_is_the_difference_of_two_classes(name, toy_cnn):
    got, one, other = (
        run(name, toy_cnn, image_toys.picture(), target)
        for target in (MARGIN, ClassTarget(2), ClassTarget(0))
    )
    assert got.values == pytest.approx(one.values - other.values, abs=2e-5)
    assert got.output == pytest.approx(one.output - other.output, abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_every_method_for_pictures_takes_a_margin(name, toy_cnn):
    logits = toy_cnn.network(as_tensor(image_toys.picture()))[0].detach().numpy()
    got = run(name, toy_cnn, image_toys.picture(), MARGIN)
    assert got.target == MARGIN and np.isfinite(got.values).all()
    assert got.output == pytest.approx(logits[2] - logits[0], abs=1e-5)


def test_the_saliency_of_a_margin_is_captums(toy_cnn):
    given = image_toys.picture()
    theirs = Saliency(lambda x: toy_cnn.network(x)[:, 2] - toy_cnn.network(x)[:, 0]).attribute(
        as_tensor(given).requires_grad_()
    )
    assert run("saliency", toy_cnn, given, MARGIN).values == pytest.approx(
        theirs[0].amax(dim=0).numpy(), abs=1e-6
    )


def test_of_answers_alone_a_margin_is_the_logarithm_of_their_ratio():
    given = image_toys.picture()
    shares = MODEL.predict_proba(given[None])[0]
    for name in ("occlusion", "superpixel_shap"):
        assert run(name, MODEL, given, MARGIN).output == pytest.approx(np.log(shares[2] / shares[0]))


def test_removal_follows_one_class_beside_the_other():
    given = image_toys.picture()
    shares = MODEL.predict_proba(given[None])[0]
    found = PixelRemoval(MODEL, given, MARGIN).blob
    assert found.deletion[0] == pytest.approx(shares[2] / (shares[2] + shares[0]))
    assert found.deletion_odds[0] == pytest.approx(np.log(shares[2] / shares[0]))


def test_receipt_document_and_sentences_name_the_margin(toy_tree):
    told = answer_of(toy_tree, ROW, method="tree_shap", target="c over a")
    assert told.receipt["target"] == told.document()["target"] == "c over a"
    assert "c rather than a" in " ".join(told.words)
    plain = answer_of(toy_tree, ROW, method="tree_shap", target="c")
    assert plain.receipt["target"] == "c"
