"""A model of the bakery's classes that is a weighted sum of pixels, and effects of parts made by hand."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from data import bakery
from data.bakery import Part
from explain.truth.part_effects import PartEffects
from models.spec import ModelSpec

SIDE = 40
SPEC = ModelSpec("toy", "Toy scenes", "image", bakery.KINDS, (), SIDE, frozenset({"gradients"}))


class Sums(nn.Module):
    """The logit of muffin is the sum of weight times pixel, that of chihuahua its negative.

    ``seen`` counts the pictures that went through.
    """

    def __init__(self, weights):
        super().__init__()
        planes = torch.from_numpy(np.ascontiguousarray(weights.transpose(2, 0, 1), dtype=np.float32))
        self.register_buffer("weights", planes)
        self.seen = 0

    def forward(self, x):
        self.seen += len(x)
        muffin = (x * self.weights).sum((1, 2, 3))
        return torch.stack([-muffin, muffin], dim=1)


class ToyScenes:
    """The sum as a `Model` with `HasNetwork`; weights of shape (side, side, 3)."""

    spec = SPEC

    def __init__(self, weights):
        self.network = Sums(weights).eval()

    def predict_proba(self, batch):
        pixels = torch.from_numpy(np.ascontiguousarray(batch, dtype=np.float32)).permute(0, 3, 1, 2)
        with torch.no_grad():
            return self.network(pixels).double().softmax(1).numpy()


def reader_of(part: Part, scene) -> tuple[ToyScenes, np.ndarray]:
    """A model that sees the mean brightness of one part, away from its outline, and nothing else."""
    from scipy.ndimage import binary_erosion

    inner = binary_erosion(bakery.render(scene, SIDE).mask == part, np.ones((3, 3)))
    assert inner.sum() >= 4
    weights = np.repeat(inner[..., None], 3, axis=2) / (3 * inner.sum())
    return ToyScenes(20 * weights), 20 * weights


def effects_by_hand(effects, rows=None, kind="muffin") -> PartEffects:
    """Parts that are bands of whole rows of a picture of 10 by 10 pixels; all ten rows belong to one."""
    n = len(effects)
    rows = rows or [*[10 // n] * (n - 1), 10 - 10 // n * (n - 1)]
    assert sum(rows) == 10
    ends = np.cumsum(rows)
    masks = np.zeros((n, 10, 10), dtype=bool)
    for mask, end, high in zip(masks, ends, rows, strict=True):
        mask[end - high : end] = True
    return PartEffects(
        kind=kind,
        interventions=bakery.INTERVENTIONS[kind][:n],
        target=1,
        output=1.0,
        effects=np.array(effects, dtype=float),
        probabilities=np.full((n + 1, 2), 0.5),
        pictures=np.zeros((n + 1, 10, 10, 3), dtype=np.float32),
        masks=masks,
        shares=masks.mean(axis=(1, 2)),
        outside=np.zeros(n),
    )


def map_with(parts: PartEffects, masses) -> np.ndarray:
    """A map whose values add up to these masses, spread evenly over each part."""
    values = np.zeros(parts.masks.shape[1:])
    for mask, mass in zip(parts.masks, masses, strict=True):
        values[mask] = mass / mask.sum()
    return values
