"""Maps beside effects, worked out by hand: ranks, signs, and what contradicts a map."""

import numpy as np
import pytest
from scipy import stats

from explain.truth.part_agreement import can_be_judged, caution, compare, rank_correlation
from tests.explain.part_toys import effects_by_hand, map_with

EFFECTS = (1.5, -0.4, 0.2, 0.9)


def judged(effects, masses, has_signs=True, rows=None):
    parts = effects_by_hand(effects, rows)
    return compare(parts, map_with(parts, masses), has_signs, "muffin")


def said(found):
    """The sentence with plain spaces before its per cent signs."""
    return found.sentence.replace("\xa0", " ")


def test_a_map_that_is_the_truth_agrees_and_its_reverse_is_contradicted():
    same, other = judged(EFFECTS, EFFECTS), judged(EFFECTS, [-e for e in EFFECTS])
    assert (same.correlation, same.signs, same.verdict, same.top_is_right) == (1, 1, "agrees", True)
    assert (other.correlation, other.signs, other.verdict) == (-1, 0, "contradicted")
    assert "speak against muffin" in said(other) and "the opposite (+1.50 logits)" in said(other)
    assert said(same) == (
        "The changes agree with this map: its strongest part, the berries (50 % of its weight), is also what "
        "counts most (+1.50 logits)."
    )
    np.testing.assert_allclose(same.masses, EFFECTS)
    np.testing.assert_allclose(same.weights, np.abs(EFFECTS) / 3)


def test_a_map_without_signs_is_compared_with_sizes():
    found = judged(EFFECTS, np.abs(EFFECTS), has_signs=False)
    assert (found.correlation, found.signs, found.verdict) == (1, None, "agrees")
    assert judged(EFFECTS, (1, 5, 4, 2), has_signs=False).correlation == pytest.approx(
        -0.8
    )  # d² = 9, 4, 4, 1


@pytest.mark.parametrize("seed", range(20))
def test_rank_correlation_is_scipys(seed):
    random = np.random.default_rng(seed)
    a, b = random.integers(0, 4, (2, 7)) if seed % 2 else random.normal(size=(2, 5))
    assert rank_correlation(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)


def test_without_ranks_there_is_no_correlation():
    assert rank_correlation(np.ones(4), np.arange(4)) is None
    assert rank_correlation(np.arange(4), np.zeros(4)) is None


def test_the_strongest_part_that_does_nothing_contradicts():
    below, above = (judged((2.0, 0.3, 0.1, effect), (5, 1, 1, 6)) for effect in (0.199, 0.201))
    assert below.verdict == "contradicted" and above.verdict == "mixed"
    assert "the background (46 % of its weight), does next to nothing (+0.20 logits)" in said(below)
    assert "what counts most is the berries (+2.00 logits)" in said(below)
    assert "the berries (+2.00 logits), with 38 % of the map's weight" in said(above)
    assert not above.top_is_right


def test_the_strongest_part_with_the_wrong_sign_contradicts_only_a_map_with_signs():
    effects, masses = (2.0, -1.0, 0.5, 0.5), (4, 5, 1, 1)
    signed, unsigned = (judged(effects, masses, has_signs) for has_signs in (True, False))
    assert signed.verdict == "contradicted" and "speak for muffin" in said(signed)
    assert unsigned.verdict == "mixed"


def test_less_weight_than_area_on_what_counts_most_contradicts():
    """Six of ten rows are 60 % of the area: 59 % of the weight is too little, 60 % is not."""
    effects, rows = (6.0, 0.5, 0.5, 0.5), [6, 2, 1, 1]  # 80 % of all effects
    less, enough = (
        judged(effects, (share, 100 - share, 0, 0), has_signs=False, rows=rows) for share in (59, 60)
    )
    assert (less.verdict, enough.verdict) == ("contradicted", "agrees")
    assert "59 % of the map's weight, less than its 60 % of the area" in said(less)


@pytest.mark.parametrize("rows", [[6, 2, 1, 1], [1, 1, 1, 7], [3, 3, 2, 2]])
@pytest.mark.parametrize("which", range(4))
def test_the_same_everywhere_is_never_less_than_its_area(rows, which):
    effects = np.full(4, 0.5)
    effects[which] = 2.0
    parts = effects_by_hand(effects, rows)
    assert compare(parts, np.full((10, 10), 0.1), False, "muffin").verdict != "contradicted"


@pytest.mark.parametrize("rows", [[7, 1, 1, 1], [1, 1, 7, 1], [1, 7, 1, 1]])
@pytest.mark.parametrize("has_signs", [True, False])
def test_the_truth_is_never_contradicted_however_large_what_counts_most(rows, has_signs):
    """The berries do half of all, on up to 70 % of the area; the map's masses are the effects."""
    masses = EFFECTS if has_signs else np.abs(EFFECTS)
    assert judged(EFFECTS, masses, has_signs, rows).verdict == "agrees"


def test_less_weight_than_both_area_and_effect_contradicts_however_large_the_part():
    """The berries do half of all effects on 70 % of the area: below half of the weight is too little."""
    rows = [7, 1, 1, 1]
    less, enough = (judged(EFFECTS, (s, 0, 0, 100 - s), has_signs=False, rows=rows) for s in (49, 51))
    assert (less.verdict, enough.verdict) == ("contradicted", "agrees")


def test_signs_are_counted_where_a_part_matters():
    # Of the parts that do more than a tenth of 2.0, two of three have the sign; 0.1 does not count.
    assert judged((2.0, -1.0, 0.1, 0.5), (3, 1, -1, 1)).signs == pytest.approx(2 / 3)


def test_what_cannot_be_judged_is_said():
    weak, alone = judged((0.09, -0.05, 0, 0), (1, 2, 3, 4)), judged((3.0,), (1,))
    assert weak.verdict == alone.verdict == "cannot be judged"
    assert "no part moves the logit by 0.1 or more" in said(weak)
    assert "fewer than two parts" in said(alone)
    assert (weak.signs, weak.top_is_right) == (None, False)
    assert can_be_judged(effects_by_hand((0.0, -0.1))) and not can_be_judged(effects_by_hand((0.0, 0.099)))
    assert not can_be_judged(effects_by_hand((3.0,)))


def test_an_empty_map_is_contradicted():
    empty = judged(EFFECTS, (0, 0, 0, 0))
    assert (empty.correlation, empty.verdict, empty.top_is_right) == (None, "contradicted", False)
    assert "it is empty on every part" in said(empty)
    np.testing.assert_array_equal(empty.weights, 0)


def test_few_parts_are_called_few():
    assert "+1 once in 24 tries" in caution(4) and "once in 120 tries" in caution(5)
