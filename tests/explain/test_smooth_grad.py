"""SmoothGrad against closed forms, and against captum's with the same noise."""

import numpy as np
import pytest
import torch
from torch import nn

from explain import pictures
from tests.explain import image_toys
from tests.explain.image_toys import as_tensor, run

pytestmark = pytest.mark.usefixtures("one_torch_thread")


class Powers(nn.Module):
    """Logits: the sum of the channels' squares (red ones alone), of their cubes, and nothing."""

    def forward(self, x):
        return torch.stack([(x[:, 0] ** 2).sum((1, 2)), (x**3).sum((1, 2, 3)), 0 * x.sum((1, 2, 3))], dim=1)


def powers():
    return image_toys.ToyImageModel(Powers(), capabilities=("gradients",))


def test_of_a_linear_network_it_is_the_saliency():
    model, weights = image_toys.linear()
    for noise in (0.0, 0.5):
        got = run("smooth_grad", model, image_toys.picture(), 2, samples=4, noise=noise)
        assert got.values == pytest.approx(np.abs(weights[2]).max(axis=2), rel=1e-5)


def test_without_noise_it_is_the_saliency(toy_cnn):
    given = image_toys.picture(2)
    got = run("smooth_grad", toy_cnn, given, 1, samples=3, noise=0)
    assert got.values == pytest.approx(run("saliency", toy_cnn, given, 1).values, rel=1e-4, abs=1e-8)


def test_of_a_square_it_is_twice_the_picture_and_twice_the_noises_mean():
    # The gradient of x² at x + e is 2x + 2e; the mean of n draws of e has deviation s / √n.
    given, n, noise = 1 + 0 * image_toys.picture(), 25, 0.2
    given[0, 0] = 0  # the range of the values is 1
    got = run("smooth_grad", powers(), given, 0, samples=n, noise=noise)
    left = got.values.ravel()[1:] / 2 - 1
    assert left.std() == pytest.approx(noise / np.sqrt(n), rel=0.1)
    assert abs(left.mean()) < 4 * noise / np.sqrt(n * left.size)
    # Half the range is half the noise.
    paler = run("smooth_grad", powers(), 0.5 + given / 2, 0, samples=n, noise=noise)
    assert paler.values.ravel()[1:] / 2 - 1 == pytest.approx(left / 2, abs=1e-6)


def test_of_a_cube_the_noise_adds_three_times_its_variance():
    # The gradient of x³ at x + e is 3 (x + e)², of which the mean is 3 (x² + s²).
    given = np.full((32, 32, 3), 0.2, np.float32)
    given[0, 0], given[0, 1] = 0, 1
    got = run("smooth_grad", powers(), given, 1, samples=400, noise=0.3)
    # The largest of three channels lies above the mean by 0.85 deviations of 3 (0.4 e + e²) / √400.
    deviation = 3 * np.sqrt(0.4**2 * 0.3**2 + 2 * 0.3**4) / np.sqrt(400)
    expected = 3 * (0.2**2 + 0.3**2) + 0.846 * deviation
    assert got.values[1:].mean() == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("limit", [1, 3 * 32 * 32, 10**9])
def test_it_is_captums_with_the_same_noise_whatever_fits_into_a_pass(toy_cnn, monkeypatch, limit):
    from captum.attr import NoiseTunnel, Saliency

    monkeypatch.setattr(pictures, "PIXELS_A_PASS", limit)
    given, n, deviation = image_toys.picture(3), 7, 0.2
    generator = torch.Generator().manual_seed(11)
    noise = torch.cat([torch.randn((1, 32, 32, 3), generator=generator) for _ in range(n)])
    drawn = deviation * np.ptp(given) * noise.permute(0, 3, 1, 2)
    monkeypatch.setattr(torch, "normal", lambda *_: drawn)
    theirs = NoiseTunnel(Saliency(toy_cnn.network)).attribute(
        as_tensor(given), nt_samples=n, stdevs=1.0, target=1, abs=False
    )
    got = run("smooth_grad", toy_cnn, given, 1, samples=n, noise=deviation, seed=11)
    assert got.values == pytest.approx(theirs[0].abs().amax(0).numpy(), abs=1e-7)
    other = run("smooth_grad", toy_cnn, given, 1, samples=n, noise=deviation, seed=12)
    assert not np.array_equal(got.values, other.values)
