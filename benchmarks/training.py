"""What the training of the network costs beside a bare loop that takes the same steps on the same pictures."""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmarks.measure import Row, compare

_PICTURES, _BATCH, _EPOCHS, _SIZE, _RATE = 256, 64, 5, 96, 0.003


def training() -> Row:
    """Our training, with augmentation, mixup, the running mean of the weights and its reports, against steps alone.

    The bare loop is handed pictures that are ready, of the sizes that ours takes: forward, loss, back, step.
    Its images a second are those of ours times the ratio.
    """
    return compare(
        "training, 20 steps of 64 pictures", _ours, "a bare torch loop, same sizes", _bare, rounds=5
    )


def _ours() -> None:
    import torch

    from models import network_training
    from models.augmentation import SCENE_CUT
    from models.network_training import Recipe, Stream

    images, y, _ = _material()
    network_training.train(
        _network(),
        images,
        y,
        [Stream(torch.arange(_PICTURES), _BATCH, SCENE_CUT)],
        Recipe(_EPOCHS, _RATE, _SIZE, augmented=True),
        torch.Generator().manual_seed(0),
        lambda progress: None,
        lambda network: 0.0,
    )


def _bare() -> None:
    import torch
    from torch.nn import functional

    _, y, ready = _material()
    network = _network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE)
    network.train()
    steps = _EPOCHS * (_PICTURES // _BATCH)
    for step in range(1, steps + 1):
        x = ready[2 * _SIZE // 3 if step <= _coarse() * steps else _SIZE]
        loss = functional.cross_entropy(network(x), y[:_BATCH])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def _coarse() -> float:
    """Up to which share of the training ours takes small pictures."""
    from models.network_training import Recipe

    return Recipe(_EPOCHS, _RATE, _SIZE, augmented=True).coarse


@cache
def _material() -> tuple[Any, Any, dict[int, Any]]:
    """Pictures as bytes, their classes, and a batch of each size as a network takes it."""
    import torch

    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (_PICTURES, _SIZE, _SIZE, 3), dtype=torch.uint8, generator=generator)
    ready = {
        size: torch.rand((_BATCH, 3, size, size), generator=generator).contiguous(
            memory_format=torch.channels_last
        )
        for size in (2 * _SIZE // 3, _SIZE)
    }
    return images, torch.arange(_PICTURES) % 2, ready


def _network() -> Any:
    import torch

    from models import networks

    torch.set_num_threads(2)
    network = networks.build(2, "residual", 32)
    network.initialise(torch.Generator().manual_seed(0), "none")
    return network.to(memory_format=torch.channels_last)
