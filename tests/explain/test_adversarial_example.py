"""Adversarial examples of networks whose borders are known, and what is promised of any."""

import numpy as np
import pytest
import torch
from torch import nn

from explain.adversarial.adversarial_example import WAVES, adversarial_example, unsupported
from explain.attributions.attribution import MethodError
from explain.cancelling import Cancelled
from tests.explain import image_toys
from tests.explain.image_toys import SIDE, ToyImageModel

pytestmark = pytest.mark.usefixtures("one_torch_thread")

GREY = np.full((SIDE, SIDE, 3), 0.5, np.float32)


def to_the_border(model, weights, project=lambda way: way):
    """The distance to the nearest other class of a linear network: lead / |difference of weights|."""
    logits = np.log(model.predict_proba(GREY[None])[0])
    top = int(np.argmax(logits))
    return min(
        (logits[top] - logits[other]) / np.linalg.norm(project(weights[top] - weights[other]))
        for other in range(3)
        if other != top
    )


def slow(way):
    """Projection on products of the slowest cosines, written out as matrices."""
    k, n = np.arange(WAVES)[:, None], np.arange(SIDE)
    cosines = np.cos(np.pi * k * (2 * n + 1) / (2 * SIDE)) * np.sqrt(2 / SIDE)
    cosines[0] /= np.sqrt(2)
    onto = cosines.T @ cosines
    return np.einsum("ij,jkc,kl->ilc", onto, way, onto)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("kind", "project"), [("smallest", lambda way: way), ("soft", slow)])
def test_of_a_linear_network_it_is_the_distance_to_the_nearest_border(seed, kind, project):
    model, weights = image_toys.linear(seed=seed)
    found = adversarial_example(model, GREY, kind)
    assert found.l2 == pytest.approx(to_the_border(model, weights, project), rel=2e-3)
    assert np.argmax(found.after) != np.argmax(found.before)
    assert project(found.difference) == pytest.approx(found.difference, abs=1e-6)
    assert found.largest == pytest.approx(255 * np.abs(found.changed - GREY).max(), rel=1e-6)


class Ball(nn.Module):
    """Inside a ball around grey it is the first class, outside the second; the third is never near."""

    def __init__(self, radius, centre):
        super().__init__()
        self.radius, self.centre = radius, centre

    def forward(self, x):
        square = ((x - self.centre) ** 2).sum((1, 2, 3))
        return torch.stack([self.radius**2 - square, square - self.radius**2, -100 + 0 * square], dim=1)


def test_of_a_ball_it_is_the_radius_less_the_distance_from_the_centre():
    aside = np.random.default_rng(0).normal(size=GREY.shape)
    start = (GREY + 0.3 * aside / np.linalg.norm(aside)).astype(np.float32)
    found = adversarial_example(ToyImageModel(Ball(1.0, 0.5)), start)
    assert found.l2 == pytest.approx(1.0 - 0.3, rel=2e-3)
    # The nearest way out goes on from the centre through the start.
    assert found.difference == pytest.approx(0.7 * aside / np.linalg.norm(aside), abs=1e-3)


def undecided(given, lead=0.001):
    """A small CNN that answers a picture with its first class, by a lead in logits over both others."""
    model = image_toys.small()
    with torch.no_grad():
        model.network.head.bias -= model.network(image_toys.as_tensor(given))[0]
        model.network.head.bias[0] += lead
    return model


@pytest.mark.parametrize("kind", ["smallest", "soft"])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_flips_the_answer_also_as_a_file(kind, seed):
    given = image_toys.picture(seed)
    toy_cnn = undecided(given)
    untouched = given.copy()
    found = adversarial_example(toy_cnn, given, kind)
    assert np.array_equal(given, untouched) and np.array_equal(found.picture, given)
    assert found.before == pytest.approx(toy_cnn.predict_proba(given[None])[0])
    assert found.after == pytest.approx(toy_cnn.predict_proba(found.changed[None])[0])
    assert np.argmax(found.before) != np.argmax(found.after)
    assert found.changed.dtype == np.float32 and found.changed.min() >= 0 and found.changed.max() <= 1
    assert found.saved.dtype == np.uint8
    again = toy_cnn.predict_proba(found.saved[None].astype(np.float32) / 255)[0]
    assert found.after_saved == pytest.approx(again) and np.argmax(again) != np.argmax(found.before)
    levels = np.abs(found.saved.astype(int) - np.rint(255 * given).astype(int)).max()
    assert found.largest_saved == levels > 0
    # It stands at the border: nearly the whole way is still answered as before.
    short = (given + 0.99 * found.difference).astype(np.float32)
    assert np.argmax(toy_cnn.predict_proba(short[None])[0]) == np.argmax(found.before)
    if kind == "soft":
        assert found.l2 >= adversarial_example(toy_cnn, given).l2


def test_it_counts_what_it_asks():
    seen, inner = {"forward": 0, "backward": 0}, undecided(image_toys.picture()).network

    class Counted(nn.Module):
        def forward(self, x):
            seen["forward"] += len(x)
            seen["backward"] += len(x) * torch.is_grad_enabled()
            return inner(x)

    found = adversarial_example(ToyImageModel(Counted()), image_toys.picture())
    assert (found.passes.forward, found.passes.backward) == (seen["forward"], seen["backward"])
    assert 0 < found.passes.backward < found.passes.forward < 400


def test_where_no_change_matters_there_is_none():
    class Deaf(nn.Module):
        def forward(self, x):
            return torch.tensor([1.0, 0.0, 0.0]) + 0 * x.sum((1, 2, 3))[:, None]

    assert adversarial_example(ToyImageModel(Deaf()), GREY) is None


def test_refuses_and_stops(toy_cnn, toy_tree):
    assert "rows of a table" in unsupported(toy_tree.spec) and unsupported(toy_cnn.spec) is None
    blind = ToyImageModel(nn.Flatten(), capabilities=())
    with pytest.raises(MethodError, match="Toy CNN offers none"):
        adversarial_example(blind, GREY)
    with pytest.raises(ValueError, match="values from 0 to 1"):
        adversarial_example(toy_cnn, GREY + 1)
    answers = iter([False, False, False, True])
    with pytest.raises(Cancelled):
        adversarial_example(toy_cnn, image_toys.picture(), cancelled=lambda: next(answers))
