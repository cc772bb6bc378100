from dataclasses import replace

import numpy as np
import pytest

from explain.attributions.attribution import Attribution
from explain.rows.nearest_flip import nearest_flip
from explain.rows.ranges import leaf_support, outside_training
from explain.targets import ClassTarget
from explain.words import finding
from tests.explain import toys

SPEC = toys.make_spec(toys.unit_features(2), 2)
ROW = np.array([0.4, 0.9])
TRUE_AND_FALSE = Attribution(
    values=np.array([0.5, -0.1]),
    base_value=0.4,
    target=ClassTarget(0),
    output=0.8,
    method="m",
    settings={},
    passes=1,
    milliseconds=1.0,
    units="probability",
)


def words(probabilities=(0.8, 0.2), values=(0.5, -0.1), **more):
    attribution = replace(TRUE_AND_FALSE, values=np.array(values))
    return finding(SPEC, ROW, np.array(probabilities), attribution, **more)


def test_a_sure_answer_is_told_with_what_spoke_for_and_against_it():
    assert words() == (
        "The model says a, with a probability of 80\u00a0%.",
        "Feature A 0.4 cm (+50.0 points) speaks most for a; feature B 0.9 cm (−10.0 points) speaks most against it.",
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((0.5, 0.1), "Feature A 0.4 cm (+50.0 points) speaks most for a; nothing speaks against it."),
        ((-0.5, -0.1), "Feature A 0.4 cm (−50.0 points) speaks most against a; nothing speaks for it."),
        ((0.001, -0.001), "No feature moves the probability of a away from 40\u00a0%."),
    ],
)
def test_one_sided_attributions(values, sentence):
    assert words(values=values)[1] == sentence


def test_an_unsure_answer_is_called_unsure_first_and_never_defended():
    told = words(probabilities=(0.55, 0.45))
    assert told[0] == "The model is unsure: its best class has a probability of only 55\u00a0%."
    assert told[1] == "Do not rely on this answer. It is a, with a probability of 55\u00a0%."
    assert "speaks" not in " ".join(told)
    assert words(probabilities=(0.6, 0.4))[0].startswith("The model says a")


def test_an_input_outside_the_training_range_is_named_first():
    outside = outside_training(SPEC, ROW, np.array([0.0, 0.1]), np.array([0.4, 0.8]))
    told = words(warnings=[one.sentence for one in outside])
    assert told[0] == "Feature B 0.9 cm is above everything seen in training (0.1 cm to 0.8 cm)."
    assert told[1].startswith("Do not rely on this answer.")
    assert "speaks" not in " ".join(told)


def test_the_nearest_flip_ends_the_words():
    model = toys.HandModel(SPEC, toys.tree_of((0, 0.65, [4, 0], [0, 4]), 2))
    told = words(flip=nearest_flip(model, ROW))
    assert told[-1] == (
        "Moving feature A from 0.4 cm to 0.7 cm flips a to b. Nothing smaller than 3 steps flips it."
    )


def test_the_ends_of_the_training_range_are_inside():
    low, high = np.array([0.4, 0.95]), np.array([0.4, 1.0])
    (only,) = outside_training(SPEC, ROW, low, high)
    assert (only.feature, only.value, only.low, only.high) == (1, 0.9, 0.95, 1.0)
    assert "is below everything" in only.sentence


def test_leaf_support_counts_the_rows_of_the_leaf(toy_forest):
    trees = [toys.tree_of(nested, 2) for nested in ((0, 0.5, [4, 1], [0, 2]), (1, 0.5, [3, 0], [1, 1]))]
    support = leaf_support(toys.HandModel(toys.make_spec(SPEC.features, 2, "trees"), *trees), ROW)
    assert (support.samples.tolist(), support.total.tolist()) == ([5, 2], [7, 5])
    plain = toys.HandModel(toys.make_spec(SPEC.features, 2, "gradients"), *trees)
    with pytest.raises(ValueError, match="no leaves"):
        leaf_support(plain, ROW)
