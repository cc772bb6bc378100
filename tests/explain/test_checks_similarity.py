"""Likeness and complexity of maps, against SciPy, Quantus and what can be seen by hand."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from explain.trust.checks.similarity import complexity, rank_similarity, structural_similarity


def maps(seed, shape=(12, 15)):
    random = np.random.default_rng(seed)
    one = random.normal(size=shape)
    # Rounded, so that there are ties, and related, so that the answer is neither 0 nor 1.
    return one, np.round(np.abs(one) + random.normal(size=shape), 1)


def test_rank_similarity_is_spearmans_of_the_sizes_ties_and_all():
    one, other = maps(0)
    expected = spearmanr(np.abs(one).ravel(), np.abs(other).ravel()).statistic
    assert 0.1 < expected < 0.9
    assert rank_similarity(one, other) == pytest.approx(expected, abs=1e-12)
    assert rank_similarity(one, -7 * one) == pytest.approx(1)
    assert rank_similarity(np.array([[1.0, 2], [3, 4]]), np.array([[4.0, 3], [2, 1]])) == pytest.approx(-1)


def test_structural_similarity_is_quantus_on_maps_that_reach_from_0_to_1():
    from quantus.functions.similarity_func import ssim

    one, other = (np.abs(values) for values in maps(1))
    one[0, 0] = other[0, 0] = 0.0
    expected = ssim(one / one.max(), other / other.max())
    assert 0.05 < expected < 0.95
    assert structural_similarity(one, -3 * other) == pytest.approx(expected, abs=1e-12)
    assert structural_similarity(one, 2 * one) == pytest.approx(1)
    # A map smaller than the window is compared all the same.
    assert -1 <= structural_similarity(one[:5, :6], other[:5, :6]) < 1


@pytest.mark.parametrize("alike", [rank_similarity, structural_similarity])
def test_a_flat_map_is_like_a_flat_one_and_no_other(alike):
    some, _ = maps(2)
    assert alike(np.zeros((9, 9)), np.full((9, 9), 3.0)) == 1
    assert alike(np.zeros((12, 15)), some) == alike(some, np.ones((12, 15))) == 0


def test_complexity_is_the_histograms_entropy():
    from quantus.functions.complexity_func import discrete_entropy

    one, _ = maps(3, (40, 40))
    assert complexity(one) == pytest.approx(discrete_entropy(one, one), abs=1e-12)
    assert complexity(np.full((4, 4), 2.0)) == 0
    # Half of the pixels in one bar, half in another.
    assert complexity(np.array([[0.0, 0.0], [1.0, 1.0]])) == pytest.approx(np.log(2))
