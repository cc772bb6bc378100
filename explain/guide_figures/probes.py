"""Small questions to a network: what it answers for changed pictures."""

from __future__ import annotations

import numpy as np

from explain.pictures import as_tensor, baseline
from models.spec import HasNetwork


def covered(picture: np.ndarray, left: int, top: int, side: int) -> np.ndarray:
    """A picture with a square window of its mean colour; cut at the edges.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
    left, top, side : int
        In pixels; not negative.
    """
    made, stand_in = picture.copy(), baseline(picture, "mean")
    window = slice(top, top + side), slice(left, left + side)
    made[window] = stand_in[window]
    return made


def logits(model: HasNetwork, pictures: np.ndarray) -> np.ndarray:
    """What a model with a network answers for pictures of shape (n, height, width, 3), (n, n_classes)."""
    import torch

    with torch.no_grad():
        return model.network(as_tensor(np.ascontiguousarray(pictures, dtype=np.float32))).double().numpy()
