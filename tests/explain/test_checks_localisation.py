"""Mass, rank and pointing by hand, and against Quantus."""

import numpy as np
import pytest

from explain.trust.checks.localisation import Located, localisation
from explain.trust.placebos import centre_blob


def corner(side=8, size=4):
    mask = np.zeros((side, side), dtype=bool)
    mask[:size, :size] = True
    return mask


def test_a_map_that_is_its_mask_scores_all_and_the_opposite_nothing():
    mask = corner()
    assert localisation(mask.astype(float), mask).map == Located(1, 1, 1)
    assert localisation((~mask).astype(float), mask).map == Located(0, 0, 0)


def test_by_hand():
    mask = np.array([[True, True, False], [False, False, False], [False, False, True]])
    values = np.array([[5.0, 1.0, 4.0], [0.0, -9.0, 0.0], [0.0, 0.0, 2.0]])
    # 5 + 1 + 2 of 12; of the three strongest (5, 4, 2) two lie inside; the strongest does.
    assert localisation(values, mask).map == Located(pytest.approx(8 / 12), pytest.approx(2 / 3), 1.0)
    # What speaks against the target is no weight.
    assert localisation(-values, mask).map == Located(0, pytest.approx((0 + 2 * 3 / 8) / 3), 0)


def test_an_empty_map_is_an_even_one():
    mask = corner()
    for flat in (np.zeros((8, 8)), np.full((8, 8), 2.0)):
        assert localisation(flat, mask).map == Located(0.25, 0.25, 0.25)


def test_lift_is_over_the_blob_in_the_centre():
    mask = np.zeros((9, 9), dtype=bool)
    mask[4, 4] = True
    blob = centre_blob((9, 9))
    found = localisation(blob, mask)
    assert found.lift == Located(0, 0, 0) and found.blob.rank == found.blob.pointing == 1
    assert found.blob.mass == pytest.approx(1 / blob.sum())
    away = np.zeros((9, 9))
    away[0, 0] = 1
    assert localisation(away, mask).lift == Located(-found.blob.mass, -1, -1)


@pytest.mark.parametrize("seed", range(3))
def test_quantus_finds_the_same(seed):
    import quantus

    random = np.random.default_rng(seed)
    values, mask = random.random((16, 16)), random.random((16, 16)) < 0.3
    given = {
        "model": None,
        "x_batch": np.zeros((1, 3, 16, 16)),
        "y_batch": np.array([0]),
        "a_batch": values[None, None],
        "s_batch": mask[None, None],
    }
    quiet = {"disable_warnings": True}
    found = localisation(values, mask).map
    assert quantus.RelevanceMassAccuracy(**quiet)(**given) == pytest.approx([found.mass])
    assert quantus.RelevanceRankAccuracy(**quiet)(**given) == pytest.approx([found.rank])
    assert quantus.PointingGame(**quiet)(**given) == [bool(found.pointing)]


def test_refuses_a_mask_that_says_nothing():
    for mask in (np.zeros((8, 8), dtype=bool), np.ones((8, 8), dtype=bool)):
        with pytest.raises(ValueError, match="same everywhere"):
            localisation(np.ones((8, 8)), mask)
    with pytest.raises(ValueError, match="needs a mask of that shape"):
        localisation(np.ones((8, 8)), corner(9))
    with pytest.raises(ValueError, match="True on the object"):
        localisation(np.ones((8, 8)), corner().astype(int))
