"""A pass over windows in parts against the network's own answer to every covered picture."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from explain import pictures
from explain.attributions.windowed_pass import Windowed, covered
from explain.cancelling import Cancelled
from explain.methods import image_method
from explain.targets import ClassTarget
from models.networks import NetworkModel, ResidualNetwork
from models.spec import ModelSpec
from tests.explain import image_toys
from tests.explain.image_toys import ToyImageModel, as_tensor, run

pytestmark = pytest.mark.usefixtures("one_torch_thread")


class Of(nn.Module):
    """A network given as a function of its one convolution and the pixels."""

    def __init__(self, function, **convolution):
        super().__init__()
        torch.manual_seed(0)
        settings = {"in_channels": 3, "out_channels": 4, "kernel_size": 3, **convolution}
        self.conv, self.function = nn.Conv2d(**settings), function
        self.norm = nn.BatchNorm2d(4)
        self.norm.running_mean.normal_()
        self.norm.running_var.uniform_(0.5, 2)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.function(self, x).mean((2, 3)))


def squeezed(net, x):
    maps = net.conv(x)
    return maps * maps.mean((2, 3), keepdim=True).sigmoid()


def with_place(net, x):
    return (net.conv(x) * torch.linspace(0, 1, x.shape[-1])).relu()


def written_into(net, x):
    x -= 0.3
    maps = net.conv(x)
    maps += functional.avg_pool2d(net.conv(x + 1), 3, 1, 1)
    return maps.relu_()


FUNCTIONS = {
    "plain": (lambda net, x: net.conv(x).relu(), {"padding": 1}),
    "no padding, stride 3": (lambda net, x: net.norm(net.conv(x)).tanh(), {"stride": 3}),
    "kernel below stride": (lambda net, x: net.conv(x), {"kernel_size": 1, "stride": 3}),
    "dilated": (lambda net, x: net.conv(x) ** 2, {"dilation": 2, "padding": 2}),
    "not square": (
        lambda net, x: net.conv(x).relu(),
        {"kernel_size": (5, 1), "padding": (2, 0), "stride": (1, 2)},
    ),
    "two ways": (
        lambda net, x: net.conv(x).relu() + functional.avg_pool2d(net.conv(x), 5, 1, 2),
        {"padding": 1},
    ),
    "pooled to the edge": (lambda net, x: functional.avg_pool2d(net.conv(x), 3, 2, ceil_mode=True), {}),
    "pooled over the edge": (lambda net, x: functional.avg_pool2d(net.conv(x), 2, ceil_mode=True), {}),
    "padding not counted": (
        lambda net, x: functional.avg_pool2d(net.conv(x), 3, 2, 1, count_include_pad=False),
        {},
    ),
    "normalised by itself": (lambda net, x: functional.instance_norm(net.conv(x)).relu(), {}),
    "normalised by the batch": (
        lambda net, x: functional.batch_norm(net.conv(x), None, None, training=True).relu(),
        {},
    ),
    "largest": (lambda net, x: functional.max_pool2d(net.conv(x), 3, 2, 1), {}),
    "squeezed": (squeezed, {"padding": 1}),
    "with its place": (with_place, {"padding": 1}),
    "written into": (written_into, {"padding": 1}),
    "sliced": (lambda net, x: net.conv(x)[:, :, 3:, 5:].relu(), {"padding": 1}),
}


def by_hand(network, picture, stand_in, top, left, side):
    """Whole pictures, covered one after the other, in one pass."""
    copies = picture.repeat(len(top), 1, 1, 1)
    for copy, y, x in zip(copies, top, left, strict=True):
        copy[:, y : y + side, x : x + side] = stand_in[0, :, y : y + side, x : x + side]
    return network(copies)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_answers_are_those_to_covered_pictures(name):
    function, settings = FUNCTIONS[name]
    network = Of(function, **settings).eval()
    picture, stand_in = (as_tensor(image_toys.picture(seed, side=13)) for seed in (0, 1))
    top, left = (grid.ravel() for grid in np.mgrid[0:13:2, 0:13:3])
    before = picture.clone()
    with torch.no_grad():
        expected = by_hand(network, picture, stand_in, top, left, 4)
        found = network(covered(picture, stand_in, top, left, 4))
    assert expected.std(0).min() > 1e-5
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5 * float(expected.std()))
    assert torch.equal(picture, before)


def residual(width=4, side=48):
    torch.manual_seed(0)
    spec = ModelSpec("toy", "Toy CNN", "image", ("a", "b"), (), side, frozenset({"gradients", "layers"}))
    network = ResidualNetwork(2, width)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.weight, 1, 0.3)
            nn.init.normal_(module.bias, 0, 0.3)
    return NetworkModel(spec, network)


def test_early_layers_of_the_residual_network_see_patches_alone(monkeypatch):
    model, seen = residual(side=96), []
    picture, stand_in = (as_tensor(image_toys.picture(seed, side=96)) for seed in (0, 1))
    top, left = np.array([0, 40, 83]), np.array([8, 41, 90])
    model.network.stem[0].register_forward_hook(lambda _, args, out: seen.append((args[0], out)))
    with torch.no_grad():
        found = model.network(covered(picture, stand_in, top, left, 16))
        ((before, after),) = seen
        expected = by_hand(model.network, picture, stand_in, top, left, 16)
    assert isinstance(before, Windowed) and before.shape == (3, 3, 96, 96)
    assert before.patches.shape == (3, 3, 16, 16)
    # A window of 16 that begins at an even pixel reaches 9 cells of a convolution of 3 that takes every second.
    assert after.shape == (3, 4, 48, 48) and after.patches.shape == (3, 4, 9, 9)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    assert type(found) is torch.Tensor


@pytest.mark.parametrize(("window", "stride"), [(8, 4), (11, 7), (48, 5)])
def test_occlusion_of_the_residual_network_is_captums(window, stride):
    from captum.attr import Occlusion

    model, given = residual(), image_toys.picture(1, side=48)
    theirs = Occlusion(model.network).attribute(
        as_tensor(given),
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        baselines=as_tensor(pictures.baseline(given, "blurred")),
        target=1,
    )
    settings = {"window": window, "stride": stride, "baseline": "blurred"}
    got = image_method("occlusion").attribute(model, given, ClassTarget(1), **settings)
    assert got.values == pytest.approx(theirs[0, 0].numpy(), abs=1e-6)


class Watched(nn.Module):
    """Passes an answer on and notes what it was asked with."""

    def __init__(self, inner, spoil=None):
        super().__init__()
        self.inner, self.asked, self.spoil = inner, [], spoil

    def forward(self, x):
        self.asked.append((type(x), len(x)))
        return self.spoil(self.inner, x) if self.spoil else self.inner(x)


def refused(inner, x):
    return inner(torch.from_numpy(x.numpy()))


def aside(inner, x):
    y = x[:, :, ::2]
    y += 0.4  # writes into x, which parts of pictures cannot follow
    return inner(x)


@pytest.mark.parametrize("spoil", [None, refused, aside])
def test_a_network_that_cannot_be_asked_in_parts_is_asked_whole(spoil):
    whole, watched = image_toys.small(), Watched(image_toys.small().network, spoil)
    given, settings = image_toys.picture(4), {"window": 8, "stride": 4}
    got = run("occlusion", ToyImageModel(watched), given.copy(), 2, **settings)
    kinds = [kind for kind, _ in watched.asked]
    assert kinds[:2] == [torch.Tensor, Windowed]
    assert set(kinds[2:]) == ({torch.Tensor} if spoil else {Windowed})
    if spoil is aside:
        whole = ToyImageModel(Watched(whole.network, aside))
    from captum.attr import Occlusion

    theirs = Occlusion(lambda x: whole.network(x.clone())).attribute(
        as_tensor(given),
        sliding_window_shapes=(3, 8, 8),
        strides=(3, 4, 4),
        baselines=as_tensor(pictures.baseline(given, "mean")),
        target=2,
    )
    assert got.values == pytest.approx(theirs[0, 0].numpy(), abs=1e-6)


def test_stages_grow_finer_ask_nothing_twice_and_end_with_the_answer(toy_cnn):
    method, given = image_method("occlusion"), image_toys.picture(2)
    settings = {"window": 8, "stride": 2, "baseline": "black"}
    watched = Watched(toy_cnn.network)
    stages = list(method.stages(ToyImageModel(watched), given, ClassTarget(1), **settings))
    assert [stage.settings["stride"] for stage in stages] == [8, 4, 2]
    assert [stage.passes for stage in stages] == [16 + 3, 49 + 3, 169 + 3]
    assert sum(n for _, n in watched.asked) == 169 + 3
    assert stages[0].milliseconds < stages[1].milliseconds < stages[2].milliseconds
    for stage in stages:
        alone = run("occlusion", toy_cnn, given, 1, **{**settings, "stride": stage.settings["stride"]})
        assert stage.values == pytest.approx(alone.values, abs=1e-6)
        assert (stage.output, stage.target, stage.baseline) == (alone.output, ClassTarget(1), "black")
    last = run("occlusion", toy_cnn, given, 1, **settings)
    assert np.array_equal(stages[-1].values, last.values) and stages[-1].settings == last.settings


def test_coarse_windows_beyond_the_finest_grid_change_no_bit_of_the_last_map(toy_cnn):
    # Of 32 pixels, windows of 7 begin at 0, 6, ..., 30 every sixth and at 0, 3, ..., 27 every third.
    given, settings = image_toys.picture(2), {"window": 7, "stride": 3}
    coarse, fine = image_method("occlusion").stages(toy_cnn, given, ClassTarget(0), **settings)
    last = run("occlusion", toy_cnn, given, 0, **settings)
    assert np.array_equal(fine.values, last.values)
    assert (coarse.passes, fine.passes, last.passes) == (36 + 3, 100 + 11 + 3, 100 + 3)


@pytest.mark.parametrize(
    "name", ["smooth_grad", "integrated_gradients", "occlusion", "gradient_shap", "superpixel_shap"]
)
def test_a_newer_question_stops_an_older_one(toy_cnn, monkeypatch, name):
    monkeypatch.setattr(pictures, "PIXELS_A_PASS", 2 * 32 * 32)
    method, settings = image_method(name), image_toys.QUICK.get(name, {})
    watched, answers = Watched(toy_cnn.network), iter([False, False, True])
    with pytest.raises(Cancelled, match="another one is wanted"):
        method.attribute_unless(
            lambda: next(answers), ToyImageModel(watched), image_toys.picture(), ClassTarget(0), **settings
        )
    assert 0 < sum(n for _, n in watched.asked) < method.passes(toy_cnn.spec, settings).forward
    whole = method.attribute_unless(lambda: False, toy_cnn, image_toys.picture(), ClassTarget(0), **settings)
    assert np.array_equal(whole.values, run(name, toy_cnn, image_toys.picture(), 0).values)
