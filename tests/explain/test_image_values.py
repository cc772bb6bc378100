"""Every method for pictures against closed forms on toy networks, and against captum and SHAP themselves."""

import numpy as np
import pytest
import torch
from torch import nn

from explain import pictures
from tests.explain import image_toys
from tests.explain.image_toys import as_tensor, run

pytestmark = pytest.mark.usefixtures("one_torch_thread")


# On a linear network every method but Grad-CAM has a closed form.


def test_saliency_of_a_linear_network_is_its_weights():
    model, weights = image_toys.linear()
    for target in range(3):
        got = run("saliency", model, image_toys.picture(), target)
        assert got.values == pytest.approx(np.abs(weights[target]).max(axis=2), rel=1e-6)


@pytest.mark.parametrize("name", list(pictures.BASELINES))
def test_integrated_gradients_of_a_linear_network_are_weight_times_change(name):
    model, weights = image_toys.linear()
    given = image_toys.picture()
    change = given - pictures.baseline(given, name).astype(np.float64)
    got = run("integrated_gradients", model, given, 1, steps=3, baseline=name)
    assert got.values == pytest.approx((weights[1] * change).sum(axis=2), abs=1e-6)
    assert got.completeness_gap < 1e-5
    assert got.baseline == pictures.BASELINES[name]


def test_gradient_shap_of_a_linear_network_with_one_background_is_weight_times_change():
    model, weights = image_toys.linear()
    given, (other,) = image_toys.picture(), image_toys.background(1)
    got = run("gradient_shap", model, given, 2, background=other[None])
    assert got.values == pytest.approx((weights[2] * (given - other)).sum(axis=2), abs=1e-6)
    assert got.completeness_gap < 1e-5
    assert got.baseline == "a background of 1 real picture"


def test_occlusion_of_a_linear_network_is_the_mean_of_window_sums():
    model, weights = image_toys.linear(side=7)
    given = image_toys.picture(side=7)
    lost = (weights[0] * given).sum(axis=2)  # by covering one pixel with black
    got = run("occlusion", model, given, window=3, stride=2, baseline="black")
    # Windows begin at 0, 2, 4 and fit; by hand, pixel (2, 0) lies in those from rows 0 and 2.
    assert got.values[0, 0] == pytest.approx(lost[:3, :3].sum(), abs=1e-6)
    assert got.values[2, 0] == pytest.approx((lost[:3, :3].sum() + lost[2:5, :3].sum()) / 2, abs=1e-6)
    # Windows of 4 begin at 0, 3 and, cut, at 6 - but 0 and 3 reach the edge already.
    got = run("occlusion", model, given, window=4, stride=3, baseline="black")
    assert got.values[6, 6] == pytest.approx(lost[3:, 3:].sum(), abs=1e-6)
    # Windows of 3 by 3 begin at 0, 3, and cut at 6, where one pixel is left.
    got = run("occlusion", model, given, window=3, stride=3, baseline="black")
    assert got.values[6, 6] == pytest.approx(lost[6, 6], abs=1e-6)
    assert got.passes == 9 + 3 and got.backward_passes == 0


def test_grad_cam_of_one_convolution_by_hand():
    # Maps: the red channel and the green channel minus blue; the head weighs them and takes the mean.
    conv = nn.Conv2d(3, 2, 1, bias=False)
    head = nn.Linear(2, 3, bias=False)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor([[1.0, 0, 0], [0, 1.0, -1.0]]).reshape(2, 3, 1, 1))
        head.weight.copy_(torch.tensor([[2.0, 0], [1.0, 3.0], [-1.0, 0]]))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv2, self.head = conv, head

        def forward(self, x):
            return self.head(self.conv2(x).mean((2, 3)))

    model, given = image_toys.ToyImageModel(Net(), side=4), image_toys.picture(side=4)
    red, rest = given[..., 0], given[..., 1] - given[..., 2]
    # The gradient of a mean over 16 pixels is the head's weight divided by 16.
    assert run("grad_cam", model, given, 0).values == pytest.approx(2 * red / 16, abs=1e-7)
    assert run("grad_cam", model, given, 1).values == pytest.approx(
        np.maximum(red + 3 * rest, 0) / 16, abs=1e-7
    )
    assert not run("grad_cam", model, given, 2).values.any()


