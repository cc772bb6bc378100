"""The smallest meaningful flip, on models whose flips follow from a formula."""

import itertools

import numpy as np
import pytest

from data.failures import CrumbtrailError
from explain.cancelling import Cancelled
from explain.concepts.concept_flip import concept_flip
from tests.explain.concept_toys import Scored, Shop, concept, concepts

A, B, C = concept("a"), concept("b"), concept("c")


def linear(*weights, limit):
    """Yes where the weighted sum of the values is above a limit."""
    return lambda values: values @ np.array(weights) - limit


def flip(score, features=(A, B), usual=None, locked=(), start=None, **more):
    shop = Shop(features)
    values = start or {feature.name: 0.0 for feature in features}
    got = concept_flip(Scored(shop, score), concepts(shop, usual, **values), locked=locked, **more)
    return got, shop


def moved(got):
    return {change.name: change.after for change in got.changes}


def test_the_nearest_of_all_single_concepts_is_found():
    # a flips above 6.5, b above 4.3: the next values of the sliders are 7 and 5.
    got, shop = flip(lambda v: np.maximum(v[:, 0] - 6.5, v[:, 1] - 4.3))
    assert (got.found, got.before, got.after, moved(got)) == (True, 0, 1, {"b": 5.0})
    assert got.distance == pytest.approx(0.5)
    # 1 to 4 along both, then b = 5 after a = 5; the start, before and after the search, is not counted.
    assert got.renders == 10
    assert got.summary == "Moving b from 0 cm to 5 cm flips no to yes."
    assert "No smaller move of any one concept flips it" in got.margin and "10 pictures" in got.margin
    # What is shown was rendered from the values that are said, after the search, and asked.
    assert shop.rendered[-1] == {"a": 0.0, "b": 5.0}
    assert np.array_equal(got.picture, shop({"a": 0.0, "b": 5.0}))
    assert got.probabilities[1] == pytest.approx(1 / (1 + np.exp(-0.7)))
    assert got.probabilities_before[1] == pytest.approx(1 / (1 + np.exp(4.3)))


def test_distance_is_measured_in_widths_of_the_usual_range():
    # The same steps, but a varies little in the training and b much: 5 of 20 is nearer than 4 of 10.
    wide = concept("b", 0, 40)
    got, _ = flip(lambda v: np.maximum(v[:, 0] - 3.5, v[:, 1] - 4.5), (A, wide), {"b": (0, 20)})
    assert moved(got) == {"b": 5.0} and got.distance == pytest.approx(0.25)
    got, _ = flip(lambda v: np.maximum(v[:, 0] - 3.5, v[:, 1] - 4.5), (A, wide), {"b": (0, 10)})
    assert moved(got) == {"a": 4.0} and got.distance == pytest.approx(0.4)


def test_both_directions_are_searched_and_ties_go_to_the_first_concept_and_the_lower_value():
    both = lambda v: np.abs(v[:, 0] - 5) + np.abs(v[:, 1] - 5) - 1.5  # noqa: E731
    got, _ = flip(both, start={"a": 5.0, "b": 5.0})
    assert moved(got) == {"a": 3.0}


def test_a_locked_concept_stays():
    score = lambda v: np.maximum(v[:, 0] - 6.5, v[:, 1] - 4.3)  # noqa: E731
    got, shop = flip(score, locked=["b"])
    assert moved(got) == {"a": 7.0}
    assert got.summary.startswith("With b kept as it is, moving ")
    assert got.margin.startswith("No smaller move of any one free concept flips it: ")
    assert {values["b"] for values in shop.rendered} == {0.0}
    got, shop = flip(score, locked=["a", "b"])
    assert not got.found and got.renders == 0
    assert got.summary == "Every concept is locked, so the answer cannot flip. Unlock one to search."


def by_brute_force(score, features, size):
    """Smallest sum of values, in tenths, of all combinations that move exactly so many concepts."""
    shop = Shop(features)
    model, best = Scored(shop, score), np.inf
    for names in itertools.combinations(features, size):
        for values in itertools.product(range(1, 11), repeat=size):
            all_values = {f.name: 0.0 for f in features} | {
                f.name: v for f, v in zip(names, values, strict=True)
            }
            if model.predict_proba(shop(all_values)[None])[0, 1] > 0.5:
                best = min(best, sum(values) / 10)
    return best


@pytest.mark.parametrize("weights", [(1, 1, 1), (1.0, 0.6, 0.3), (0.2, 0.9, 1.0), (0.5, 0.5, 2.0)])
def test_two_concepts_move_where_none_flips_it_alone(weights):
    limit = max(weights) * 10 + 1.05
    score = linear(*weights, limit=limit)
    got, _ = flip(score, (A, B, C))
    assert len(got.changes) == 2
    assert got.distance == pytest.approx(by_brute_force(score, (A, B, C), 2))
    assert "No concept flips it alone" in got.margin
    # Nothing can be left out or made smaller.
    shop = Shop((A, B, C))
    model, base = Scored(shop, score), {"a": 0.0, "b": 0.0, "c": 0.0}
    for change in got.changes:
        less = {**base, **moved(got), change.name: change.after - 1}
        assert model.predict_proba(shop(less)[None])[0, 1] < 0.5


def test_three_concepts_move_where_no_two_flip_it():
    got, _ = flip(linear(1, 1, 1, limit=25.5), (A, B, C))
    assert len(got.changes) == 3 and sum(moved(got).values()) == 26


