"""The badge of a map: the rule on scores given by hand, its sentences, and where its limits come from."""

import pytest

from explain.trust.trust_verdict import REMOVAL, Limits, MeasuredOn, best_of, limits_of, verdict

SCENES = MeasuredOn(200)
LIMITS = {"randomisation": 0.2, REMOVAL: 0.001, "stability": 0.3}


def scores(randomisation=0.9, removal=0.4, stability=0.1):
    return {"randomisation": randomisation, REMOVAL: removal, "stability": stability}


@pytest.mark.parametrize(
    ("given", "badge", "words"),
    [
        (
            scores(),
            "strong",
            "(+0.40 in log-odds over random order; 95 % of the placebos at most: +0.25), and",
        ),
        (scores(removal=0.25), "weak", "no more than a placebo's"),
        (scores(removal=0.25), "weak", ", but noise that nobody sees moves it little (0.10 of its size"),
        (
            scores(stability=0.31),
            "weak",
            "moves it too much (0.31 of its size; 95 % of the placebos: 0.30 at most)",
        ),
        (scores(stability=0.3), "strong", "moves it little (0.30 of its size"),
        (
            scores(randomisation=0.2),
            "fails",
            "weights become random (similarity 0.80)",
        ),
        (scores(removal=0.0), "fails", "no more to the answer than pixels in random order"),
        (scores(removal=-0.02), "fails", "(insertion less deletion: −0.02 in log-odds)"),
    ],
)
def test_the_rule(given, badge, words):
    found = verdict(given, Limits({"randomisation": 0.2, REMOVAL: 0.25, "stability": 0.3}, SCENES))
    assert found.badge == badge and words in found.sentence


@pytest.mark.parametrize(
    ("removal", "stability", "badge", "words"),
    [
        (0.4, 0.1, "weak", "pixels carry the answer and noise hardly moves it"),
        (0.4, 0.9, "weak", "pixels carry the answer, but noise moves it too much"),
        (0.0005, 0.1, "weak", "but a placebo finds as much"),
        (0.0005, 0.9, "weak", "and noise moves it too much"),
        (-0.1, 0.1, "fails", "no more to the answer than pixels picked at random"),
    ],
)
def test_a_model_without_a_network_is_weak_at_best(removal, stability, badge, words):
    found = verdict({REMOVAL: removal, "stability": stability}, Limits(LIMITS, SCENES))
    assert found.badge == badge and words in found.in_short
    assert len(found.in_short) <= 105
    assert "no network to draw anew" in found.sentence
    assert "randomisation" not in found.passed


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "its pixels carry the answer, and noise hardly moves it"),
        ({"stability": 0.9}, "its pixels carry the answer, but noise moves it too much"),
        ({REMOVAL: 0.0005}, "noise hardly moves it, but a placebo finds as much"),
        ({REMOVAL: 0.0005, "stability": 0.9}, "noise moves it too much, and a placebo finds as much"),
        ({REMOVAL: -0.1}, "no more to the answer than pixels picked at random"),
        ({"randomisation": 0.0}, "shows the picture, not the model"),
    ],
)
def test_in_short_it_says_the_same_without_figures(given, words):
    short = verdict({**scores(), **given}, Limits(LIMITS, SCENES)).in_short
    assert words in short and not any(sign.isdigit() for sign in short)
    # Three lines beside the map, which stand on the first screen.
    assert len(short) <= 105


def test_figures_that_part_a_map_from_its_limit_are_told_apart():
    limits = Limits({**LIMITS, REMOVAL: 0.251, "stability": 0.3041}, None)
    found = verdict(scores(removal=0.2514, stability=0.3042), limits)
    assert found.badge == "weak"
    assert "(+0.2514 in log-odds over random order; the best placebo here: +0.2510)" in found.sentence
    assert "moves it too much (0.3042 of its size; the placebos here: 0.3041 at most)" in found.sentence


def test_a_map_that_the_blob_of_its_own_picture_beats_is_not_strong():
    limits = {**LIMITS, REMOVAL: 0.25}
    easy, hard = (verdict(scores(removal=0.4), Limits(limits, SCENES, blob)) for blob in (0.3, 0.4))
    assert (easy.badge, hard.badge) == ("strong", "weak")
    assert "a blob in the centre of this picture: +0.30" in easy.sentence
    assert "no more than a placebo's" in hard.sentence
    assert "a blob in the centre of this picture: +0.40" in hard.sentence
    # One that does badly lowers nothing.
    assert verdict(scores(removal=0.2), Limits(limits, SCENES, -3.0)).badge == "weak"
    assert "95 % of the placebos at most: +0.25" in verdict(scores(), Limits(limits, SCENES, -3.0)).sentence


def test_places_decide_nothing():
    limits = Limits({**LIMITS, "localisation_mass": 0.1}, SCENES)
    for mass, beyond in ((-0.9, False), (0.2, True)):
        found = verdict({**scores(), "localisation_mass": mass}, limits)
        assert found.badge == "strong" and found.passed["localisation_mass"] is beyond


def test_without_measured_limits_the_best_placebo_on_the_picture_sets_them():
    one = {"edges": {REMOVAL: 0.1, "stability": 0.2}, "centre_blob": {REMOVAL: 0.3}}
    assert best_of(one) == Limits({REMOVAL: 0.3, "stability": 0.2}, None)
    assert "the best placebo here: " in verdict(scores(), Limits(LIMITS, None)).sentence
    assert limits_of({"limits": LIMITS, "scenes": 200}, 0.5) == Limits(LIMITS, SCENES, 0.5)
    of_pictures = {"limits": LIMITS, "pictures": 9, "dataset": "patches"}
    assert limits_of(of_pictures, 0.5) == Limits(LIMITS, MeasuredOn(9, "patches"), 0.5)
    assert MeasuredOn(9, "patches").words == "9 held-out pictures of patches"
    assert MeasuredOn(200).words == "200 scenes"
