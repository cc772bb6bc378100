"""Max-sensitivity by hand, and against captum's own."""

import numpy as np
import pytest
import torch

from explain.trust.checks.stability import RADIUS, SAMPLES, max_sensitivity, nearby
from tests.explain import image_toys
from tests.explain.image_toys import as_tensor, run

pytestmark = pytest.mark.usefixtures("one_torch_thread")


def test_it_is_the_largest_change_over_the_maps_size():
    values = np.array([[3.0, 0], [0, 4]])
    assert max_sensitivity(values, [values, values + np.eye(2)[::-1], values * 1.5]) == 0.5
    assert max_sensitivity(values, [values.copy()]) == 0
    # As captum has it, the size of an empty map counts as 1.
    assert max_sensitivity(np.zeros((2, 2)), [values]) == 5


def test_pictures_nearby_lie_in_the_ball_and_are_pictures():
    given = image_toys.picture()
    given[:4] = 0.0
    given[4:8] = 1.0
    near = nearby(given, 3)
    assert len(near) == SAMPLES
    for one in near:
        assert one.dtype == np.float32 and one.min() >= 0 and one.max() <= 1
        assert 0.9 * RADIUS < np.abs(one - given).max() <= RADIUS + 1e-6
    assert not np.array_equal(near[0], near[1])
    assert all(np.array_equal(a, b) for a, b in zip(near, nearby(given, 3), strict=True))
    assert not np.array_equal(near[0], nearby(given, 4)[0])


def test_it_is_captums_for_saliency_of_a_network():
    from captum.attr import Saliency
    from captum.metrics import sensitivity_max

    model, given = image_toys.small(), image_toys.picture(3)
    near = nearby(given, 1)

    def explained(given):
        """As captum's own do: a tuple for a tuple, a tensor for a tensor."""
        if isinstance(given, tuple):
            return (explained(given[0]),)
        pixels = given.detach().requires_grad_()
        return Saliency(model.network).attribute(pixels, target=1).amax(1)

    theirs = sensitivity_max(
        explained,
        as_tensor(given),
        perturb_func=lambda pixels: torch.cat([as_tensor(one) for one in near]),
        n_perturb_samples=SAMPLES,
    )
    ours = max_sensitivity(
        run("saliency", model, given, 1).values, [run("saliency", model, one, 1).values for one in near]
    )
    assert ours > 0.01
    assert ours == pytest.approx(theirs.item(), rel=1e-5)
