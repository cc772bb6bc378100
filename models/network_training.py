"""The training of a network, on one screen. Importing this module imports torch."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from models.augmentation import Cut, augment, plain
from models.calibrated_network import CalibratedNetwork
from models.spec import Progress, Report


@dataclass(frozen=True, slots=True)
class Stream:
    """Pictures of one source: their rows, how many of them stand in each batch, and how they are cut."""

    rows: Tensor
    in_batch: int
    cut: Cut


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast. An epoch is one pass over the first stream.

    ``size`` is the side that the network is made for. For the first ``coarse`` share of the training
    it sees pictures of two thirds of that, which takes less than half the time (Howard, "fast.ai's
    DAWNBench entry", 2018).
    """

    epochs: int
    learning_rate: float
    size: int
    augmented: bool
    coarse: float = 0.6
    smoothing: float = 0.05
    mixup: float = 0.2
    weight_decay: float = 0.05
    average: float = 0.995


def train(
    network: CalibratedNetwork,
    images: Tensor,
    y: Tensor,
    streams: Sequence[Stream],
    recipe: Recipe,
    generator: Generator,
    report: Report,
    judge: Callable[[CalibratedNetwork], float],
) -> tuple[CalibratedNetwork, list[dict[str, float]]]:
    """Train by AdamW with one cycle of the learning rate, mixup and a running mean of the weights.

    Parameters
    ----------
    images : Tensor of shape (n, side, side, 3), uint8
    y : Tensor of shape (n,), int64
    judge : callable (network) -> float
        Accuracy on the validation rows, asked at the end of each epoch.

    Returns
    -------
    averaged : CalibratedNetwork
        The running mean of the weights, in evaluation mode.
    curve : list of dict
        For each epoch ``epoch``, ``loss`` (mean over its batches, smoothed and mixed labels) and
        ``accuracy`` (validation).
    """
    n_classes = int(y.max()) + 1
    per_epoch = max(1, len(streams[0].rows) // streams[0].in_batch)
    total = per_epoch * recipe.epochs
    optimiser = torch.optim.AdamW(_groups(network, recipe.weight_decay), lr=recipe.learning_rate)
    drawn = [_endless(stream, generator) for stream in streams]
    averaged, curve, losses = copy.deepcopy(network).eval(), [], []
    network.train()
    for step in range(1, total + 1):
        size = 2 * recipe.size // 3 if step <= recipe.coarse * total else recipe.size
        rows = [next(source) for source in drawn]
        if recipe.augmented:
            parts = [augment(images[r], size, s.cut, generator) for r, s in zip(rows, streams, strict=True)]
        else:
            parts = [plain(images[r], size) for r in rows]
        x, target = _mix(
            torch.cat(parts), functional.one_hot(y[torch.cat(rows)], n_classes), recipe, generator
        )
        loss = -(target * network(x).log_softmax(1)).sum(1).mean()
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * _cycle(step / total)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        _average(averaged, network, min(recipe.average, step / (10 + step)))
        losses.append(float(loss.detach()))
        if step % per_epoch == 0:
            mean, accuracy = math.fsum(losses[-per_epoch:]) / per_epoch, judge(averaged)
            curve.append({"epoch": step // per_epoch, "loss": mean, "accuracy": accuracy})
        figures = {"loss": losses[-1]} | ({"accuracy": curve[-1]["accuracy"]} if curve else {})
        report(Progress("training", step, total, figures))
    return averaged, curve


def _cycle(done: float) -> float:
    """One cycle: up in a fifth of the training, then down to nothing (Smith, "Super-convergence", 2018)."""
    return done / 0.2 if done < 0.2 else (1 + math.cos(math.pi * (done - 0.2) / 0.8)) / 2


def _groups(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Weights decay; offsets and the scales of normalisation do not."""
    weights = [value for value in network.parameters() if value.ndim > 1]
    others = [value for value in network.parameters() if value.ndim <= 1]
    return [{"params": weights, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def _endless(stream: Stream, generator: Generator) -> Iterator[Tensor]:
    """Batches of rows, shuffled anew whenever all have been seen."""
    waiting = stream.rows[:0]
    while True:
        while len(waiting) < stream.in_batch:
            waiting = torch.cat([waiting, stream.rows[torch.randperm(len(stream.rows), generator=generator)]])
        yield waiting[: stream.in_batch]
        waiting = waiting[stream.in_batch :]


def _mix(x: Tensor, truth: Tensor, recipe: Recipe, generator: Generator) -> tuple[Tensor, Tensor]:
    """Labels smoothed, and each picture mixed with another of the batch (Zhang et al., "mixup", 2018)."""
    target = truth * (1 - recipe.smoothing) + recipe.smoothing / truth.shape[1]
    if not recipe.augmented:
        return x, target
    # A Beta(a, a) number from two Gamma(a) ones, because torch's Beta takes no generator.
    shape = torch.full((2,), recipe.mixup)
    gamma = torch._standard_gamma(shape, generator=generator)
    share = float(gamma.max() / gamma.sum().clamp(min=1e-30))
    other = torch.randperm(len(x), generator=generator)
    return share * x + (1 - share) * x[other], share * target + (1 - share) * target[other]


@torch.no_grad()
def _average(averaged: nn.Module, network: nn.Module, keep: float) -> None:
    """Move the running mean towards the network, its running statistics included."""
    for mean, value in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.mul_(keep).add_(value, alpha=1 - keep)
        else:
            mean.copy_(value)
