"""One contract for every method for pictures, then each against captum, SHAP, and values by hand."""

import threading
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from explain import methods, pictures
from explain.attribution import MethodError
from explain.image_method import Passes
from explain.locks import twin_of
from models.spec import ModelSpec
from tests.explain import image_toys

NAMES = [fit.method.name for fit in methods.for_spec(image_toys.small().spec)]
# Small, so that the contract takes seconds.
QUICK = {
    "integrated_gradients": {"steps": 7},
    "gradient_shap": {"samples": 6, "background": image_toys.background()},
}


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model():
    return image_toys.small()


def run(name, model, picture, target=0, **settings):
    return methods.image_method(name).attribute(model, picture, target, **{**QUICK.get(name, {}), **settings})


def as_tensor(picture):
    return torch.from_numpy(picture).permute(2, 0, 1)[None].contiguous()


def hooks(network):
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return [len(getattr(module, kind)) for module in network.modules() for kind in kinds]


def state(model):
    """Whatever a method might leave behind on a model or in the process."""
    network = model.network
    return (
        hooks(network),
        [module.training for module in network.modules()],
        [(value.requires_grad, value.grad is None, value.sum().item()) for value in network.parameters()],
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.random.get_rng_state().sum().item(),
        np.random.get_state()[1].tolist(),
    )


@pytest.mark.parametrize("name", NAMES)
def test_contract(name, model):
    method, given = methods.image_method(name), image_toys.picture()
    assert method.unsupported(model.spec) is None
    before, untouched = state(model), given.copy()
    for target in range(3):
        one, two = (run(name, model, given, target) for _ in range(2))
        assert one.values.shape == (32, 32) and one.values.dtype == np.float64
        assert np.isfinite(one.values).all() and one.values.any()
        assert np.array_equal(one.values, two.values) and one.base_value == two.base_value
        assert one.output == pytest.approx(model.network(as_tensor(given))[0, target].item(), abs=1e-6)
        assert (one.target, one.method, one.units) == (target, name, "logit")
        assert one.milliseconds > 0 and one.normalisation.endswith("not scaled")
        if not method.signed:
            assert (one.values >= 0).all()
    assert np.array_equal(given, untouched)
    assert state(model) == before


@pytest.mark.parametrize("name", NAMES)
def test_answers_within_no_grad_and_deterministic_torch(name, model):
    usual = run(name, model, image_toys.picture()).values
    torch.use_deterministic_algorithms(True)
    try:
        with torch.no_grad():
            assert np.array_equal(run(name, model, image_toys.picture()).values, usual)
            assert not torch.is_grad_enabled()
        assert torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("name", NAMES)
