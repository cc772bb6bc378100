"""Deletion and insertion where they have a closed form, and against Quantus."""

import numpy as np
import pytest

from explain import pictures
from explain.targets import ClassTarget
from explain.trust import placebos
from explain.trust.checks.pixel_removal import POINTS, RANDOM_ORDERS, PixelRemoval, order
from models.spec import ModelSpec
from tests.explain import image_toys

SIDE = 12
N = SIDE * SIDE


class Weighted:
    """The first class's probability is a weighted sum of the pixels: removing one takes its part away."""

    def __init__(self, weights):
        self.spec = ModelSpec("w", "Weighted", "image", ("a", "b"), (), SIDE, frozenset())
        self.weights, self.asked = weights, 0

    def predict_proba(self, batch):
        self.asked += len(batch)
        p = (batch.astype(np.float64) * self.weights).sum(axis=(1, 2, 3))
        return np.stack([p, 1 - p], axis=1)


def weighted(seed=0):
    weights = np.random.default_rng(seed).random((SIDE, SIDE, 3))
    return Weighted(weights / weights.sum())


def by_hand(model, picture, ranked, start, other):
    """Probabilities as pixels of `start` become those of `other`, one step of a twelfth after the next."""
    gain = ((other - start).astype(np.float64) * model.weights).sum(axis=2).ravel()[ranked]
    base = (start.astype(np.float64) * model.weights).sum()
    return [base + gain[: round(k * N / 12)].sum() for k in range(POINTS)]


def test_both_curves_of_a_weighted_sum():
    model, given = weighted(), image_toys.picture(side=SIDE)
    values = np.random.default_rng(1).normal(size=(SIDE, SIDE))
    found = PixelRemoval(model, given, ClassTarget(0)).curves(values)
    ranked = np.argsort(-values, axis=None)
    mean, blurred = (pictures.baseline(given, name) for name in ("mean", "blurred"))
    deletion = by_hand(model, given, ranked, given, mean)
    insertion = by_hand(model, given, ranked, blurred, given)
    assert found.deletion == pytest.approx(deletion, abs=1e-6)
    assert found.insertion == pytest.approx(insertion, abs=1e-6)
    area = [(sum(curve) - (curve[0] + curve[-1]) / 2) / 12 for curve in (deletion, insertion)]
    assert (found.deletion_auc, found.insertion_auc) == pytest.approx(area, abs=1e-6)
    assert found.difference == pytest.approx(area[1] - area[0], abs=1e-6)
    odds = [[np.log(p / (1 - p)) for p in curve] for curve in (deletion, insertion)]
    assert found.deletion_odds == pytest.approx(odds[0], abs=1e-5)
    assert found.insertion_odds == pytest.approx(odds[1], abs=1e-5)
    area = [(sum(curve) - (curve[0] + curve[-1]) / 2) / 12 for curve in odds]
    assert found.evidence == pytest.approx(area[1] - area[0], abs=1e-5)
    # The other class's curves are the mirror image.
    mirrored = PixelRemoval(model, given, ClassTarget(1)).curves(values)
    assert mirrored.deletion == pytest.approx(1 - found.deletion)
    assert mirrored.evidence == pytest.approx(-found.evidence)


def test_log_odds_tell_maps_apart_where_probabilities_are_all_nearly_one():
    """A sure model, log-odds 60 plus a sum over pixels: 1 - p is lost to rounding, and the sum is not."""

    class Sure(Weighted):
        def predict_proba(self, batch):
            self.asked += len(batch)
            odds = 60 + (batch.astype(np.float64) * self.weights).sum(axis=(1, 2, 3))
            return np.stack([1 / (1 + np.exp(-odds)), np.exp(-odds) / (1 + np.exp(-odds))], axis=1)

    weights, given = weighted().weights, image_toys.picture(side=SIDE)
    sure, plain = (
        PixelRemoval(Sure(weights), given, ClassTarget(0)),
        PixelRemoval(Sure(weights), given, ClassTarget(1)),
    )
    right = ((given - pictures.baseline(given, "mean")) * weights).sum(axis=2)
    assert sure.curves(right).difference == 0
    assert sure.lift(right) == pytest.approx(-plain.lift(right), rel=1e-6)
    start, other = given, pictures.baseline(given, "mean")
    ranked = np.argsort(-right, axis=None)
    by_pixel = ((other - start).astype(np.float64) * weights).sum(axis=2).ravel()[ranked]
    whole = 60 + (start.astype(np.float64) * weights).sum()
    expected = [whole + by_pixel[: round(k * N / 12)].sum() for k in range(POINTS)]
    assert sure.curves(right).deletion_odds == pytest.approx(expected, abs=1e-5)
    assert sure.lift(right) > 0 > sure.lift(-right)


