"""One contract for every method for pictures: what it gives, refuses, costs, and leaves behind."""

import numpy as np
import pytest
import torch
from torch import nn

from explain import methods
from explain.attributions.attribution import MethodError
from explain.attributions.image_method import Passes
from explain.targets import ClassTarget
from models.spec import ModelSpec
from tests.explain import image_toys
from tests.explain.image_toys import NAMES, QUICK, as_tensor, hooks, run

pytestmark = pytest.mark.usefixtures("one_torch_thread")


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
def test_contract(name, toy_cnn):
    method, given = methods.image_method(name), image_toys.picture()
    assert method.unsupported(toy_cnn.spec) is None
    before, untouched = state(toy_cnn), given.copy()
    for target in range(3):
        one, two = (run(name, toy_cnn, given, target) for _ in range(2))
        assert one.values.shape == (32, 32) and one.values.dtype == np.float64
        assert np.isfinite(one.values).all() and one.values.any()
        assert np.array_equal(one.values, two.values) and one.base_value == two.base_value
        assert one.output == pytest.approx(toy_cnn.network(as_tensor(given))[0, target].item(), abs=1e-6)
        assert (one.target, one.method, one.units) == (ClassTarget(target), name, "logit")
        assert one.milliseconds > 0 and one.normalisation.endswith("not scaled")
        if not method.signed:
            assert (one.values >= 0).all()
    assert np.array_equal(given, untouched)
    assert state(toy_cnn) == before


@pytest.mark.parametrize("name", NAMES)
def test_answers_within_no_grad_and_deterministic_torch(name, toy_cnn):
    usual = run(name, toy_cnn, image_toys.picture()).values
    torch.use_deterministic_algorithms(True)
    try:
        with torch.no_grad():
            assert np.array_equal(run(name, toy_cnn, image_toys.picture()).values, usual)
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
def test_refuses_with_a_sentence(name, toy_cnn, toy_tree):
    method = methods.image_method(name)
    reason = method.unsupported(toy_tree.spec)
    assert reason == f"{method.title} explains pictures, and Toy tree answers for rows of a table."
    blind = ModelSpec("x", "Blind", "image", ("a",), (), 32, frozenset())
    only_answers = name in ("occlusion", "superpixel_shap")
    assert (method.unsupported(blind) or "").endswith("" if only_answers else "Blind offers none.")
    assert (method.unsupported(blind) is None) == only_answers
    with pytest.raises(MethodError, match="rows of a table"):
        method.attribute(toy_tree, np.zeros(5), ClassTarget(0))
    with pytest.raises(MethodError, match="but was given depth"):
        run(name, toy_cnn, image_toys.picture(), depth=3)
    with pytest.raises(ValueError, match="Target 3"):
        run(name, toy_cnn, image_toys.picture(), 3)
    with pytest.raises(ValueError, match=r"takes a picture of shape \(32, 32, 3\)"):
        run(name, toy_cnn, image_toys.picture(side=31))
    for wrong in (np.nan, 1.5, -0.1):
        with pytest.raises(ValueError, match="values from 0 to 1"):
            run(name, toy_cnn, np.full((32, 32, 3), wrong))


@pytest.mark.parametrize("name", NAMES)
def test_refuses_a_network_in_training(name):
    model = image_toys.small()
    model.network.train()
    with pytest.raises(ValueError, match="training mode"):
        run(name, model, image_toys.picture())


@pytest.mark.parametrize("name", ["tree_shap", "decision_path", "permutation_shap"])
def test_methods_for_tables_refuse_pictures(name, toy_cnn):
    assert "Toy CNN answers for pictures" in methods.method(name).unsupported(toy_cnn.spec)
    with pytest.raises(MethodError, match="does not explain pictures"):
        methods.image_method(name)


def test_catalogue_lists_cheap_methods_first_and_those_that_fit():
    model, _ = image_toys.linear()
    fits = [(fit.method.name, fit.reason is None) for fit in methods.for_spec(model.spec)]
    assert fits == [
        ("saliency", True),
        ("smooth_grad", True),
        ("integrated_gradients", True),
        ("occlusion", True),
        ("gradient_shap", True),
        ("superpixel_shap", True),
        ("grad_cam", False),
    ]
    assert NAMES[:2] == ["grad_cam", "saliency"]


def test_settings_are_checked_and_told(toy_cnn):
    given = image_toys.picture()
    got = run("occlusion", toy_cnn, given, window="8", stride=4)
    assert got.settings == {"window": 8, "stride": 4, "baseline": "mean"}
    with pytest.raises(MethodError, match="stride 9 is more than window 8"):
        run("occlusion", toy_cnn, given, window=8, stride=9)
    with pytest.raises(MethodError, match="window must be a whole number from 1 to 32, not 33"):
        run("occlusion", toy_cnn, given, window=33)
    with pytest.raises(MethodError, match="one of mean, black, blurred, not 'white'"):
        run("integrated_gradients", toy_cnn, given, baseline="white")
    with pytest.raises(MethodError, match="was given no background"):
        methods.method("gradient_shap").attribute(toy_cnn, given, ClassTarget(0))
    for wrong in (np.zeros((2, 31, 31, 3)), np.zeros((0, 32, 32, 3)), np.full((1, 32, 32, 3), 2.0)):
        with pytest.raises(MethodError, match="needs a background"):
            run("gradient_shap", toy_cnn, given, background=wrong)