def test_passes_are_known_before_and_are_those_that_were_made(name):
    model = image_toys.small()
    seen = {"forward": 0, "backward": 0}

    class Counted(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner, self.conv2 = inner, inner.conv2

        def forward(self, x):
            seen["forward"] += len(x)
            if torch.is_grad_enabled():
                seen["backward"] += len(x)
            return self.inner(x)

    model.network = Counted(model.network).eval()
    told = methods.image_method(name).passes(model.spec, QUICK.get(name))
    got = run(name, model, image_toys.picture())
    assert told == Passes(seen["forward"], seen["backward"])
    assert told == Passes(got.passes, got.backward_passes)


@pytest.mark.parametrize("name", NAMES)
def test_refuses_with_a_sentence(name, model, toy_tree):
    method = methods.image_method(name)
    reason = method.unsupported(toy_tree.spec)
    assert reason == f"{method.title} explains pictures, and Toy tree answers for rows of a table."
    blind = ModelSpec("x", "Blind", "image", ("a",), (), 32, frozenset())
    assert "Blind offers none" in method.unsupported(blind)
    with pytest.raises(MethodError, match="rows of a table"):
        method.attribute(toy_tree, np.zeros(5), 0)
    with pytest.raises(MethodError, match="but was given depth"):
        run(name, model, image_toys.picture(), depth=3)
    with pytest.raises(ValueError, match="Target 3"):
        run(name, model, image_toys.picture(), 3)
    with pytest.raises(ValueError, match=r"takes a picture of shape \(32, 32, 3\)"):
        run(name, model, image_toys.picture(side=31))
    for wrong in (np.nan, 1.5, -0.1):
        with pytest.raises(ValueError, match="values from 0 to 1"):
            run(name, model, np.full((32, 32, 3), wrong))


@pytest.mark.parametrize("name", NAMES)
def test_refuses_a_network_in_training(name):
    model = image_toys.small()
    model.network.train()
    with pytest.raises(ValueError, match="training mode"):
        run(name, model, image_toys.picture())


@pytest.mark.parametrize("name", ["tree_shap", "decision_path"])
def test_methods_for_tables_refuse_pictures(name, model):
    assert "Toy CNN is not" in methods.method(name).unsupported(model.spec)
    with pytest.raises(MethodError, match="does not explain pictures"):
        methods.image_method(name)


def test_catalogue_lists_cheap_methods_first_and_those_that_fit():
    model, _ = image_toys.linear()
    fits = [(fit.method.name, fit.reason is None) for fit in methods.for_spec(model.spec)]
    assert fits == [
        ("saliency", True),
        ("integrated_gradients", True),
        ("occlusion", True),
        ("gradient_shap", True),
        ("grad_cam", False),
    ]
    assert NAMES[:2] == ["grad_cam", "saliency"]


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
    assert got.passes == 10 and got.backward_passes == 0


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


def test_saliency_is_captums(model):
    from captum.attr import Saliency

    given = image_toys.picture(3)
    theirs = Saliency(model.network).attribute(as_tensor(given).requires_grad_(), target=1)
    assert run("saliency", model, given, 1).values == pytest.approx(theirs[0].amax(0).numpy(), abs=1e-7)


def test_grad_cam_is_captums(model):
    from captum.attr import LayerAttribution, LayerGradCam

    given = image_toys.picture(3)
    coarse = LayerGradCam(model.network, model.network.conv2).attribute(
        as_tensor(given), target=2, relu_attributions=True
    )
    theirs = LayerAttribution.interpolate(coarse, (32, 32), "bilinear")[0, 0].detach().numpy()
    assert theirs.any()
    assert run("grad_cam", model, given, 2).values == pytest.approx(theirs, abs=1e-7)


@pytest.mark.parametrize("limit", [1, 5 * 32 * 32, 10**9])
def test_integrated_gradients_are_captums_whatever_fits_into_a_pass(model, monkeypatch, limit):
    from captum.attr import IntegratedGradients

    monkeypatch.setattr(pictures, "PIXELS_A_PASS", limit)
    given = image_toys.picture(3)
    start = as_tensor(pictures.baseline(given, "mean"))
    theirs = IntegratedGradients(model.network).attribute(as_tensor(given), start, target=1, n_steps=12)
    got = run("integrated_gradients", model, given, 1, steps=12)
    assert got.values == pytest.approx(theirs[0].sum(0).detach().numpy(), abs=1e-6)
    logits = [model.network(as_tensor(one))[0, 1].item() for one in (given, pictures.baseline(given, "mean"))]
    assert got.completeness_gap == pytest.approx(abs(got.values.sum() - (logits[0] - logits[1])), abs=1e-6)


@pytest.mark.parametrize("limit", [1, 10 * 32 * 32, 10**9])
@pytest.mark.parametrize(("window", "stride"), [(5, 2), (7, 3), (7, 7), (32, 1), (10, 9)])
def test_occlusion_is_captums_whatever_fits_into_a_pass(model, monkeypatch, window, stride, limit):
    from captum.attr import Occlusion

    monkeypatch.setattr(pictures, "PIXELS_A_PASS", limit)
    given = image_toys.picture(3)
    theirs = Occlusion(model.network).attribute(
        as_tensor(given),
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        baselines=as_tensor(pictures.baseline(given, "mean")),
        target=1,
        perturbations_per_eval=16,
    )
    got = run("occlusion", model, given, 1, window=window, stride=stride)
    assert got.values == pytest.approx(theirs[0, 0].numpy(), abs=1e-6)


def test_gradient_shap_is_shaps(model):
    import shap

    given, others = image_toys.picture(3), image_toys.background(4)
    background = torch.from_numpy(others).permute(0, 3, 1, 2)
    explainer = shap.GradientExplainer(model.network, background)
    theirs = explainer.shap_values(as_tensor(given), nsamples=20, rseed=11)[0, ..., 1].sum(axis=0)
    got = run("gradient_shap", model, given, 1, samples=20, seed=11, background=others)
    assert got.values == pytest.approx(theirs, abs=1e-6)
    assert got.base_value == pytest.approx(model.network(background)[:, 1].mean().item(), abs=1e-6)
    other = run("gradient_shap", model, given, 1, samples=20, seed=12, background=others)
    assert not np.array_equal(got.values, other.values)


# Settings.


def test_settings_are_checked_and_told(model):
    given = image_toys.picture()
    got = run("occlusion", model, given, window="8", stride=4)
    assert got.settings == {"window": 8, "stride": 4, "baseline": "mean"}
    with pytest.raises(MethodError, match="stride 9 is more than window 8"):
        run("occlusion", model, given, window=8, stride=9)
    with pytest.raises(MethodError, match="window must be a whole number from 1 to 32, not 33"):
        run("occlusion", model, given, window=33)
    with pytest.raises(MethodError, match="one of mean, black, blurred, not 'white'"):
        run("integrated_gradients", model, given, baseline="white")
    with pytest.raises(MethodError, match="was given no background"):
        methods.method("gradient_shap").attribute(model, given, 0)
    for wrong in (np.zeros((2, 31, 31, 3)), np.zeros((0, 32, 32, 3)), np.full((1, 32, 32, 3), 2.0)):
        with pytest.raises(MethodError, match="needs a background"):
            run("gradient_shap", model, given, background=wrong)


# Threads and hooks.


def test_a_twin_shares_the_weights_and_not_the_hooks(model):
    with twin_of(model.network) as twin:
        assert twin is not model.network
        pairs = list(
            zip(
                twin.state_dict(keep_vars=True).values(),
                model.network.state_dict(keep_vars=True).values(),
                strict=True,
            )
        )
        assert pairs and all(one is two for one, two in pairs)
        twin.conv2.register_forward_hook(lambda *_: None).remove()
    with twin_of(model.network) as again:
        assert again is twin


def test_twins_go_with_their_networks():
    import gc
    import weakref

    model = image_toys.small()
    run("grad_cam", model, image_toys.picture())
    with twin_of(model.network) as twin:
        seen = [weakref.ref(model.network), weakref.ref(twin)]
    del model, twin
    gc.collect()
    assert [one() for one in seen] == [None, None]


@pytest.mark.parametrize("name", NAMES)
def test_no_hook_stays_behind_after_a_failure(name):
    class Failing(nn.Module):
        def forward(self, x):
            raise RuntimeError("out of memory")

    model = image_toys.small()
    with twin_of(model.network) as twin:
        pass
    before = hooks(model.network), hooks(twin)
    twin.head = model.network.head = Failing().eval()
    with pytest.raises(RuntimeError, match="out of memory"):
        run(name, model, image_toys.picture())
    model.network.head = twin.head = nn.Linear(8, 3)
    assert (hooks(model.network), hooks(twin)) == before
    assert np.isfinite(run(name, image_toys.small(), image_toys.picture()).values).all()


def test_threads_get_their_own_right_answers(model):
    asked = [(name, seed, target) for name in NAMES for seed in range(3) for target in range(3)]

    def answer(name, seed, target):
        return run(name, model, image_toys.picture(seed), target).values

    alone = {one: answer(*one) for one in asked}
    batch = image_toys.background(4)
    probabilities = model.predict_proba(batch)
    wrong, stop = [], threading.Event()

    def explain(number):
        order = np.random.default_rng(number).permutation(len(asked) * 2) % len(asked)
        for position in order:
            one = asked[position]
            try:
                if not np.array_equal(answer(*one), alone[one]):
                    wrong.append(one)
            except Exception as error:
                wrong.append((one, error))

    def predict():
        while not stop.is_set():
            if not np.array_equal(model.predict_proba(batch), probabilities):
                wrong.append("prediction")

    predicting = threading.Thread(target=predict)
    explaining = [threading.Thread(target=explain, args=(number,)) for number in range(4)]
    with warnings.catch_warnings():
        for thread in (predicting, *explaining):
            thread.start()
        for thread in explaining:
            thread.join()
        stop.set()
        predicting.join()
    assert wrong == []