def test_an_interaction_is_drawn_back_to_where_it_holds():
    # The product of both decides, and each alone helps a little: 4 x 5 = 20 is the least sum above 19.5.
    got, _ = flip(lambda v: v[:, 0] * v[:, 1] + 0.01 * (v[:, 0] + v[:, 1]) - 19.5)
    a, b = moved(got).values()
    assert a * b + 0.01 * (a + b) > 19.5
    assert (a - 1) * b + 0.01 * (a + b - 1) < 19.5 and a * (b - 1) + 0.01 * (a + b - 1) < 19.5


def test_no_flip_within_the_ranges_is_an_answer():
    got, _ = flip(linear(1, 1, limit=25))
    assert not got.found and got.complete and got.picture is None and got.changes == ()
    assert got.summary == (
        "No flip within the ranges: no change that was tried makes Toy answer another class."
    )
    # Ten values of each alone, the start, and the one corner of both.
    assert got.renders == 22
    assert "No value of any one concept flips it: all were tried." in got.margin


def test_a_value_beyond_the_training_is_said():
    got, _ = flip(linear(1, 0, limit=6.5), usual={"a": (0, 5)})
    assert moved(got) == {"a": 7.0} and not got.changes[0].usual
    assert got.summary.endswith("There a lies beyond what the scenes of the training show.")
    got, _ = flip(linear(1, 0, limit=3.5), usual={"a": (0, 5)})
    assert got.changes[0].usual and "beyond" not in got.summary


def test_a_start_between_two_steps_keeps_its_value_and_lands_on_the_slider():
    got, shop = flip(linear(1, 0.01, limit=4.5), start={"a": 0.35, "b": 0.5})
    assert moved(got) == {"a": 5.0} and got.distance == pytest.approx(0.465)
    assert shop.rendered[-1] == {"a": 5.0, "b": 0.5}


def test_the_budget_ends_the_search_and_says_so():
    got, _ = flip(linear(1, 1, limit=9.5), budget=5)
    assert not got.found and not got.complete and got.renders == 5
    assert got.summary == "The search stopped at its limit before it found a change to another class."
    # 21 pictures until both corners are known, one more for both together: then it is drawn back.
    got, _ = flip(linear(1, 1, limit=12.5), budget=24)
    assert got.found and not got.complete and got.renders == 24
    assert "a smaller change may do it" in got.margin


def test_progress_is_told_and_cancelling_stops_before_the_next_picture():
    told = []
    got, _ = flip(linear(1, 1, limit=12.5), report=told.append)
    assert len(told) == got.renders and all(one.done <= one.total for one in told)
    assert [*dict.fromkeys(one.step for one in told)] == [
        "Moving one concept at a time",
        "Moving 2 concepts together",
        "Drawing the change back",
    ]
    calls = []
    with pytest.raises(Cancelled):
        flip(linear(1, 1, limit=12.5), cancelled=lambda: calls.append(1) or len(calls) > 3)
    assert len(calls) == 4


def test_the_same_question_has_the_same_answer():
    first, second = (flip(linear(1, 0.7, 0.8, limit=12.5), (A, B, C))[0] for _ in range(2))
    assert (first.changes, first.renders) == (second.changes, second.renders)


def test_a_wanted_class_is_respected():
    from models.spec import ModelSpec

    shop = Shop((A, B))

    class Three:
        spec = ModelSpec("toy", "Toy", "image", ("low", "middle", "high"), (), 4)

        def predict_proba(self, batch):
            a = shop.read(batch)[:, 0]
            return 0.1 + 0.7 * np.eye(3)[(a > 2.5).astype(int) + (a > 7.5)]

    question = concepts(shop, a=0.0, b=0.0)
    assert moved(concept_flip(Three(), question)) == {"a": 3.0}
    assert moved(concept_flip(Three(), question, to_class="high")) == {"a": 8.0}
    with pytest.raises(ValueError, match="predicts low already"):
        concept_flip(Three(), question, to_class="low")
    with pytest.raises(ValueError, match=r"'d' cannot change this picture\. What can: a, b"):
        concept_flip(Three(), question, locked=["d"])


def test_a_flip_that_does_not_hold_when_it_is_rendered_again_is_not_shown():
    shop, made = Shop((A,)), []

    def fickle(values):
        made.append(values)
        # The start, then 1 to 5, of which the last flips; its second rendering is another picture.
        return shop({"a": 0.0} if len(made) == 7 else values)

    question = concepts(shop, a=0.0)
    question = type(question)(question.features, question.values, question.usual, fickle)
    with pytest.raises(CrumbtrailError, match="not shown"):
        concept_flip(Scored(shop, linear(1, limit=4.5)), question)


def test_a_scene_of_the_bakery_is_flipped_by_its_oven():
    from data import bakery
    from explain.concepts.space import of_scene
    from models.spec import ModelSpec

    class Darkness:
        spec = ModelSpec("toy", "Toy", "image", ("raw", "burnt"), (), 16)

        def predict_proba(self, batch):
            dark = 4 * (0.5 - batch[:, 4:12, 4:12].mean(axis=(1, 2, 3)))
            return np.stack([0.5 - dark / 2, 0.5 + dark / 2], axis=1).clip(0.01, 0.99)

    scene = bakery.Scene.of("muffin", seed=3, bake=22)
    others = [f.name for f in scene.live_concepts if f.name != "bake"]
    got = concept_flip(Darkness(), of_scene(scene, 16), locked=others)
    (change,) = got.changes
    for minutes, burnt in ((change.after, True), (change.after - np.sign(change.after - 22), False)):
        picture = bakery.render(scene.replace(bake=minutes), 16).image
        assert (Darkness().predict_proba(picture[None])[0, 1] > 0.5) == (burnt == (got.after == 1))
    low, high = bakery.PRIOR["muffin"]["bake"].low, bakery.PRIOR["muffin"]["bake"].high
    assert change.distance == pytest.approx(abs(change.after - 22) / (high - low))
