"""Placebos know what they say they know, and no more."""

import numpy as np
import pytest

from explain.trust import placebos
from tests.explain import image_toys


def test_edges_of_a_step_by_hand():
    picture = np.zeros((6, 6, 3))
    picture[:, 3:] = 0.5
    found = placebos.edges(picture)
    # Sobel weighs 1, 2, 1 rows; on both sides of the step the difference of the neighbours is 0.5.
    assert found[:, 2:4] == pytest.approx(np.full((6, 2), 2.0))
    assert found[:, [0, 1, 4, 5]] == pytest.approx(np.zeros((6, 4)), abs=1e-12)
    assert placebos.edges(np.swapaxes(picture, 0, 1)) == pytest.approx(found.T)
    # Green is brighter than blue.
    green, blue = (picture * np.eye(3)[channel] for channel in (1, 2))
    assert placebos.edges(green).max() == pytest.approx(4 * 0.5 * 0.587)
    assert placebos.edges(blue).max() == pytest.approx(4 * 0.5 * 0.114)


def test_the_blob_is_round_in_the_middle_and_a_fifth_wide():
    blob = placebos.centre_blob((21, 21))
    assert blob[10, 10] == blob.max() == 1
    assert np.array_equal(blob, blob.T) and np.array_equal(blob, blob[::-1])
    # One standard deviation, 4.2 pixels, from the centre it is at exp(-1/2).
    assert np.interp(4.2, np.arange(11), blob[10, 10:]) == pytest.approx(np.exp(-0.5), abs=0.01)


def test_the_random_map_is_of_its_seed_alone():
    one = placebos.random_map((32, 32), 1)
    assert (one.min(), one.max()) == (0, 1)
    assert np.array_equal(one, placebos.random_map((32, 32), 1))
    assert abs(np.corrcoef(one.ravel(), placebos.random_map((32, 32), 2).ravel())[0, 1]) < 0.5
    # It is smooth: neighbours are nearly alike.
    assert np.corrcoef(one[:, 1:].ravel(), one[:, :-1].ravel())[0, 1] > 0.7


def test_all_of_a_picture():
    given = image_toys.picture()
    shams = (*placebos.without_model(given, 0), placebos.random_weights("Grad-CAM", np.ones((32, 32))))
    assert [one.name for one in shams] == ["edges", "centre_blob", "random_map", "random_weights"]
    for one in shams:
        assert one.values.shape == (32, 32) and one.values.min() >= 0 and one.sentence.endswith(".")
    assert "Grad-CAM on the same network" in shams[-1].sentence
