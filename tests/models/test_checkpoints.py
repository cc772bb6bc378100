"""What is kept of a network on its way: the epochs, the weights to half precision, the temperature of the end."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models import checkpoints, muffin_cnn, networks
from models.checkpoints import Keeper, read
from models.networks import ResidualNetwork


def network(seed: int) -> ResidualNetwork:
    made = ResidualNetwork(2, 4).eval()
    made.initialise(torch.Generator().manual_seed(seed), "none")
    return made


@pytest.mark.parametrize(
    ("n", "epochs", "kept"),
    [(0, 9, []), (3, 8, [1, 2, 4]), (6, 3, [1, 2]), (5, 1, []), (1, 100, [1])],
)
def test_epochs_lie_closer_at_the_beginning_and_leave_the_last_out(
    n: int, epochs: int, kept: list[int]
) -> None:
    """Of 8 epochs three copies are a geometric row: 1, 2, 4, and 8 is the artefact."""
    assert Keeper(n, epochs).epochs == kept


def test_a_checkpoint_answers_as_the_network_did_then() -> None:
    keeper, networks_then = Keeper(3, 8), [network(seed) for seed in range(8)]
    for one in networks_then:
        keeper.see(one)
    end = networks.NetworkModel(muffin_cnn.SPEC, networks_then[-1])
    end.network.temperature.fill_(0.5)
    found = read(muffin_cnn.SPEC, keeper.dump(), networks.dump(end, "residual", 4))
    assert [one.epoch for one in found] == [1, 2, 4]
    pictures = np.random.default_rng(0).random((3, 96, 96, 3), dtype=np.float32)
    pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    for one in found:
        with torch.no_grad():
            logits = networks_then[one.epoch - 1](pixels).numpy()
            asked = one.model.network(pixels).numpy()
        np.testing.assert_allclose(asked, logits / 0.5, atol=2e-2 * np.abs(logits).max())
        assert one.model.spec is muffin_cnn.SPEC


def test_the_same_training_gives_the_same_file() -> None:
    files = []
    for _ in range(2):
        keeper = Keeper(2, 4)
        for seed in range(4):
            keeper.see(network(seed))
        files.append(keeper.dump())
    assert files[0] == files[1]
    assert checkpoints.FILE.endswith(".safetensors")
