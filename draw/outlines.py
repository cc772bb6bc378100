"""The cut of a picture into patches, drawn so that it can be judged."""

from __future__ import annotations

import numpy as np


def outlined(picture: np.ndarray, parts: np.ndarray, times: int) -> np.ndarray:
    """An enlarged picture with a thin white line wherever one patch meets another.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), in [0, 1]
    parts : ndarray of shape (height, width)
        The number of each pixel's patch.
    times : int
        Every pixel becomes a square of this side, so that a line is thinner than a pixel.

    Returns
    -------
    ndarray of shape (times * height, times * width, 3), float32 in [0, 1]
    """
    drawn, large = (plane.repeat(times, axis=0).repeat(times, axis=1) for plane in (picture, parts))
    made = drawn.astype(np.float32)
    made[:, 1:][large[:, 1:] != large[:, :-1]] = 1
    made[1:][large[1:] != large[:-1]] = 1
    return made
