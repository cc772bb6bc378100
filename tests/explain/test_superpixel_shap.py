"""Superpixel SHAP against Shapley values by hand, by brute force over all coalitions, and from captum."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest
import torch
from torch import nn

from explain import pictures
from explain.attributions import superpixel_shap
from explain.attributions.attribution import MethodError
from explain.attributions.superpixels import superpixels
from tests.explain import image_toys
from tests.explain.image_toys import as_tensor, run

pytestmark = pytest.mark.usefixtures("one_torch_thread")

# Four superpixels, each a quarter of the picture, whatever SLIC would say.
QUARTERS = np.kron([[0, 1], [2, 3]], np.ones((4, 4), np.int64))


@pytest.fixture
def quarters(monkeypatch):
    monkeypatch.setattr(superpixel_shap, "superpixels", lambda picture, n: QUARTERS)


class Quarters(nn.Module):
    """Logits of the mean brightness of each quarter, a to d: 2a - b + 3d, a·b, and a·b·c + d."""

    def forward(self, x):
        a, b, c, d = nn.functional.avg_pool2d(x.mean(1), 4).flatten(1).unbind(1)
        return torch.stack([2 * a - b + 3 * d, a * b, a * b * c + d], dim=1)


def model():
    return image_toys.ToyImageModel(Quarters(), side=8, capabilities=("gradients",))


def given():
    return image_toys.picture(5, side=8)


def asked(target, name="black", samples=14):
    got = run("superpixel_shap", model(), given(), target, superpixels=4, samples=samples, baseline=name)
    shares = np.array([got.values[quarter == QUARTERS].sum() for quarter in range(4)])
    for quarter in range(4):
        assert np.ptp(got.values[quarter == QUARTERS]) == 0
    return got, shares


def test_an_additive_network_gives_each_superpixel_its_term(quarters):
    a, b, _, d = (given()[quarter == QUARTERS].mean() for quarter in range(4))
    got, shares = asked(0)
    assert shares == pytest.approx([2 * a, -b, 0, 3 * d], abs=1e-6)
    assert got.base_value == pytest.approx(0, abs=1e-7) and got.completeness_gap < 1e-6
    assert got.output == pytest.approx(2 * a - b + 3 * d, abs=1e-6)
    assert got.passes == 2**4 and got.backward_passes == 0


def test_what_two_win_only_together_is_halved_and_what_three_win_is_divided_by_three(quarters):
    a, b, c, d = (given()[quarter == QUARTERS].mean() for quarter in range(4))
    assert asked(1)[1] == pytest.approx([a * b / 2, a * b / 2, 0, 0], abs=1e-6)
    assert asked(2)[1] == pytest.approx([a * b * c / 3] * 3 + [d], abs=1e-6)


@pytest.mark.parametrize("name", list(pictures.BASELINES))
def test_few_superpixels_are_brute_force_over_all_coalitions(toy_cnn, monkeypatch, name):
    patches = np.kron(np.arange(6).reshape(2, 3), np.ones((16, 11), np.int64))[:, :32]
    monkeypatch.setattr(superpixel_shap, "superpixels", lambda picture, n: patches)
    picture = image_toys.picture(3)
    covered = pictures.baseline(picture, name)

    def logit(coalition):
        inside = np.isin(patches, list(coalition))[..., None]
        return toy_cnn.network(as_tensor(np.where(inside, picture, covered)))[0, 1].item()

    def shapley(player):
        others = [one for one in range(6) if one != player]
        return sum(
            factorial(size) * factorial(5 - size) / factorial(6) * (logit({*some, player}) - logit(some))
            for size in range(6)
            for some in combinations(others, size)
        )

    got = run("superpixel_shap", toy_cnn, picture, 1, superpixels=6, samples=100, baseline=name)
    expected = np.array([shapley(player) for player in range(6)]) / np.bincount(patches.ravel())
    assert got.values == pytest.approx(expected[patches], abs=1e-7)
    assert got.base_value == pytest.approx(logit([]), abs=1e-6)
    assert got.completeness_gap < 1e-5 and got.passes == 2**6
    assert got.baseline == pictures.BASELINES[name]


def test_drawn_coalitions_come_as_near_as_captums_do(toy_cnn):
    from captum.attr import KernelShap

    picture = image_toys.picture(3)
    patches = superpixels(picture, 8)
    covered = pictures.baseline(picture, "mean")
    exact = run("superpixel_shap", toy_cnn, picture, 0, superpixels=8, samples=10000)
    assert exact.passes == 2 ** (patches.max() + 1)
    torch.manual_seed(0)
    theirs = KernelShap(toy_cnn.network).attribute(
        as_tensor(picture),
        as_tensor(covered),
        target=0,
        feature_mask=torch.from_numpy(patches)[None, None],
        n_samples=600,
        perturbations_per_eval=50,
    )
    theirs = theirs[0, 0].numpy() / np.bincount(patches.ravel())[patches]
    size = np.abs(exact.values).max()
    assert np.abs(theirs - exact.values).max() < 0.1 * size
    drawn = [
        run("superpixel_shap", toy_cnn, picture, 0, superpixels=8, samples=60, seed=seed) for seed in (1, 2)
    ]
    assert not np.array_equal(drawn[0].values, drawn[1].values)
    for one in drawn:
        assert np.abs(one.values - exact.values).max() < 0.1 * size
        assert one.completeness_gap < 1e-5 and one.passes == 62


def test_superpixels_hang_together_and_are_numbered_without_gaps():
    from skimage.measure import label

    half = np.zeros((32, 32, 3), np.float32)
    half[:, 16:] = (1.0, 0.2, 0.1)
    for picture in (half, image_toys.picture(), np.full((32, 32, 3), 0.5)):
        patches = superpixels(picture, 12)
        n = patches.max() + 1
        assert patches.shape == (32, 32) and 6 <= n <= 16
        assert np.array_equal(np.unique(patches), np.arange(n))
        assert all(label(patches == one, connectivity=1).max() == 1 for one in range(n))
        assert np.array_equal(superpixels(picture, 12), patches)
    patches = superpixels(half, 12)
    assert set(patches[:, :15].ravel()).isdisjoint(patches[:, 17:].ravel())


def test_a_picture_of_one_superpixel_gives_it_all(monkeypatch):
    monkeypatch.setattr(superpixel_shap, "superpixels", lambda picture, n: np.zeros((8, 8), np.int64))
    got = run("superpixel_shap", model(), given(), 1, superpixels=2, samples=4, baseline="black")
    assert got.values == pytest.approx(np.full((8, 8), got.output / 64), abs=1e-7)
    assert got.output > 0.1 and got.passes == 2


def test_too_few_samples_are_refused(toy_cnn):
    with pytest.raises(MethodError, match="40 samples are too few for 24 superpixels"):
        run("superpixel_shap", toy_cnn, image_toys.picture(), samples=40, superpixels=24)