def test_a_class_that_is_ruled_out_keeps_log_odds_that_are_numbers():
    class Certain(Weighted):
        def predict_proba(self, batch):
            return np.tile([1.0, 0.0], (len(batch), 1))

    found = PixelRemoval(Certain(weighted().weights), image_toys.picture(side=SIDE), ClassTarget(0)).blob
    assert np.isfinite(found.deletion_odds).all() and found.evidence == pytest.approx(0)


def test_the_map_that_is_right_beats_every_other():
    model, given = weighted(), image_toys.picture(side=SIDE)
    removal = PixelRemoval(model, given, ClassTarget(0))
    mean = pictures.baseline(given, "mean")
    right = ((given - mean) * model.weights).sum(axis=2)
    assert removal.lift(right) > 0.01 > -0.01 > removal.lift(-right)
    for other in placebos.without_model(given, 0):
        assert removal.curves(right).deletion_auc < removal.curves(other.values).deletion_auc


def test_an_empty_map_is_a_random_order_and_not_the_order_of_the_page():
    # All that counts lies in the upper half: by position, an empty map would look as if it knew.
    weights = np.zeros((SIDE, SIDE, 3))
    weights[: SIDE // 2] = 1
    model, given = Weighted(weights / weights.sum()), np.ones((SIDE, SIDE, 3), np.float32)
    given[SIDE // 2 :] = 0.0
    lifts = [
        PixelRemoval(model, given, ClassTarget(0), seed).lift(np.zeros((SIDE, SIDE))) for seed in range(20)
    ]
    from_the_top = PixelRemoval(model, given, ClassTarget(0)).lift(
        -np.arange(N, dtype=float).reshape(SIDE, SIDE)
    )
    assert from_the_top > 0.1
    assert abs(np.mean(lifts)) < 0.02 and len(set(lifts)) == 20
    # Nor is it one of the orders that it is held to.
    removal = PixelRemoval(model, given, ClassTarget(0))
    assert removal.curves(np.zeros((SIDE, SIDE))).difference not in [one.difference for one in removal.random]


def test_equal_values_come_in_random_order_after_larger_ones():
    values = np.zeros((6, 6))
    values[4:, 3:] = 1.0
    values[0, 0] = 2.0
    ranks = [order(values, seed) for seed in range(40)]
    for one in ranks:
        assert one[0, 0] == 0 and set(one[4:, 3:].ravel()) == set(range(1, 7))
        assert sorted(one.ravel()) == list(range(36))
    assert len({int(one[5, 5]) for one in ranks}) == 6
    assert np.array_equal(order(values, 3), ranks[3])


def test_lift_is_over_the_mean_of_the_random_orders():
    model, given = weighted(), image_toys.picture(side=SIDE)
    removal = PixelRemoval(model, given, ClassTarget(0), seed=4)
    values = np.random.default_rng(2).random((SIDE, SIDE))
    random = [one.evidence for one in removal.random]
    assert len(set(random)) == RANDOM_ORDERS
    assert removal.lift(values) == pytest.approx(removal.curves(values).evidence - sum(random) / 3)


def test_nothing_is_asked_twice():
    model, given = weighted(), image_toys.picture(side=SIDE)
    removal = PixelRemoval(model, given, ClassTarget(0))
    values = np.random.default_rng(2).random((SIDE, SIDE))
    removal.lift(values), removal.blob, removal.random
    # Whole, without and blurred once; then 11 points on each of 2 curves, for map, blob and 3 orders.
    assert model.asked == removal.passes == 3 + 22 * 5
    removal.lift(values.copy()), removal.blob, removal.curves(placebos.centre_blob((SIDE, SIDE)))
    assert model.asked == removal.passes == 113


def test_deletion_is_quantus_pixel_flipping():
    import quantus

    model = image_toys.small()
    given = image_toys.picture(2)
    values = np.random.default_rng(3).random((32, 32))
    found = PixelRemoval(model, given, ClassTarget(1)).curves(values)
    mean = given.mean(axis=(0, 1))

    def fill(arr, indices, **_):
        changed = arr.copy()
        for one, where in zip(changed, indices, strict=True):
            one[where] = mean[where // 1024]
        return changed

    steps = np.rint(np.linspace(0, 1024, POINTS)).astype(int)
    ours = dict(zip(steps.tolist(), found.deletion, strict=True))
    flipping = quantus.PixelFlipping(
        features_in_step=256,
        perturb_func=fill,
        normalise=False,
        disable_warnings=True,
        return_auc_per_sample=False,
    )
    theirs = flipping(
        model=model.network,
        x_batch=given.transpose(2, 0, 1)[None],
        y_batch=np.array([1]),
        a_batch=values[None, None],
        softmax=True,
        device="cpu",
    )[0]
    # Quantus counts a pixel as three features, so a quarter of the pixels, a point of both, is three steps.
    quarters = [ours[256 * k] for k in range(1, 5)]
    assert quarters == pytest.approx(np.ravel(theirs)[2::3], abs=1e-6)
    assert np.ptp(quarters) > 1e-5
