"""The randomisation check: the order of the layers, what is drawn anew, and what stays untouched."""

import copy

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from explain.trust.checks import randomisation as check
from explain.trust.checks.randomisation import DRAWS, cascade, randomisation, redraw, untrained
from models import networks
from models.backbones import MobileNetwork
from models.spec import ModelSpec
from tests.explain import image_toys
from tests.explain.image_toys import hooks, run

pytestmark = pytest.mark.usefixtures("one_torch_thread")
GIVEN = image_toys.picture()


def by(name, target=0):
    return lambda model: run(name, model, GIVEN, target).values


def residual(width=4, size=32):
    torch.manual_seed(0)
    network = networks.ResidualNetwork(3, width)
    network.initialise(torch.Generator().manual_seed(1), "none")
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 2)
    spec = ModelSpec("r", "R", "image", ("a", "b", "c"), (), size, frozenset({"gradients", "layers"}))
    return networks.NetworkModel(spec, network)


def mobile():
    network = MobileNetwork(3)
    network.initialise(torch.Generator().manual_seed(1), "none")
    spec = ModelSpec("m", "M", "image", ("a", "b", "c"), (), 32, frozenset({"gradients", "layers"}))
    return networks.NetworkModel(spec, network)


def test_layers_go_from_the_head_down_whatever_order_they_were_written_in():
    steps = [(layer, replaced) for layer, replaced, _ in cascade(image_toys.small(), GIVEN, 99, 0)]
    assert [layer for layer, _ in steps] == ["head", "conv2", "norm", "conv1"]
    assert [replaced for _, replaced in steps] == [0.25, 0.5, 0.75, 1.0]
    # The residual network writes its head first and runs it last.
    layers = [layer for layer, *_ in cascade(residual(), GIVEN, 999, 0)]
    assert layers[0] == "head" and layers[-2:] == ["stem.1", "stem.0"]
    assert len(layers) == sum(
        next(m.parameters(recurse=False), None) is not None for m in residual().network.modules()
    )
    few = [(layer, replaced) for layer, replaced, _ in cascade(residual(), GIVEN, 3, 0)]
    assert len(few) == 3 and few[-1] == ("stem.0", 1.0)


def test_each_stage_draws_its_layers_and_leaves_those_below():
    model = image_toys.small()
    before = model.network.state_dict()
    changed = [
        {
            name.partition(".")[0]
            for name, value in redrawn.network.state_dict().items()
            if not value.equal(before[name])
        }
        for _, _, redrawn in cascade(model, GIVEN, 99, 0)
    ]
    # A normalisation that was never trained is already in the state in which it begins.
    assert changed == [{"head"}, {"head", "conv2"}, {"head", "conv2"}, {"head", "conv2", "conv1"}]


def test_a_layer_is_redrawn_to_the_state_in_which_an_untrained_one_begins():
    norm, conv = nn.BatchNorm2d(4), nn.Conv2d(8, 500, 3)
    for value in (norm.weight.data, norm.bias.data, norm.running_mean, norm.running_var):
        value.fill_(7.0)
    generator = torch.Generator().manual_seed(0)
    redraw(norm, generator)
    fresh = nn.BatchNorm2d(4)
    assert all(value.equal(fresh.state_dict()[name]) for name, value in norm.state_dict().items())
    redraw(conv, generator)
    # Kaiming normal: a variance of 2 over the 8 * 3 * 3 values that go in.
    assert conv.weight.std().item() == pytest.approx(np.sqrt(2 / 72), rel=0.01)
    assert not conv.bias.any()


@pytest.mark.parametrize("make", [residual, mobile])
def test_every_weight_is_drawn_anew_and_the_network_still_answers(make):
    model = make()
    drawn, other = untrained(model, 3), untrained(model, 4)
    for name, value in drawn.network.named_parameters():
        if value.ndim > 1:
            assert not value.equal(dict(model.network.named_parameters())[name])
            assert not value.equal(dict(other.network.named_parameters())[name])
    for name, value in drawn.network.named_buffers():
        if name.endswith("running_mean"):
            assert not value.any()
    probabilities = drawn.predict_proba(image_toys.background(2))
    assert probabilities.shape == (2, 3) and probabilities.sum(axis=1) == pytest.approx(1)
    again = untrained(model, 3)
    assert np.array_equal(again.predict_proba(GIVEN[None]), drawn.predict_proba(GIVEN[None]))


def test_the_network_itself_is_never_touched():
    model = image_toys.small()
    before, traces = copy.deepcopy(model.network.state_dict()), hooks(model.network)
    randomisation(by("grad_cam"), model, GIVEN, by("grad_cam")(model))
    assert all(value.equal(before[name]) for name, value in model.network.state_dict().items())
    assert hooks(model.network) == traces


def test_a_map_that_does_not_look_at_the_weights_scores_0():
    blind = np.arange(GIVEN[..., 0].size, dtype=float).reshape(GIVEN.shape[:2])
    found = randomisation(lambda model: blind, image_toys.small(), GIVEN, blind)
    assert found.score == 0 and found.similarity == 1 and found.complexity_rise == 0
    assert all(stage.rank == stage.structure == pytest.approx(1) for stage in found.stages)


def test_saliency_of_a_linear_network_against_weights_drawn_by_hand():
    model, weights = image_toys.linear()
    found = randomisation(by("saliency"), model, GIVEN, by("saliency")(model), seed=5)
    original = np.abs(weights[0]).max(axis=2).ravel()
    expected = []
    for seed in range(5, 5 + DRAWS):
        # Kaiming: normal, with a variance of 2 over the values that go in.
        drawn = torch.randn(3, 3 * 32 * 32, generator=torch.Generator().manual_seed(seed))
        sizes = (drawn[0] * np.sqrt(2 / 3072)).reshape(3, -1).abs().amax(0)
        expected.append(spearmanr(original, sizes).statistic)
    assert found.draws == pytest.approx(expected, abs=1e-6)
    assert found.similarity == pytest.approx(np.mean(np.maximum(expected, 0)))
    assert found.score > 0.9 and found.random_seed == 5 + DRAWS - 1
    assert np.array_equal(found.random_map, by("saliency")(untrained(model, found.random_seed)))


def test_the_stages_are_compared_as_quantus_compares_them():
    from quantus.functions.similarity_func import correlation_spearman

    model = residual()
    original = by("saliency")(model)
    found = randomisation(by("saliency"), model, GIVEN, original, stages=4, seed=2)
    expected = [
        correlation_spearman(np.abs(original).ravel(), np.abs(by("saliency")(redrawn)).ravel())
        for *_, redrawn in cascade(model, GIVEN, 4, 2)
    ]
    assert [stage.rank for stage in found.stages] == pytest.approx(expected, abs=1e-12)
    assert found.draws[0] == found.stages[-1].rank
    # The head alone tells less than everything does.
    assert found.stages[0].rank > found.similarity


def test_what_it_costs_is_one_pass_and_a_map_a_stage_and_a_draw():
    model, asked = residual(), []
    randomisation(lambda m: asked.append(m) or by("saliency")(m), model, GIVEN, by("saliency")(model))
    assert len(asked) == check.STAGES + DRAWS - 1


def test_refuses_a_model_without_a_network(toy_tree):
    with pytest.raises(ValueError, match="no network whose weights"):
        untrained(toy_tree, 0)
