"""A picture as a network takes it, and what can stand in for its pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.spec import ModelSpec

BASELINES = {
    "mean": "the picture's mean colour",
    "black": "black",
    "blurred": "the picture, blurred by an eighth of its side (standard deviation)",
}
# Standard deviation of the blurred baseline, as a share of the picture's side.
_BLUR = 1 / 8
# A pass takes at most this many pixels, 32 pictures of 96 px: memory stays bounded whatever is asked.
# It is a constant, not what the machine has free, so that the same question gives the same bits.
PIXELS_A_PASS = 300_000


def as_picture(spec: ModelSpec, x: np.ndarray) -> np.ndarray:
    """Check a picture and return it as a new array of shape (height, width, 3), float32.

    Raises
    ------
    ValueError
        If it has another size than the model takes, or a value outside [0, 1].
    """
    picture = np.array(x, dtype=np.float32, order="C")
    if picture.shape != (spec.image_size, spec.image_size, 3):
        raise ValueError(
            f"{spec.title} takes a picture of shape ({spec.image_size}, {spec.image_size}, 3), "
            f"not an array of shape {picture.shape}."
        )
    # Written so that it is false for what is not a number.
    if not (picture.min() >= 0 and picture.max() <= 1):
        raise ValueError(
            f"{spec.title} takes pictures with values from 0 to 1, "
            f"but these go from {picture.min()} to {picture.max()}."
        )
    return picture


def as_tensor(pictures: np.ndarray) -> Any:
    """Pictures of shape (n, height, width, 3) as a tensor of shape (n, 3, height, width), without a copy.

    In memory the channels stay last, which is what convolutions are fastest with on a CPU.
    """
    import torch

    return torch.from_numpy(pictures).permute(0, 3, 1, 2)


def baseline(picture: np.ndarray, name: str) -> np.ndarray:
    """What stands for absent pixels, ndarray of shape (height, width, 3), float32.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), float32
        The picture that is explained.
    name : str
        A key of `BASELINES`.
    """
    if name == "mean":
        colour = picture.mean(axis=(0, 1), dtype=np.float64)
        return np.broadcast_to(colour.astype(np.float32), picture.shape).copy()
    if name == "black":
        return np.zeros_like(picture)
    from scipy.ndimage import gaussian_filter

    sd = _BLUR * picture.shape[0]
    return gaussian_filter(picture, (sd, sd, 0), mode="nearest")


def pictures_a_pass(picture: np.ndarray) -> int:
    """How many pictures of this size go through the network at once."""
    return max(1, PIXELS_A_PASS // (picture.shape[0] * picture.shape[1]))
