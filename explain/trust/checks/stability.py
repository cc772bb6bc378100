"""Stability: how far does the map move when the picture changes by less than the eye sees?

C.-K. Yeh et al., "On the (in)fidelity and sensitivity of explanations", NeurIPS 2019, max-sensitivity:
the largest of ``|map(x + d) - map(x)|`` (Euclidean norms) over a few pictures near x. As in
``captum.metrics.sensitivity_max``, it is divided by ``|map(x)|``, so that maps in different units compare;
d is even noise in a ball of the largest norm, and an empty map's norm counts as 1. What leaves [0, 1] is
cut, because no method takes such a picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Radius of the ball, in the largest norm: 5 of 255 steps of each channel.
RADIUS = 0.02
SAMPLES = 4


def nearby(picture: np.ndarray, seed: int) -> list[np.ndarray]:
    """Four pictures near a picture, each of its shape, float32 in [0, 1].

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), in [0, 1]
    seed : int
        Decides the noise.
    """
    noise = np.random.default_rng(seed).uniform(-RADIUS, RADIUS, (SAMPLES, *picture.shape))
    return list(np.clip(picture + noise, 0, 1).astype(np.float32))


def max_sensitivity(values: np.ndarray, others: Sequence[np.ndarray]) -> float:
    """The largest relative change of a map, 0 or more: 0.1 means that a tenth of it moved.

    Parameters
    ----------
    values : ndarray of shape (height, width)
        The map.
    others : sequence of ndarray of shape (height, width)
        The same method's maps of pictures nearby.
    """
    size = float(np.linalg.norm(values)) or 1.0
    return max(float(np.linalg.norm(other - values)) for other in others) / size