# Against captum and SHAP called on their own.


def test_saliency_is_captums(toy_cnn):
    from captum.attr import Saliency

    given = image_toys.picture(3)
    theirs = Saliency(toy_cnn.network).attribute(as_tensor(given).requires_grad_(), target=1)
    assert run("saliency", toy_cnn, given, 1).values == pytest.approx(theirs[0].amax(0).numpy(), abs=1e-7)


def test_grad_cam_is_captums(toy_cnn):
    from captum.attr import LayerAttribution, LayerGradCam

    given = image_toys.picture(3)
    coarse = LayerGradCam(toy_cnn.network, toy_cnn.network.conv2).attribute(
        as_tensor(given), target=2, relu_attributions=True
    )
    theirs = LayerAttribution.interpolate(coarse, (32, 32), "bilinear")[0, 0].detach().numpy()
    assert theirs.any()
    assert run("grad_cam", toy_cnn, given, 2).values == pytest.approx(theirs, abs=1e-7)


@pytest.mark.parametrize("limit", [1, 5 * 32 * 32, 10**9])
def test_integrated_gradients_are_captums_whatever_fits_into_a_pass(toy_cnn, monkeypatch, limit):
    from captum.attr import IntegratedGradients

    monkeypatch.setattr(pictures, "PIXELS_A_PASS", limit)
    given = image_toys.picture(3)
    start = as_tensor(pictures.baseline(given, "mean"))
    theirs = IntegratedGradients(toy_cnn.network).attribute(as_tensor(given), start, target=1, n_steps=12)
    got = run("integrated_gradients", toy_cnn, given, 1, steps=12)
    assert got.values == pytest.approx(theirs[0].sum(0).detach().numpy(), abs=1e-6)
    logits = [
        toy_cnn.network(as_tensor(one))[0, 1].item() for one in (given, pictures.baseline(given, "mean"))
    ]
    assert got.completeness_gap == pytest.approx(abs(got.values.sum() - (logits[0] - logits[1])), abs=1e-6)


@pytest.mark.parametrize("limit", [1, 10 * 32 * 32, 10**9])
@pytest.mark.parametrize(("window", "stride"), [(5, 2), (7, 3), (7, 7), (32, 1), (10, 9)])
def test_occlusion_is_captums_whatever_fits_into_a_pass(toy_cnn, monkeypatch, window, stride, limit):
    from captum.attr import Occlusion

    monkeypatch.setattr(pictures, "PIXELS_A_PASS", limit)
    given = image_toys.picture(3)
    theirs = Occlusion(toy_cnn.network).attribute(
        as_tensor(given),
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        baselines=as_tensor(pictures.baseline(given, "mean")),
        target=1,
        perturbations_per_eval=16,
    )
    got = run("occlusion", toy_cnn, given, 1, window=window, stride=stride)
    assert got.values == pytest.approx(theirs[0, 0].numpy(), abs=1e-6)


def test_gradient_shap_is_shaps(toy_cnn):
    import shap

    given, others = image_toys.picture(3), image_toys.background(4)
    background = torch.from_numpy(others).permute(0, 3, 1, 2)
    explainer = shap.GradientExplainer(toy_cnn.network, background)
    theirs = explainer.shap_values(as_tensor(given), nsamples=20, rseed=11)[0, ..., 1].sum(axis=0)
    got = run("gradient_shap", toy_cnn, given, 1, samples=20, seed=11, background=others)
    assert got.values == pytest.approx(theirs, abs=1e-6)
    assert got.base_value == pytest.approx(toy_cnn.network(background)[:, 1].mean().item(), abs=1e-6)
    other = run("gradient_shap", toy_cnn, given, 1, samples=20, seed=12, background=others)
    assert not np.array_equal(got.values, other.values)
