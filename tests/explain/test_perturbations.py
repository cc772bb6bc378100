"""Pixel perturbations against their closed forms."""

import numpy as np
import pytest

from explain.concepts.perturbations import PERTURBATIONS, ChangeMistake, apply, read, words
from tests.explain.image_toys import picture

GREY = np.full((20, 30, 3), 0.5, np.float32)


def test_nothing_changes_at_the_defaults():
    given = picture()
    before = given.copy()
    for settings in ({}, {feature.name: feature.default for feature in PERTURBATIONS}):
        made = apply(given, settings)
        assert np.array_equal(made, given) and made.dtype == np.float32
        made[:] = 0
    assert np.array_equal(given, before)
    assert apply(given.astype(np.float64), {}).dtype == np.float32


def test_each_changes_something_else_and_nothing_outside_its_range():
    assert len({feature.name for feature in PERTURBATIONS}) == len(PERTURBATIONS)
    for feature in PERTURBATIONS:
        if feature.name.startswith("box") or feature.name == "noise_seed":
            continue
        for end in (feature.low, feature.high):
            made = apply(picture(), {feature.name: end})
            assert made.min() >= 0 and made.max() <= 1
            assert np.array_equal(made, picture()) == (end == feature.default)


def test_contrast_and_brightness():
    given = picture()
    assert apply(given, {"contrast": 0.5, "brightness": 0.1}) == pytest.approx(
        0.5 + 0.5 * (given - 0.5) + 0.1, abs=1e-6
    )
    assert (apply(given, {"contrast": 0}) == 0.5).all()
    assert apply(given, {"brightness": 0.5}) == pytest.approx(np.minimum(given + 0.5, 1), abs=1e-6)


def test_brightness_brings_back_what_contrast_took_beyond():
    dark = np.full((4, 4, 3), 0.1, np.float32)
    assert apply(dark, {"contrast": 2.0, "brightness": 0.5}) == pytest.approx(0.5 + 2 * -0.4 + 0.5, abs=1e-6)


def test_blur_spreads_a_point_as_a_gaussian_does():
    point = np.zeros((41, 41, 3), np.float32)
    point[20, 20] = 1
    made = apply(point, {"pixel_blur": 2.0})[..., 0].astype(float)
    assert made.sum() == pytest.approx(1, abs=1e-3)
    distance = np.arange(41) - 20
    assert (made.sum(axis=0) * distance**2).sum() == pytest.approx(4, rel=0.01)  # the variance
    assert made[20, 22] / made[20, 20] == pytest.approx(np.exp(-0.5), rel=0.01)
    assert apply(GREY, {"pixel_blur": 8.0}) == pytest.approx(GREY, abs=1e-6)


def test_noise_is_seeded_and_only_grows_with_its_strength():
    large = np.full((100, 100, 3), 0.5, np.float32)
    one, two = (apply(large, {"noise": sd, "noise_seed": 7}) - 0.5 for sd in (0.05, 0.1))
    assert one.std() == pytest.approx(0.05, rel=0.02) and abs(one.mean()) < 0.001
    assert two == pytest.approx(2 * one, abs=1e-6)
    assert np.array_equal(apply(large, {"noise": 0.05, "noise_seed": 7}) - 0.5, one)
    assert not np.array_equal(apply(large, {"noise": 0.05, "noise_seed": 8}) - 0.5, one)
    assert not np.array_equal(one[..., 0], one[..., 1])


def test_the_box_covers_its_square_and_is_cut_at_the_edges():
    made = apply(GREY, {"box_size": 50, "box_x": 50, "box_y": 50, "box_colour": 1.0})
    expected = GREY.copy()
    expected[5:15, 10:20] = 1  # half of the shorter side, 20
    assert np.array_equal(made, expected)
    corner = apply(GREY, {"box_size": 50, "box_x": 0, "box_y": 0, "box_colour": 0.0})
    expected = GREY.copy()
    expected[:5, :5] = 0
    assert np.array_equal(corner, expected)
    assert np.array_equal(apply(GREY, {"box_colour": 0.0}), GREY)


def test_the_box_comes_last_and_keeps_its_colour():
    made = apply(
        picture(), {"noise": 0.5, "contrast": 0.5, "pixel_blur": 2.0, "box_size": 100, "box_colour": 0.25}
    )
    assert (made == 0.25).all()


def test_refuses_what_is_no_perturbation():
    with pytest.raises(ValueError, match=r"called 'fog'\. There are: pixel_blur, "):
        apply(GREY, {"fog": 1})
    for wrong in (2.5, -0.1, np.nan):
        with pytest.raises(ValueError, match="contrast must be a number from 0 to 2 ×, not"):
            apply(GREY, {"contrast": wrong})


def test_changes_are_read_as_a_person_writes_them():
    found = read(
        ["noise=.1", " pixel_blur = 2 ", "noise_seed=7", "contrast=1", "box_x=50", "brightness=-0.1"]
    )
    assert found == {"noise": 0.1, "pixel_blur": 2.0, "noise_seed": 7, "brightness": -0.1}
    assert [type(found[name]) for name in ("pixel_blur", "noise_seed")] == [float, int]
    # In the order in which they are made, not in that of the words.
    assert words(found) == (
        "The pixels are changed: Blur of the pixels 2.00 px, Brightness −0.10, Noise 0.10, Pattern of the noise 7."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("noise", r"Write a change as NAME=VALUE, as in pixel_blur=2, not 'noise'\."),
        ("fog=1", r"is called 'fog'\. There are: pixel_blur, "),
        ("nois=1", r"is called 'nois'\. Did you mean noise\? There are: "),
        ("blur=1", r"is called 'blur'\. Did you mean pixel_blur\? There are: "),
        ("noise=nan", r"noise must be a number from 0 to 0\.5, not 'nan'\."),
        ("noise=", r"noise must be a number from 0 to 0\.5, not ''\."),
        ("pixel_blur=1e400", r"pixel_blur must be a number from 0 to 8 px, not '1e400'\."),
        ("box_size=-1", r"box_size must be a whole number from 0 to 100 % of the picture, not '-1'\."),
        ("noise_seed=1.5", r"noise_seed must be a whole number from 0 to 999, not '1\.5'\."),
    ],
)
def test_a_change_that_cannot_be_read_is_refused_in_a_sentence(text, said):
    with pytest.raises(ChangeMistake, match=said):
        read(["contrast=0.5", text])
